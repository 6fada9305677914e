import type { Db } from '../db/connection';
import { type PostingTimes, readPostingTimes } from '../db/jobStatistics';
import { DAY_MS, type Timestamp, toMillis, toTimestamp } from '../domain/time';

/** Statistics change with ANALYZE alone. */
const REFRESH_MS = 60_000;
/** Each window is so many times the one before it. */
const GROWTH = 16;

/** A stretch of time, from its beginning to before its end; null is open. */
export interface TimeWindow {
  from: Timestamp | null;
  to: Timestamp | null;
}

export type Direction = 'asc' | 'desc';

/** How many jobs lie where in time, roughly. */
export class PostingProfile {
  private readonly bounds: number[];

  constructor(private readonly times: PostingTimes) {
    this.bounds = times.bounds.map(toMillis);
  }

  /** Jobs posted within the window. */
  jobsIn({ from, to }: TimeWindow): number {
    const upTo = to === null ? this.times.jobs : this.jobsBefore(to);
    return Math.max(0, upTo - (from === null ? 0 : this.jobsBefore(from)));
  }

  /**
   * Windows that follow one another from `start` (null: the end that the direction begins at) and end with a day: the first holds
   * `jobs` jobs or somewhat more, the second more of them, the last all others.
   */
  windows(start: Timestamp | null, direction: Direction, jobs: number): TimeWindow[] {
    const sign = direction === 'desc' ? -1 : 1;
    const beginning = direction === 'desc' ? this.times.jobs : 0;
    let place = start === null ? beginning : this.jobsBefore(start);
    let edge: Timestamp | null = null;
    const windows: TimeWindow[] = [];
    for (let size = jobs; windows.length < 2; size *= GROWTH) {
      place += sign * size;
      if (place <= 0 || place >= this.times.jobs) break;
      const next = dayEdge(this.timeOf(place), direction);
      windows.push(windowBetween(edge, next, direction));
      edge = next;
    }
    windows.push(windowBetween(edge, null, direction));
    return windows;
  }

  jobsBefore(time: Timestamp): number {
    const { bounds } = this;
    const ms = toMillis(time);
    const next = bounds.findIndex((bound) => bound > ms);
    if (next === 0) return 0;
    if (next < 0) return this.times.jobs;
    const [low, high] = [bounds[next - 1] ?? 0, bounds[next] ?? 0];
    return ((next - 1 + (ms - low) / (high - low)) * this.times.jobs) / (bounds.length - 1);
  }

  /** When the job at this place in the order of posting was posted. */
  timeOf(place: number): Timestamp {
    const { bounds } = this;
    const step = Math.max(0, (place * (bounds.length - 1)) / this.times.jobs);
    const index = Math.min(Math.floor(step), bounds.length - 2);
    const [low, high] = [bounds[index] ?? 0, bounds[index + 1] ?? 0];
    return toTimestamp(Math.floor(low + Math.min(step - index, 1) * (high - low)));
  }
}

function windowBetween(near: Timestamp | null, far: Timestamp | null, direction: Direction): TimeWindow {
  return direction === 'desc' ? { from: far, to: near } : { from: near, to: far };
}

/** The beginning of the day, or of the next one: whichever makes the window larger. */
function dayEdge(time: Timestamp, direction: Direction): Timestamp {
  const day = Math.floor(toMillis(time) / DAY_MS) + (direction === 'desc' ? 0 : 1);
  return toTimestamp(day * DAY_MS);
}

/** Gives the profile, read anew when it is old; null while there are fewer jobs than `minJobs`. */
export function createProfileReader(
  db: Db,
  { clock, minJobs }: { clock: () => number; minJobs: number },
): () => Promise<PostingProfile | null> {
  let known: { profile: PostingProfile | null; at: number } | undefined;
  return async () => {
    if (!known || clock() - known.at > REFRESH_MS) {
      const times = await readPostingTimes(db);
      known = {
        profile: times && times.jobs >= minJobs ? new PostingProfile(times) : null,
        at: clock(),
      };
    }
    return known.profile;
  };
}

// Days, and stretches of 16 and of 256 days: the function `posting_time_buckets` of the database numbers them like this.
const LEVELS = [
  { days: 256, base: 2_000_000 },
  { days: 16, base: 1_000_000 },
  { days: 1, base: 0 },
] as const;

/** The fewest buckets that cover the time from one moment to another, and at most a day more at either end. */
export function timeBuckets(from: Timestamp, to: Timestamp): number[] {
  const end = Math.floor(toMillis(to) / DAY_MS) + 1;
  const buckets: number[] = [];
  for (let day = Math.floor(toMillis(from) / DAY_MS); day < end;) {
    const level = LEVELS.find(({ days }) => day % days === 0 && day + days <= end) ?? LEVELS[2];
    buckets.push(level.base + Math.floor(day / level.days));
    day += level.days;
  }
  return buckets;
}
