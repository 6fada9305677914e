import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 1_000;

/** In the form of Node's own errors of connections: by it Postgres counts as away (db/errors.ts). */
export function databaseAway(): Error {
  return Object.assign(new Error('Postgres does not answer in time.'), { code: 'ETIMEDOUT' });
}

/** What Postgres answers, if it does so within a second: for whom there is a way without it. @throws `databaseAway` when it takes longer. */
export async function withPatience<T>(asking: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const impatience = delay(PATIENCE_MS, undefined, { signal: timer.signal }).then(() => {
    throw databaseAway();
  });
  try {
    return await Promise.race([asking, impatience]);
  } finally {
    timer.abort();
    // Whichever comes second is of no interest any more.
    impatience.catch(() => undefined);
    asking.catch(() => undefined);
  }
}
