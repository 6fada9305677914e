import { LRUCache } from 'lru-cache';
import type { Db } from '../db/connection';
import { allOf, type Condition } from '../db/readScope';
import { addMillis, DAY_MS, MINUTE_MS, type Timestamp } from '../domain/time';
import type { WalkTotal } from './cursor';
import { type PostingProfile, timeBuckets, type TimeWindow } from './postingTimes';
import { MAX_EXACT_TOTAL, type SearchRequest } from './searchIndex';

/** Matches that tell how frequent matches are, to about a tenth. */
export const SAMPLE_SIZE = 100;
/** Of each further stretch: what is wrong with one is evened out by the others. */
const STRETCH_SAMPLE_SIZE = 50;
/** Totals up to this are counted even where there are many jobs. */
export const MAX_COUNTED = 1_000;
/** What is asked for alone may cost more. */
export const MAX_COUNTED_ALONE = 100_000;
/** The jobs of a range are taken in so many parts, each with a frequency of its own. */
const PARTS = 4;
/** From this frequency on looking at jobs one by one finds matches quickly. */
const FREQUENT = 0.1;
/** Jobs in a stretch of time are counted up to here, then estimated. */
const MAX_JOBS_COUNTED = 20_000;

const MAX_ESTIMATES_KEPT = 2_000;
/** Of a total of two digits that is above a thousand: what comes and goes meanwhile does not show. */
const ESTIMATE_LIFE_MS = 10 * MINUTE_MS;

/** Estimates that were made within the last ten minutes: those who ask again and again pay for one of them. */
export interface EstimateStore {
  find(request: EstimatedRequest): WalkTotal | undefined;
  keep(request: EstimatedRequest, total: WalkTotal): void;
}

type EstimatedRequest = Pick<SearchRequest, 'filter' | 'scope'>;

export function createEstimateStore(): EstimateStore {
  const totals = new LRUCache<string, WalkTotal>({ max: MAX_ESTIMATES_KEPT, ttl: ESTIMATE_LIFE_MS });
  return {
    find: (request) => totals.get(keyOf(request)),
    keep: (request, total) => void totals.set(keyOf(request), total),
  };
}

/** To the hour: windows and relative times move with every request, and by so little no estimate changes. */
function keyOf({ filter, scope }: EstimatedRequest): string {
  return JSON.stringify([filter, scope], (_name, value: unknown) =>
    typeof value === 'string' && ISO_TIME.test(value) ? value.slice(0, 13) : value,
  );
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** So many matches were found among the jobs posted in a window. */
export interface Sample {
  matches: number;
  window: TimeWindow;
}

interface Estimate {
  db: Db;
  /** But for the posting time. */
  matching: Condition;
  range: TimeWindow;
  profile: PostingProfile;
  /** Whether the index over words and days can count. */
  isIndexed: boolean;
}

/** Counts up to a bound: beyond, the total is a lower bound. */
async function countUpTo(db: Db, matching: Condition, bound: number): Promise<WalkTotal> {
  const { rows } = await db.raw<{ rows: { count: number }[] }>(
    `select count(*) as count from (select from jobs where ${matching.sql} limit ?) as counted`,
    [...matching.bindings, bound + 1],
  );
  const count = rows[0]?.count ?? 0;
  return { total: Math.min(count, bound), totalIsExact: count <= bound };
}

/** The total as a question of its own. */
export function countAlone(db: Db, matching: Condition): Promise<WalkTotal> {
  return countUpTo(db, matching, MAX_COUNTED_ALONE);
}

/** For tables in which counting is cheap. */
export function countSome(db: Db, matching: Condition): Promise<WalkTotal> {
  return countUpTo(db, matching, MAX_EXACT_TOTAL);
}

/**
 * The total to about a tenth, from how frequent matches are in a sample of the newest jobs and in three more stretches of the range;
 * null where it is so small that it is better counted.
 */
export async function estimateTotal(
  { matches, window }: Sample,
  estimate: Estimate,
): Promise<WalkTotal | null> {
  const { db, range, profile, isIndexed } = estimate;
  const jobs = profile.jobsIn(range);
  const sampled = await countJobs(db, window, profile);
  const frequency = Math.min(1, matches / Math.max(sampled, 1));
  if (frequency * jobs <= MAX_COUNTED) return null;

  const jobsPerPart = jobs / PARTS;
  const stretch = Math.min(STRETCH_SAMPLE_SIZE / frequency, jobsPerPart);
  const from = range.from === null ? 0 : profile.jobsBefore(range.from);
  const stretches = Array.from({ length: PARTS - 1 }, (_, part) => {
    const middle = from + (part + 0.5) * jobsPerPart;
    const window = { from: profile.timeOf(middle - stretch / 2), to: profile.timeOf(middle + stretch / 2) };
    // The index that knows words knows days: frequent matches are found without it.
    return isIndexed && frequency < FREQUENT ? wholeDays(window) : { window, condition: within(window) };
  });
  const counts = await countEach(
    db,
    stretches.map(({ condition }) => allOf([estimate.matching, condition])),
  );
  const total = stretches.reduce(
    (sum, { window }, part) =>
      sum + ((counts[part] ?? 0) / Math.max(profile.jobsIn(window), 1)) * jobsPerPart,
    frequency * jobsPerPart,
  );
  return total <= MAX_COUNTED / 2 ? null : { total: rounded(total), totalIsExact: false };
}

async function countEach(db: Db, conditions: readonly Condition[]): Promise<number[]> {
  const counts = conditions.map(({ sql }) => `(select count(*) from jobs where ${sql})`);
  const { rows } = await db.raw<{ rows: { counts: number[] }[] }>(
    `select array[${counts.join(', ')}]::int[] as counts`,
    conditions.flatMap(({ bindings }) => bindings),
  );
  return rows[0]?.counts ?? [];
}

/** Two digits: no more is known. */
function rounded(total: number): number {
  return Number(total.toPrecision(2));
}

/** Statistics know little of the newest jobs: they are counted, which reads an index alone. */
async function countJobs(db: Db, window: TimeWindow, profile: PostingProfile): Promise<number> {
  const { total, totalIsExact } = await countUpTo(db, within(window), MAX_JOBS_COUNTED);
  return totalIsExact ? total : Math.max(total, profile.jobsIn(window));
}

function within({ from, to }: TimeWindow): Condition {
  return allOf([
    ...(from === null ? [] : [{ sql: 'posted_on >= ?::timestamptz', bindings: [from] }]),
    ...(to === null ? [] : [{ sql: 'posted_on < ?::timestamptz', bindings: [to] }]),
  ]);
}

interface Days {
  from: Timestamp;
  to: Timestamp;
}

function wholeDays({ from, to }: Days): { window: Days; condition: Condition } {
  const window = { from: startOfDay(from), to: startOfDay(addMillis(to, DAY_MS)) };
  const buckets = timeBuckets(window.from, addMillis(window.to, -1));
  return { window, condition: { sql: 'posting_time_buckets(posted_on) && ?::int[]', bindings: [buckets] } };
}

function startOfDay(time: Timestamp): Timestamp {
  return `${time.slice(0, 10)}T00:00:00.000Z`;
}
