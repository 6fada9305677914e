import { addMillis, DAY_MS, HOUR_MS, type Timestamp } from '../../../domain/time';
import {
  afterFailure,
  afterHold,
  afterSuccess,
  isGivenUp,
  isResting,
  leftAloneUntil,
  NEW_ENDPOINT_HEALTH,
} from '../../../domain/webhooks/endpointHealth';

const START: Timestamp = '2026-02-01T12:00:00.000Z';
const later = (ms: number) => addMillis(START, ms);

function failAt(times: readonly Timestamp[]) {
  return times.reduce((health, at) => afterFailure(health, at, addMillis(at, 5_000)), NEW_ENDPOINT_HEALTH);
}

it('rests after the fifth failure in a row, until what failed is tried again', () => {
  const times = [0, 1, 2, 3].map((second) => later(second * 1_000));
  expect(isResting(failAt(times))).toBe(false);
  const resting = failAt([...times, later(4_000)]);
  expect(isResting(resting)).toBe(true);
  expect(leftAloneUntil(resting, later(5_000))).toBe(later(9_000));
  expect(leftAloneUntil(resting, later(9_000))).toBeNull();
});

it('forgets every failure with the first success', () => {
  const health = afterSuccess(later(10_000));
  expect(health).toEqual({ ...NEW_ENDPOINT_HEALTH, lastSuccessAt: later(10_000) });
});

it('is left alone for as long as it asks, which counts no failure in a row', () => {
  const health = afterHold(NEW_ENDPOINT_HEALTH, START, later(HOUR_MS));
  expect(health.failuresInARow).toBe(0);
  expect(leftAloneUntil(health, later(1_000))).toBe(later(HOUR_MS));
});

it('is left alone until the later of both ends', () => {
  const resting = failAt([0, 1, 2, 3, 4].map((second) => later(second * 1_000)));
  expect(leftAloneUntil(afterHold(resting, later(5_000), later(60_000)), later(6_000))).toBe(later(60_000));
});

it.each([
  ['failures of five days', [0, 12, 24, 60, 120], true],
  ['failures of less than five days', [0, 12, 24, 60, 119.9], false],
  ['two bad moments five days apart', [0, 0.1, 120, 120.1], false],
  ['three bad moments, the last after five days', [0, 12, 120], true],
])('gives an endpoint up after %s: %s', (_, hours, expected) => {
  expect(isGivenUp(failAt(hours.map((hour) => later(hour * HOUR_MS))))).toBe(expected);
});

it('gives nobody up who has answered well within the five days', () => {
  const health = [3 * DAY_MS, 4 * DAY_MS, 6 * DAY_MS].reduce(
    (current, ms) => afterFailure(current, later(ms), later(ms + 5_000)),
    afterSuccess(later(2 * DAY_MS)),
  );
  expect(isGivenUp(health)).toBe(false);
});
