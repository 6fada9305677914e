import type { Db } from '../db/connection';
import { countJobsSince } from '../db/indexableJobs';
import { learnWords } from '../db/searchWords';
import { reindexJobsAfter } from '../db/reindexJobs';
import { readVersions } from '../db/jobIndexState';
import { JOB_COLUMNS, type StoredJobRow, toJob } from '../db/jobRows';
import { allOf, type Condition, readScopeConditions } from '../db/readScope';
import type { Job } from '../domain/job';
import type { WalkSort } from '../domain/jobFilter';
import { decodeCursor, encodeCursor } from './cursor';
import { countFacets } from './postgresFacets';
import { filterConditions } from './postgresFilter';
import { ORDERS, type PageRow } from './postgresOrder';
import { readRelevantIds } from './postgresRelevance';
import { MAX_EXACT_TOTAL, type SearchIndex, type SearchRequest, type SearchResult } from './searchIndex';

const PAGE_COLUMNS = [...JOB_COLUMNS, 'budget_amount', 'ingested_transaction', 'ingested_number'].join(', ');
/** Few and narrow, for an offset may have ten thousand rows sorted before it drops them. */
const ORDER_COLUMNS = 'id, posted_on, last_visited_at, budget_amount, ingested_transaction, ingested_number';

/** Search in Postgres itself, over the `jobs` table and the search vector in it. */
export function createPostgresIndex(db: Db): SearchIndex {
  return {
    search: (request) => search(db, request),
    facets: (request) => countFacets(db, request),
    // The vector is a column of the job, written by the transaction that publishes it: what is committed can be found.
    upsert: async (jobIds) => {
      await learnWords(db, jobIds);
      return readVersions(db, jobIds);
    },
    remove: () => Promise.resolve(),
    // It is rebuilt in place: each job is right before and after.
    beginRebuild: async () => ({ name: 'jobs', jobs: await countJobsSince(db, null) }),
    fillRebuild: (_name, afterId) => reindexJobsAfter(db, afterId),
    finishRebuild: () => Promise.resolve(),
    check: () => Promise.resolve('whole'),
    compare: () => Promise.resolve(0),
  };
}

type Walk = SearchRequest & { sort: WalkSort };

async function search(db: Db, request: SearchRequest): Promise<SearchResult> {
  const { filter, scope, sort } = request;
  const matching = allOf([...filterConditions(filter), ...readScopeConditions(scope)]);
  return sort === 'relevance'
    ? await rank(db, matching, request)
    : await walk(db, matching, { ...request, sort });
}

/** Without an expression there is nothing to rank by: the newest come first. */
async function rank(db: Db, matching: Condition, request: SearchRequest): Promise<SearchResult> {
  const { filter, start, limit } = request;
  if (!filter.search || 'cursor' in start) {
    return await walk(db, matching, { ...request, sort: 'posted_on_desc' });
  }
  const ids = await readRelevantIds(db, {
    matching,
    expression: filter.search,
    searchIn: filter.searchIn,
    offset: start.offset,
    limit: limit + 1,
  });
  const jobs = await readJobs(db, ids.slice(0, limit));
  const total =
    (ids.length <= limit ? totalWithoutCount(start, ids.length) : null) ?? (await countMatches(db, matching));
  return { jobs, ...boundedTotal(total), nextCursor: null, engine: 'postgres' };
}

async function walk(db: Db, filtered: Condition, request: Walk): Promise<SearchResult> {
  const { sort, start, limit } = request;
  const { restriction } = ORDERS[sort];
  const matching = restriction === null ? filtered : allOf([filtered, { sql: restriction, bindings: [] }]);
  const rows = await readPage(db, matching, request);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit;

  const total = rows[0]?.total ?? totalWithoutCount(start, page.length) ?? (await countMatches(db, matching));
  return {
    jobs: page.map((row) => toJob(row)),
    ...boundedTotal(total),
    nextCursor: hasMore && last ? encodeCursor(sort, ORDERS[sort].place(last)) : null,
    engine: 'postgres',
  };
}

function boundedTotal(total: number): Pick<SearchResult, 'total' | 'totalIsExact'> {
  return { total: Math.min(total, MAX_EXACT_TOTAL), totalIsExact: total <= MAX_EXACT_TOTAL };
}

/** The jobs with these ids, in their order. */
async function readJobs(db: Db, ids: readonly string[]): Promise<Job[]> {
  const { rows } = await db.raw<{ rows: StoredJobRow[] }>(
    `select ${JOB_COLUMNS.join(', ')} from unnest(?::text[]) with ordinality as wanted (wanted_id, place)
     join jobs on jobs.id = wanted_id order by place`,
    [[...ids]],
  );
  return rows.map((row) => toJob(row));
}

/** The total that the last page of a walk by offset tells of itself. */
function totalWithoutCount(start: SearchRequest['start'], pageLength: number): number | null {
  if ('cursor' in start || (pageLength === 0 && start.offset > 0)) return null;
  return start.offset + pageLength;
}

/**
 * One row more than asked for, which tells whether another page follows. Matches are counted in the same round trip, but only
 * when the page itself does not tell the total.
 */
async function readPage(
  db: Db,
  matching: Condition,
  { sort, start, limit }: Walk,
): Promise<(PageRow & { total: number | null })[]> {
  const { orderBy, parts } = ORDERS[sort];
  const place = 'cursor' in start ? decodeCursor(sort, start.cursor) : null;
  const offset = 'cursor' in start ? 0 : start.offset;
  const needed = offset + limit + 1;

  const selects = parts(place).map((part, number) => {
    const { sql, bindings } = allOf([matching, part, ...(number > 0 ? [isShort(number - 1, needed)] : [])]);
    const select = `select ${ORDER_COLUMNS} from jobs where ${sql} order by ${part.orderBy} limit ?`;
    return { sql: `part_${number} as (${select})`, bindings: [...bindings, needed] };
  });
  const candidates = selects.map((_, number) => `select * from part_${number}`).join(' union all ');
  const counted = countStatement(matching);
  const { rows } = await db.raw<{ rows: (PageRow & { total: number | null })[] }>(
    `with ${selects.map(({ sql }) => sql).join(', ')},
     page as materialized (
       select id from (${candidates}) as candidates order by ${orderBy} limit ? offset ?
     )
     select ${PAGE_COLUMNS}, case when ?::boolean or (select count(*) from page) > ? then (${counted.sql}) end as total
     from page join jobs using (id) order by ${orderBy}`,
    [
      ...selects.flatMap(({ bindings }) => bindings),
      limit + 1,
      offset,
      'cursor' in start,
      limit,
      ...counted.bindings,
    ],
  );
  return rows;
}

/** Keeps Postgres from reading a part that the parts before it make needless. */
function isShort(part: number, needed: number): Condition {
  return { sql: `(select count(*) from part_${part}) < ?`, bindings: [needed] };
}

function countStatement(matching: Condition): Condition {
  return {
    sql: `select count(*) from (select from jobs where ${matching.sql} limit ?) as counted`,
    bindings: [...matching.bindings, MAX_EXACT_TOTAL + 1],
  };
}

async function countMatches(db: Db, matching: Condition): Promise<number> {
  const { sql, bindings } = countStatement(matching);
  const { rows } = await db.raw<{ rows: { count: number }[] }>(sql, bindings);
  return rows[0]?.count ?? 0;
}
