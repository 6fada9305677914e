const MINUTE_S = 60;
const HOUR_S = 3_600;

/** Each counted from the attempt before: 27 hours and 35 minutes in all. */
export const DEFAULT_RETRY_SECONDS: readonly number[] = [
  5,
  5 * MINUTE_S,
  30 * MINUTE_S,
  2 * HOUR_S,
  5 * HOUR_S,
  10 * HOUR_S,
  10 * HOUR_S,
];

/** By how much a delay may be longer, so that what failed together does not come back together. */
const MAX_JITTER = 0.2;

/**
 * Milliseconds until the attempt after the one of that number (from 1); null: that was the last.
 * @param chance 0 to 1: how much of the jitter is added.
 */
export function retryDelayMs(tries: number, chance: number, seconds = DEFAULT_RETRY_SECONDS): number | null {
  const delay = seconds[tries - 1];
  return delay === undefined ? null : Math.round(delay * 1_000 * (1 + MAX_JITTER * chance));
}
