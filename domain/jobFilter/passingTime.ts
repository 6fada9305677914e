import type { Job } from '../job';
import type { Plan } from '../plan';
import { addMillis, DAY_MS, type Timestamp } from '../time';
import type { JobFilter, MovingBounds } from './filter';
import type { ParsedJobQuery } from './parseJobQuery';

/** Rows that are not on the page age too, and are counted in the total. */
const MAX_AGE_MS = 60_000;
/** Where time alone brings jobs in, the answer does not tell when the next one comes. */
const MAX_AGE_WHERE_JOBS_ENTER_MS = 1_000;

/** The query in a form that is the same whenever it is asked: bounds that move stand as spans. For comparing, not for searching. */
export function timelessQuery(query: ParsedJobQuery): object {
  return { ...query, filter: { ...query.filter, ...query.movingBounds } };
}

/** A filter as it is kept: whenever it is used, `filterAt` brings it up to date. */
export interface KeptFilter {
  filter: JobFilter;
  movingBounds: MovingBounds;
}

/** The filter as of `now`: bounds that move stand where they have moved to. */
export function filterAt({ filter, movingBounds }: KeptFilter, now: Timestamp): JobFilter {
  const moved = Object.entries(movingBounds).map(([bound, spanMs]) => [bound, addMillis(now, -spanMs)]);
  return { ...filter, ...Object.fromEntries(moved) } as JobFilter;
}

/**
 * The last moment at which the answer found at `now` may be given, as far as time alone decides: every one of its jobs is still
 * inside the plan's window and the bounds that move.
 */
export function holdsUntil(
  jobs: readonly Job[],
  { movingBounds }: Pick<ParsedJobQuery, 'movingBounds'>,
  { retention_days }: Pick<Plan, 'retention_days'>,
  now: Timestamp,
): Timestamp {
  const { postedAfter, postedBefore, lastVisitedAfter, updatedAfter } = movingBounds;
  const retentionMs = retention_days === null ? undefined : retention_days * DAY_MS;
  return [
    addMillis(now, postedBefore === undefined ? MAX_AGE_MS : MAX_AGE_WHERE_JOBS_ENTER_MS),
    ...leaves(jobs, 'postedOn', retentionMs),
    ...leaves(jobs, 'postedOn', postedAfter),
    ...leaves(jobs, 'lastVisitedAt', lastVisitedAfter),
    ...leaves(jobs, 'updatedAt', updatedAfter),
  ].reduce(earlier);
}

/** When the first of the jobs is older than the span; nothing when none ever is. */
function leaves(
  jobs: readonly Job[],
  time: 'postedOn' | 'lastVisitedAt' | 'updatedAt',
  spanMs: number | undefined,
): Timestamp[] {
  if (jobs.length === 0 || spanMs === undefined) return [];
  return [addMillis(jobs.map((job) => job[time]).reduce(earlier), spanMs)];
}

function earlier(left: Timestamp, right: Timestamp): Timestamp {
  return left < right ? left : right;
}
