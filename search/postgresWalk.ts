import { readUntilAborted } from '../db/abandonedReads';
import type { Db } from '../db/connection';
import { JOB_COLUMNS, toJob } from '../db/jobRows';
import { allOf, type Condition, readScopeConditions } from '../db/readScope';
import { AppError } from '../domain/errors';
import type { Job } from '../domain/job';
import type { ExportStart, JobFilter, WalkSort } from '../domain/jobFilter';
import type { ReadScope } from '../domain/readScope';
import { decodeCursor, type Place } from './cursor';
import { filterConditions } from './postgresFilter';
import { ORDERS, type PageRow } from './postgresOrder';

/** Many enough that asking costs little beside reading, few enough that two pages in memory weigh little. */
const ROWS_PER_PAGE = 1_000;
const PLACE_COLUMNS = 'id, posted_on, last_visited_at, budget_amount, ingested_transaction, ingested_number';
const PAGE_COLUMNS = [...JOB_COLUMNS, 'budget_amount', 'ingested_transaction', 'ingested_number'].join(', ');

/** All jobs that match, in an order, from a place on. */
export interface Walk {
  filter: JobFilter;
  sort: WalkSort;
  scope: ReadScope;
  /** The walk begins behind it; null at the first row. */
  after: Place | null;
}

/**
 * The place that a walk begins behind; null for the first row.
 * @throws AppError `invalid_parameter` on `cursor` or `after_id`.
 */
export async function findStart(
  db: Db,
  { sort, start }: { sort: WalkSort; start: ExportStart },
): Promise<Place | null> {
  if (start === 'first') return null;
  if ('cursor' in start) return decodeCursor(sort, start.cursor).place;
  const { rows } = await db.raw<{ rows: PageRow[] }>(`select ${PLACE_COLUMNS} from jobs where id = ?`, [
    start.afterId,
  ]);
  if (rows[0]) return ORDERS[sort].place(rows[0]);
  const message = 'There is no job of this id, or none any more: go on behind the row before it.';
  throw new AppError('invalid_parameter', message, {
    faults: [{ parameter: 'after_id', message, received: start.afterId.slice(0, 100) }],
  });
}

/** How many jobs a walk has before it, counted up to `max`. */
export async function countAhead(db: Db, walk: Walk, max: number, signal: AbortSignal): Promise<number> {
  return readUntilAborted(db, signal, async (transaction) => {
    let counted = 0;
    for (const part of ORDERS[walk.sort].parts(walk.after)) {
      const { sql, bindings } = allOf([matching(walk), part]);
      const { rows } = await transaction.raw<{ rows: { count: number }[] }>(
        `select count(*) from (select from jobs where ${sql} limit ?) as counted`,
        [...bindings, max - counted],
      );
      counted += rows[0]?.count ?? 0;
    }
    return counted;
  });
}

/**
 * The jobs of a walk, up to `maxRows`, page by page. Each page is a statement of its own that begins behind the last row of the page
 * before: between pages there is no connection and no snapshot that a slow reader would hold. The next page is read while the
 * one before is used.
 */
export async function* walkPages(
  db: Db,
  walk: Walk,
  maxRows: number,
  signal: AbortSignal,
): AsyncGenerator<Job[]> {
  let left = maxRows;
  let next: Promise<Page> | null = readPage(db, walk, left, signal);
  while (next) {
    const page: Page = await next;
    left -= page.jobs.length;
    next = page.rest && left > 0 ? readPage(db, page.rest, left, signal) : null;
    // It is awaited in the next round, or by nobody when the reader goes: no failure of it is unhandled.
    next?.catch(() => undefined);
    if (page.jobs.length > 0) yield page.jobs;
  }
}

interface Page {
  jobs: Job[];
  /** The walk behind it; null when there is no more. */
  rest: Walk | null;
}

async function readPage(db: Db, walk: Walk, maxRows: number, signal: AbortSignal): Promise<Page> {
  const { place, parts } = ORDERS[walk.sort];
  const limit = Math.min(maxRows, ROWS_PER_PAGE);
  return readUntilAborted(db, signal, async (transaction) => {
    const jobs: Job[] = [];
    let last: PageRow | undefined;
    for (const part of parts(walk.after)) {
      if (jobs.length === limit) break;
      const { sql, bindings } = allOf([matching(walk), part]);
      const { rows } = await transaction.raw<{ rows: PageRow[] }>(
        `select ${PAGE_COLUMNS} from jobs where ${sql} order by ${part.orderBy} limit ?`,
        [...bindings, limit - jobs.length],
      );
      jobs.push(...rows.map((row) => toJob(row)));
      last = rows.at(-1) ?? last;
    }
    return { jobs, rest: last && jobs.length === limit ? { ...walk, after: place(last) } : null };
  });
}

function matching({ filter, scope, sort }: Walk): Condition {
  const { restriction } = ORDERS[sort];
  return allOf([
    ...filterConditions(filter),
    ...readScopeConditions(scope),
    ...(restriction === null ? [] : [{ sql: restriction, bindings: [] }]),
  ]);
}
