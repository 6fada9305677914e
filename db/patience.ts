import { withinTime } from './deadline';

const PATIENCE_MS = 1_000;
const LATE = Symbol('late');

/** In the form of Node's own errors of connections: by it Postgres counts as away (errors.ts). */
export function databaseAway(): Error {
  return Object.assign(new Error('Postgres does not answer in time.'), { code: 'ETIMEDOUT' });
}

/** What Postgres answers, if it does so within a second: for whom there is a way without it. @throws `databaseAway` when it takes longer. */
export async function withPatience<T>(asking: Promise<T>): Promise<T> {
  // Nobody hears of a failure that comes later.
  asking.catch(() => undefined);
  const answer = await withinTime(asking, PATIENCE_MS, LATE);
  if (answer === LATE) throw databaseAway();
  return answer;
}
