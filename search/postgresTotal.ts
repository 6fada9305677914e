import type { Db } from '../db/connection';
import { allOf, type Condition } from '../db/readScope';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import type { WalkTotal } from './cursor';
import { type PostingProfile, timeBuckets, type TimeWindow } from './postingTimes';
import { MAX_EXACT_TOTAL } from './searchIndex';

/** Matches that tell how frequent matches are, to about a tenth. */
export const SAMPLE_SIZE = 100;
/** Totals up to this are counted even where there are many jobs. */
const MAX_COUNTED = 1_000;
/** What is asked for alone may cost more. */
const MAX_COUNTED_ALONE = 100_000;
/** The jobs of a range are taken in so many parts, each with a frequency of its own. */
const PARTS = 4;
/** Jobs in a stretch of time are counted up to here, then estimated. */
const MAX_JOBS_COUNTED = 20_000;

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
export async function countUpTo(db: Db, matching: Condition, bound: number): Promise<WalkTotal> {
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
  const stretch = Math.min(SAMPLE_SIZE / frequency, jobsPerPart);
  const from = range.from === null ? 0 : profile.jobsBefore(range.from);
  let total = frequency * jobsPerPart;
  for (let part = 0; part < PARTS - 1; part += 1) {
    const middle = from + (part + 0.5) * jobsPerPart;
    const sample = wholeDays({
      from: profile.timeOf(middle - stretch / 2),
      to: profile.timeOf(middle + stretch / 2),
    });
    const found = await countUpTo(
      db,
      allOf([estimate.matching, isIndexed ? onDays(sample) : within(sample)]),
      MAX_EXACT_TOTAL,
    );
    total += (found.total / Math.max(profile.jobsIn(sample), 1)) * jobsPerPart;
  }
  return total <= MAX_COUNTED / 2 ? null : { total: rounded(total), totalIsExact: false };
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

function wholeDays({ from, to }: Days): Days {
  return {
    from: `${from.slice(0, 10)}T00:00:00.000Z`,
    to: `${addMillis(to, DAY_MS).slice(0, 10)}T00:00:00.000Z`,
  };
}

function onDays({ from, to }: Days): Condition {
  return {
    sql: 'posting_time_buckets(posted_on) && ?::int[]',
    bindings: [timeBuckets(from, addMillis(to, -1))],
  };
}
