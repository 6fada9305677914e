import { addMillis, DAY_MS, HOUR_MS, type Timestamp, toMillis } from '../time';

/** After so many failures in a row an endpoint rests: only its oldest delivery is tried, until the first success. */
const FAILURES_BEFORE_REST = 5;
const DISABLED_AFTER_MS = 5 * DAY_MS;
/** One bad hour five days ago and another today are no five days of failure: failures are told apart by this. */
const SPACED_BY_MS = 12 * HOUR_MS;
const MIN_SPACED_FAILURES = 3;

/** How an endpoint has been answering. */
export interface EndpointHealth {
  failuresInARow: number;
  /** The first failure since the latest success. */
  failingSince: Timestamp | null;
  /** Failures since then that lie twelve hours apart, and the latest of these. */
  spacedFailures: number;
  spacedFailureAt: Timestamp | null;
  lastSuccessAt: Timestamp | null;
  lastFailureAt: Timestamp | null;
  /** It is left alone until then, having failed again and again. */
  restingUntil: Timestamp | null;
  /** It is left alone until then, having asked for it. */
  heldUntil: Timestamp | null;
}

export const NEW_ENDPOINT_HEALTH: EndpointHealth = {
  failuresInARow: 0,
  failingSince: null,
  spacedFailures: 0,
  spacedFailureAt: null,
  lastSuccessAt: null,
  lastFailureAt: null,
  restingUntil: null,
  heldUntil: null,
};

export function afterSuccess(at: Timestamp): EndpointHealth {
  return { ...NEW_ENDPOINT_HEALTH, lastSuccessAt: at };
}

/** @param nextTryAt When what failed is tried again: an endpoint that rests is not tried before. */
export function afterFailure(health: EndpointHealth, at: Timestamp, nextTryAt: Timestamp): EndpointHealth {
  const failing = noteFailure(health, at);
  const failuresInARow = health.failuresInARow + 1;
  return {
    ...failing,
    failuresInARow,
    restingUntil: failuresInARow >= FAILURES_BEFORE_REST ? nextTryAt : null,
  };
}

/** It answered that it is to be left alone: no success, and no attempt either. */
export function afterHold(health: EndpointHealth, at: Timestamp, until: Timestamp): EndpointHealth {
  return { ...noteFailure(health, at), heldUntil: until };
}

function noteFailure(health: EndpointHealth, at: Timestamp): EndpointHealth {
  const { spacedFailureAt } = health;
  const isSpaced = spacedFailureAt === null || toMillis(at) - toMillis(spacedFailureAt) >= SPACED_BY_MS;
  return {
    ...health,
    failingSince: health.failingSince ?? at,
    spacedFailures: health.spacedFailures + (isSpaced ? 1 : 0),
    spacedFailureAt: isSpaced ? at : spacedFailureAt,
    lastFailureAt: at,
  };
}

export function isResting({ failuresInARow }: EndpointHealth): boolean {
  return failuresInARow >= FAILURES_BEFORE_REST;
}

/** Whether it has failed for so long that it is to be disabled. */
export function isGivenUp({ failingSince, lastFailureAt, spacedFailures }: EndpointHealth): boolean {
  return (
    failingSince !== null &&
    lastFailureAt !== null &&
    spacedFailures >= MIN_SPACED_FAILURES &&
    lastFailureAt >= addMillis(failingSince, DISABLED_AFTER_MS)
  );
}

/** Until when it is left alone at `now`; null: it may be sent to. */
export function leftAloneUntil(
  { restingUntil, heldUntil }: EndpointHealth,
  now: Timestamp,
): Timestamp | null {
  const ends = [restingUntil, heldUntil].filter((end) => end !== null && end > now);
  return ends.reduce<Timestamp | null>(
    (latest, end) => (latest === null || (end !== null && end > latest) ? end : latest),
    null,
  );
}
