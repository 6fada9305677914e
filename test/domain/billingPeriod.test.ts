import fc from 'fast-check';
import { billingPeriodAt } from '../../domain/billingPeriod';
import { addMillis, toTimestamp } from '../../domain/time';

describe('billing periods', () => {
  it('begin at the anchor, to the second, and end a month later', () => {
    expect(billingPeriodAt('2026-01-15T10:20:30.000Z', '2026-01-15T10:20:30.000Z')).toEqual({
      startsAt: '2026-01-15T10:20:30.000Z',
      endsAt: '2026-02-15T10:20:30.000Z',
    });
  });

  it('hold the last moment before their end, and not the end', () => {
    const anchor = '2026-01-15T10:20:30.000Z';
    expect(billingPeriodAt(anchor, '2026-02-15T10:20:29.999Z').startsAt).toBe(anchor);
    expect(billingPeriodAt(anchor, '2026-02-15T10:20:30.000Z').startsAt).toBe('2026-02-15T10:20:30.000Z');
  });

  it.each([
    ['2026-02-10T00:00:00.000Z', '2026-01-31T00:00:00.000Z', '2026-02-28T00:00:00.000Z'],
    ['2026-03-01T00:00:00.000Z', '2026-02-28T00:00:00.000Z', '2026-03-31T00:00:00.000Z'],
    ['2026-04-30T12:00:00.000Z', '2026-04-30T00:00:00.000Z', '2026-05-31T00:00:00.000Z'],
    ['2028-02-29T00:00:00.000Z', '2028-02-29T00:00:00.000Z', '2028-03-31T00:00:00.000Z'],
  ])('anchored to a 31st, that of %s runs from %s to %s', (moment, startsAt, endsAt) => {
    expect(billingPeriodAt('2026-01-31T00:00:00.000Z', moment)).toEqual({ startsAt, endsAt });
  });

  it('follow one another without a gap and hold every moment once', () => {
    const time = fc
      .integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) })
      .map((ms) => toTimestamp(ms));
    fc.assert(
      fc.property(time, time, (anchor, moment) => {
        const period = billingPeriodAt(anchor, moment);
        expect(period.startsAt <= moment && moment < period.endsAt).toBe(true);
        expect(billingPeriodAt(anchor, period.endsAt).startsAt).toBe(period.endsAt);
        expect(billingPeriodAt(anchor, addMillis(period.startsAt, -1)).endsAt).toBe(period.startsAt);
      }),
    );
  });
});
