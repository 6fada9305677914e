import type { Db } from '../db/connection';
import { countJobsSince } from '../db/indexableJobs';
import { readVersions } from '../db/jobIndexState';
import { JOB_COLUMNS, type StoredJobRow, toJob } from '../db/jobRows';
import { allOf, type Condition, readScopeConditions } from '../db/readScope';
import { reindexJobsAfter } from '../db/reindexJobs';
import { learnWords } from '../db/searchWords';
import type { Job } from '../domain/job';
import type { WalkSort } from '../domain/jobFilter';
import { type Timestamp, toTimestamp } from '../domain/time';
import { decodeCursor, encodeCursor, type WalkTotal } from './cursor';
import { createProfileReader, type Direction, type PostingProfile, type TimeWindow } from './postingTimes';
import { countFacets } from './postgresFacets';
import { filterConditions } from './postgresFilter';
import { ORDERS } from './postgresOrder';
import { readPage } from './postgresPage';
import { MAX_RANKED, readRelevantIds } from './postgresRelevance';
import { isIndexedCondition, readAlongTime, readNewestIds, takeSample } from './postgresTimeWalk';
import {
  countAlone,
  countSome,
  createEstimateStore,
  type EstimateStore,
  estimateTotal,
  type Sample,
  SAMPLE_SIZE,
} from './postgresTotal';
import type { SearchIndex, SearchRequest, SearchResult } from './searchIndex';

interface PostgresIndexOptions {
  /** Milliseconds of a clock that never goes back. */
  clock?: () => number;
  now?: () => Timestamp;
  windows?: WindowSettings;
}

/** When and how the jobs are read in windows of time (postingTimes.ts). */
interface WindowSettings {
  /** Tables with fewer jobs are read as a whole: windows would cost more than they save. */
  minJobs: number;
  /** Jobs in the first window for each that is needed. */
  jobsPerNeeded: number;
}

/** The first window is enough for what one job in eighty has. */
const USUAL_WINDOWS: WindowSettings = { minJobs: 5_000, jobsPerNeeded: 80 };

/** Search in Postgres itself, over the `jobs` table and the search vector in it. */
export function createPostgresIndex(
  db: Db,
  {
    clock = () => performance.now(),
    now = () => toTimestamp(Date.now()),
    windows = USUAL_WINDOWS,
  }: PostgresIndexOptions = {},
): SearchIndex {
  const { minJobs, jobsPerNeeded } = windows;
  const readProfile = createProfileReader(db, { clock, minJobs });
  const estimates = createEstimateStore();
  return {
    search: async (request) =>
      search({ db, profile: await readProfile(), estimates, jobsPerNeeded, now: now() }, request),
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

interface Circumstances {
  db: Db;
  profile: PostingProfile | null;
  estimates: EstimateStore;
  jobsPerNeeded: number;
  now: Timestamp;
}

/** A request as conditions: those on the posting time apart from all others. */
interface CompiledRequest {
  matching: Condition;
  range: TimeWindow;
  /** Of the times, for walks along them; null where reading in windows of time saves nothing. */
  profile: PostingProfile | null;
}

async function search(circumstances: Circumstances, request: SearchRequest): Promise<SearchResult> {
  const compiled = compile(circumstances, request);
  switch (request.sort) {
    case 'relevance':
      return await rank(circumstances, compiled, request);
    case 'posted_on_desc':
    case 'posted_on_asc':
      return await walkTime(circumstances, compiled, { ...request, sort: request.sort });
    default:
      return await walk(circumstances, compiled, { ...request, sort: request.sort });
  }
}

function compile({ profile }: Circumstances, { filter, scope }: SearchRequest): CompiledRequest {
  const { postedAfter = null, postedBefore = null, ...others } = filter;
  const since = [postedAfter, scope.postedSince].filter((time) => time !== null).sort();
  return {
    matching: allOf([...filterConditions(others), ...readScopeConditions({ ...scope, postedSince: null })]),
    range: { from: since.at(-1) ?? null, to: postedBefore },
    profile: isIndexedCondition(filter) ? profile : null,
  };
}

/** All conditions, for what does not go along the posting time. */
function wholly({ matching, range: { from, to } }: CompiledRequest): Condition {
  return allOf([
    matching,
    ...(from === null ? [] : [{ sql: 'posted_on >= ?::timestamptz', bindings: [from] }]),
    ...(to === null ? [] : [{ sql: 'posted_on < ?::timestamptz', bindings: [to] }]),
  ]);
}

/** Without an expression there is nothing to rank by: the newest come first. */
async function rank(
  circumstances: Circumstances,
  compiled: CompiledRequest,
  request: SearchRequest,
): Promise<SearchResult> {
  const { filter, start, limit } = request;
  if (!filter.search || 'cursor' in start) {
    return await walkTime(circumstances, compiled, { ...request, sort: 'posted_on_desc' });
  }
  const { db } = circumstances;
  const newest = await readNewestIds(db, { ...circumstances, ...compiled, direction: 'desc' }, MAX_RANKED);
  const ids = await readRelevantIds(db, {
    matching: wholly(compiled),
    newest,
    expression: filter.search,
    searchIn: filter.searchIn,
    offset: start.offset,
    limit: limit + 1,
  });
  const jobs = await readJobs(db, ids.slice(0, limit));
  const total =
    newest.length < MAX_RANKED
      ? { total: newest.length, totalIsExact: true }
      : await totalOf(circumstances, compiled, request, null);
  return { jobs, ...total, nextCursor: null, engine: 'postgres' };
}

type TimeSort = 'posted_on_desc' | 'posted_on_asc';

/** Along the posting time, in windows of it where that saves reading. */
async function walkTime(
  circumstances: Circumstances,
  compiled: CompiledRequest,
  request: SearchRequest & { sort: TimeSort },
): Promise<SearchResult> {
  const { db } = circumstances;
  const { sort, start, limit } = request;
  const position = 'cursor' in start ? decodeCursor(sort, start.cursor) : null;
  const offset = 'cursor' in start ? 0 : start.offset;
  const direction: Direction = sort === 'posted_on_desc' ? 'desc' : 'asc';
  const wanted = offset + limit + 1;
  const known = position?.total ?? (limit > 0 ? circumstances.estimates.find(request) : undefined);
  const read = await readAlongTime(
    db,
    { ...circumstances, ...compiled, direction },
    {
      place: position?.place ?? null,
      // Where the total is not known, a few more are looked at, which tell how frequent matches are.
      needed: known ? wanted : Math.max(wanted, SAMPLE_SIZE),
      wanted,
      offset,
      countsFew: known === undefined,
    },
  );
  const { rows, sample } = read;
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit;
  const total =
    exactly(read.total) ??
    totalOfLastPage(start, page.length, hasMore) ??
    known ??
    (await totalOf(circumstances, compiled, request, direction === 'desc' ? sample : null));
  return {
    jobs: page.map((row) => toJob(row)),
    ...total,
    nextCursor: hasMore && last ? encodeCursor(sort, [last.posted_on, last.id], total) : null,
    engine: 'postgres',
  };
}

/** Along an order other than that of the posting time. */
async function walk(
  circumstances: Circumstances,
  compiled: CompiledRequest,
  request: SearchRequest & { sort: WalkSort },
): Promise<SearchResult> {
  const { sort, start, limit } = request;
  const position = 'cursor' in start ? decodeCursor(sort, start.cursor) : null;
  const rows = await readPage(circumstances.db, wholly(compiled), {
    sort,
    place: position?.place ?? null,
    offset: 'cursor' in start ? 0 : start.offset,
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit;
  const total =
    totalOfLastPage(start, page.length, hasMore) ??
    position?.total ??
    (await totalOf(circumstances, compiled, request, null));
  return {
    jobs: page.map((row) => toJob(row)),
    ...total,
    nextCursor: hasMore && last ? encodeCursor(sort, ORDERS[sort].place(last), total) : null,
    engine: 'postgres',
  };
}

function exactly(total: number | null): WalkTotal | null {
  return total === null ? null : { total, totalIsExact: true };
}

/** The total that the last page of a walk by offset tells of itself. */
function totalOfLastPage(
  start: SearchRequest['start'],
  pageLength: number,
  hasMore: boolean,
): WalkTotal | null {
  if (hasMore || 'cursor' in start || (pageLength === 0 && start.offset > 0)) return null;
  return exactly(start.offset + pageLength);
}

/**
 * Counted where it is asked for alone, or small, or where all jobs are few; else estimated from a sample, the given one if any. What
 * was estimated is known for a while.
 */
async function totalOf(
  circumstances: Circumstances,
  compiled: CompiledRequest,
  request: SearchRequest,
  given: Sample | null,
): Promise<WalkTotal> {
  const { db, profile, estimates } = circumstances;
  const condition = wholly(compiled);
  if (request.limit === 0) return await countAlone(db, condition);
  if (!profile) return await countSome(db, condition);
  const known = estimates.find(request);
  if (known) return known;
  const sample = given ?? (await takeSample(db, { ...circumstances, ...compiled, direction: 'desc' }));
  const isIndexed = compiled.profile !== null;
  const estimated = await estimateTotal(sample, { ...compiled, db, profile, isIndexed });
  if (estimated) estimates.keep(request, estimated);
  return estimated ?? (await countSome(db, condition));
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
