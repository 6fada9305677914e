import { AppError } from '../domain/errors';
import { toMillis, type Timestamp } from '../domain/time';
import { withinTime } from '../db/deadline';

export interface RememberedOptions {
  maxAgeMs: number;
  /** A reading that takes longer has failed, and does not stand in the way of the next. */
  deadlineMs: number;
  now: () => Timestamp;
}

/**
 * Gives what was read at most `maxAgeMs` ago, else reads it anew: however many ask, there is one reading at a time, and who asks
 * meanwhile waits for it. A reading that fails is not remembered.
 * @throws AppError `unavailable` when reading takes too long, and whatever the reading throws.
 */
export function remembered<T>(
  read: () => Promise<T>,
  { maxAgeMs, deadlineMs, now }: RememberedOptions,
): () => Promise<T> {
  let latest: { value: T; readAtMs: number } | undefined;
  let underWay: Promise<T> | undefined;

  async function readAnew(): Promise<T> {
    const readAtMs = toMillis(now());
    const outcome = await withinTime(
      read().then((value) => ({ value })),
      deadlineMs,
      null,
    );
    if (outcome === null) throw new AppError('unavailable', 'This took too long to find out just now.');
    latest = { ...outcome, readAtMs };
    return outcome.value;
  }

  return async () => {
    const ageMs = latest && toMillis(now()) - latest.readAtMs;
    // A clock that was set back makes it of no known age.
    if (latest && ageMs !== undefined && ageMs >= 0 && ageMs <= maxAgeMs) return latest.value;
    underWay ??= readAnew().finally(() => (underWay = undefined));
    return await underWay;
  };
}
