import type { Db } from '../db/connection';
import { JOB_COLUMNS, type StoredJobRow } from '../db/jobRows';
import { allOf, type Condition } from '../db/readScope';
import type { JobFilter } from '../domain/jobFilter';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import type { Place } from './cursor';
import { MAX_COUNTED, type Sample, SAMPLE_SIZE } from './postgresTotal';
import { type Direction, type PostingProfile, timeBuckets, type TimeWindow } from './postingTimes';

const MAX_BUCKETS_BESIDES = 10;
/** Later than any posting time: those in the future are refused. */
const MARGIN_MS = 2 * DAY_MS;

export interface TimeWalk {
  /** What jobs must be like, but for the time at which they were posted. */
  matching: Condition;
  /** When they must have been posted. */
  range: TimeWindow;
  direction: Direction;
  /** Null where reading in windows saves nothing: all of the range is one. */
  profile: PostingProfile | null;
  /** Jobs in the first window for each that is needed. */
  jobsPerNeeded: number;
  now: Timestamp;
}

/** Whether the index over words, skills, categories and days can tell which jobs match. */
export function isIndexedCondition({
  search,
  anySkills,
  anyTags,
  allSkills,
  categories,
  subcategories,
}: JobFilter): boolean {
  const inCategories = [categories, subcategories].some((condition) => condition?.groups.length === 0);
  return [search, anySkills, anyTags, allSkills].some((each) => each !== undefined) || inCategories;
}

interface WindowToRead {
  window: TimeWindow;
  condition: Condition;
}

/** Windows of time that are to be read one after the other until there are enough rows. */
function windowsToRead(walk: TimeWalk, place: Place | null, needed: number): WindowToRead[] {
  const { range, direction, profile, jobsPerNeeded } = walk;
  const edge = direction === 'desc' ? range.to : range.from;
  const start = typeof place?.[0] === 'string' ? place[0] : edge;
  const windows = profile?.windows(start, direction, needed * jobsPerNeeded) ?? [{ from: null, to: null }];
  return windows.flatMap((window) => windowToRead(walk, place, window));
}

/** None where the window lies outside the range. */
function windowToRead(walk: TimeWalk, place: Place | null, whole: TimeWindow): WindowToRead[] {
  const window = intersection(whole, walk.range);
  if (!window) return [];
  const start = typeof place?.[0] === 'string' ? place[0] : null;
  const conditions = [
    walk.matching,
    ...behindPlace(walk.direction, place),
    ...timeConditions(window, walk, start),
  ];
  return [{ window, condition: allOf(conditions) }];
}

function behindPlace(direction: Direction, place: Place | null): Condition[] {
  if (!place) return [];
  const sign = direction === 'desc' ? '<' : '>';
  return [{ sql: `(posted_on, id) ${sign} (?::timestamptz, ?)`, bindings: place }];
}

/**
 * The end of the window that the walk begins at is told by the time itself, the other by days, for a window ends with one.
 * Both told by the time would make Postgres count on far fewer rows than there are.
 */
function timeConditions(
  { from, to }: TimeWindow,
  { range, direction, profile, now }: Pick<TimeWalk, 'range' | 'direction' | 'profile' | 'now'>,
  start: Timestamp | null,
): Condition[] {
  const isAtRangeEnd = direction === 'desc' ? from === range.from : to === range.to;
  const [first, last] =
    direction === 'desc'
      ? [from, to ?? start ?? addMillis(now, MARGIN_MS)]
      : [from ?? start, to && addMillis(to, -1)];
  const buckets = profile && first !== null && last !== null ? timeBuckets(first, last) : [];
  // The range ends within a day. To name its days besides helps where they are few.
  const isTold = buckets.length > 0 && (!isAtRangeEnd || buckets.length <= MAX_BUCKETS_BESIDES);
  const isFarEndTold = isTold && !isAtRangeEnd;
  const conditions: Condition[] = [];
  if (from !== null && (direction === 'asc' || !isFarEndTold)) {
    conditions.push({ sql: 'posted_on >= ?::timestamptz', bindings: [from] });
  }
  if (to !== null && (direction === 'desc' || !isFarEndTold)) {
    conditions.push({ sql: 'posted_on < ?::timestamptz', bindings: [to] });
  }
  if (isTold) conditions.push({ sql: 'posting_time_buckets(posted_on) && ?::int[]', bindings: [buckets] });
  return conditions;
}

function intersection(window: TimeWindow, range: TimeWindow): TimeWindow | null {
  const from = later(window.from, range.from);
  const to = range.to !== null && (window.to === null || range.to < window.to) ? range.to : window.to;
  return from !== null && to !== null && from >= to ? null : { from, to };
}

function later(left: Timestamp | null, right: Timestamp | null): Timestamp | null {
  if (left === null || right === null) return left ?? right;
  return left > right ? left : right;
}

export interface TimePage {
  /** Where an earlier page ended. */
  place: Place | null;
  /** Matches to be read before the walk ends, where there are so many. */
  needed: number;
  /** Matches after which no further window is opened. */
  wanted: number;
  /** Of the wanted ones, how many are passed over. */
  offset: number;
  /** Whether all matches are to be seen where they are few. */
  countsFew: boolean;
}

interface TimeRead {
  rows: StoredJobRow[];
  /** What the walk showed of how frequent matches are; null where there is no window. */
  sample: Sample | null;
  /** How many matches there are; null unless all were seen. */
  total: number | null;
}

interface TimeRow extends StoredJobRow {
  /** How many of the needed rows the window had, those passed over included. */
  seen: number;
  last_posted_on: Timestamp | null;
}

/** Jobs in the order of their posting. */
export async function readAlongTime(
  db: Db,
  walk: TimeWalk,
  { place, needed, wanted, offset, countsFew }: TimePage,
): Promise<TimeRead> {
  const windows = windowsToRead(walk, place, needed);
  const rows: StoredJobRow[] = [];
  let goal = needed;
  let seen = 0;
  let sample: Sample | null = null;
  for (let next = windows.shift(); next; next = windows.shift()) {
    const read = await readWindow(db, next.condition, walk.direction, {
      needed: goal - seen,
      skip: Math.max(0, offset - seen),
      limit: Math.max(0, wanted - offset - rows.length),
    });
    rows.push(...read.rows);
    seen += read.seen;
    const isCutShort = seen >= goal && read.lastPostedOn !== null;
    const end = isCutShort ? read.lastPostedOn : farEnd(walk, next.window);
    const soFar: Sample = { matches: seen, window: upTo(walk, end) };
    if (countsFew && !sample && !isCutShort && windows.length > 0 && areFew(walk, soFar)) {
      // Once for all is quicker than step by step.
      windows.splice(0, Infinity, ...windowToRead(walk, place, beyond(walk, end)));
      goal = Math.max(needed, MAX_COUNTED + 1);
    } else if (seen >= wanted) {
      const isAll = place === null && windows.length === 0 && !isCutShort;
      return { rows, sample: soFar, total: isAll ? seen : null };
    }
    sample = soFar;
  }
  return { rows, sample, total: place === null && seen < goal ? seen : null };
}

/** Whether matches seem so few that they are counted rather than estimated. */
function areFew({ profile, range }: TimeWalk, { matches, window }: Sample): boolean {
  if (!profile) return false;
  return (matches / Math.max(profile.jobsIn(window), 1)) * profile.jobsIn(range) <= MAX_COUNTED;
}

/** How frequent matches are among the newest jobs. */
export async function takeSample(db: Db, walk: TimeWalk): Promise<Sample> {
  const page = {
    place: null,
    needed: SAMPLE_SIZE,
    wanted: SAMPLE_SIZE,
    offset: SAMPLE_SIZE,
    countsFew: false,
  };
  const { sample } = await readAlongTime(db, walk, page);
  return sample ?? { matches: 0, window: walk.range };
}

/** Ids of the newest matches. */
export async function readNewestIds(db: Db, walk: TimeWalk, needed: number): Promise<string[]> {
  const ids: string[] = [];
  for (const { condition } of windowsToRead(walk, null, needed)) {
    const { rows } = await db.raw<{ rows: { id: string }[] }>(
      `select id from jobs where ${condition.sql} order by posted_on desc, id desc limit ?`,
      [...condition.bindings, needed - ids.length],
    );
    ids.push(...rows.map(({ id }) => id));
    if (ids.length >= needed) break;
  }
  return ids;
}

function farEnd({ direction }: TimeWalk, { from, to }: TimeWindow): Timestamp | null {
  return direction === 'desc' ? from : to;
}

function beyond({ direction }: TimeWalk, end: Timestamp | null): TimeWindow {
  return direction === 'desc' ? { from: null, to: end } : { from: end, to: null };
}

/** The time from where the walk begins to its last step. */
function upTo({ direction, range }: TimeWalk, end: Timestamp | null): TimeWindow {
  return direction === 'desc' ? { from: end, to: range.to } : { from: range.from, to: end };
}

/** Rows of one window, `skip` of them passed over. */
async function readWindow(
  db: Db,
  condition: Condition,
  direction: Direction,
  { needed, skip, limit }: { needed: number; skip: number; limit: number },
): Promise<{ rows: StoredJobRow[]; seen: number; lastPostedOn: Timestamp | null }> {
  const order = `posted_on ${direction}, id ${direction}`;
  const { rows } = await db.raw<{ rows: (Omit<TimeRow, 'id'> & { id: string | null })[] }>(
    `with found as materialized (
       select id, posted_on from jobs where ${condition.sql} order by ${order} limit ?
     ), page as (
       select id from found order by ${order} offset ? limit ?
     )
     select ${JOB_COLUMNS.join(', ')}, seen, last_posted_on
     from (
       select count(*) as seen, ${direction === 'desc' ? 'min' : 'max'}(posted_on) as last_posted_on from found
     ) as counted left join (page join jobs using (id)) on true
     order by ${order}`,
    [...condition.bindings, needed, skip, limit],
  );
  const [first] = rows;
  return {
    rows: rows.filter((row): row is TimeRow => row.id !== null),
    seen: first?.seen ?? 0,
    lastPostedOn: first?.last_posted_on ?? null,
  };
}
