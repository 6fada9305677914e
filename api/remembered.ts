import { toMillis, type Timestamp } from '../domain/time';

/**
 * Gives what was read at most `maxAgeMs` ago, else reads it anew: however many ask, there is one reading at a time, and who asks
 * meanwhile waits for it. A reading that fails is not remembered.
 */
export function remembered<T>(
  read: () => Promise<T>,
  { maxAgeMs, now }: { maxAgeMs: number; now: () => Timestamp },
): () => Promise<T> {
  let latest: { value: T; readAtMs: number } | undefined;
  let underWay: Promise<T> | undefined;

  async function readAnew(): Promise<T> {
    const readAtMs = toMillis(now());
    try {
      const value = await read();
      latest = { value, readAtMs };
      return value;
    } finally {
      underWay = undefined;
    }
  }

  return async () => {
    const ageMs = latest && toMillis(now()) - latest.readAtMs;
    // A clock that was set back makes it of no known age.
    if (latest && ageMs !== undefined && ageMs >= 0 && ageMs <= maxAgeMs) return latest.value;
    underWay ??= readAnew();
    return await underWay;
  };
}
