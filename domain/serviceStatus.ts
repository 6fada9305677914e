import { addMillis, DAY_MS, MINUTE_MS, toMillis, toMinute, type Timestamp } from './time';

/** What the service promises: the share of minutes in which it answers. */
export const UPTIME_TARGET = 0.999;
/** What the service promises: the share of jobs that are as their source has them. */
export const ACCURACY_TARGET = 0.995;

/** Spans over which uptime is told, in days. */
export const UPTIME_DAYS = { last24h: 1, last30d: 30, last90d: 90 } as const;
type UptimeSpan = keyof typeof UPTIME_DAYS;

/** Days over which jobs are counted, today included. */
export const COUNTED_DAYS = 30;

/** Shares are told to so many parts of one. */
const PARTS = 100_000;

/** Whole minutes, `until` excluded. */
export interface MinuteSpan {
  from: Timestamp;
  until: Timestamp;
}

/** How much of a span the service was up. */
export interface Uptime {
  /** Where counting begins: with the first probe ever, where that came later than the span; null before it. */
  since: Timestamp | null;
  minutes: number;
  goodMinutes: number;
  /** Null of no minutes, as is the verdict. */
  share: number | null;
  meetsTarget: boolean | null;
}

/** How soon after it was made public a job could be found. Null where there are no jobs. */
export interface Freshness {
  jobs: number;
  p50Seconds: number | null;
  p95Seconds: number | null;
  shareWithin15Minutes: number | null;
  shareWithin30Minutes: number | null;
}

/** How many jobs were compared with their source, and the share of them that agreed. */
export interface Accuracy {
  share: number | null;
  jobs: number;
}

/** What the service tells of itself, measured by what is stored. */
export interface ServiceStatus {
  measuredAt: Timestamp;
  uptime: Record<UptimeSpan, Uptime>;
  freshness: Freshness;
  accuracy: Accuracy;
  /** Jobs first seen on each day (UTC), oldest first. */
  jobsPerDay: { day: string; jobs: number }[];
}

/** The span of so many days before the present minute, which is not over yet. */
export function minutesBefore(now: Timestamp, days: number): MinuteSpan {
  const until = toMinute(now);
  return { from: addMillis(until, -days * DAY_MS), until };
}

/**
 * Uptime over a span in which so many minutes had a good probe: a minute that was probed in vain, or by nobody, was down. Minutes
 * before the first probe do not count: there was no service.
 */
export function uptimeOf(
  { from, until }: MinuteSpan,
  { firstProbeAt, goodMinutes }: { firstProbeAt: Timestamp | null; goodMinutes: number },
): Uptime {
  if (firstProbeAt === null || firstProbeAt >= until)
    return { since: null, minutes: 0, goodMinutes: 0, share: null, meetsTarget: null };
  const since = firstProbeAt > from ? firstProbeAt : from;
  const minutes = (toMillis(until) - toMillis(since)) / MINUTE_MS;
  return {
    since,
    minutes,
    goodMinutes,
    share: shareOf(goodMinutes, minutes),
    meetsTarget: goodMinutes >= UPTIME_TARGET * minutes,
  };
}

/** Rounded down, so that one is told only where nothing is missing. Null of nothing. */
export function shareOf(count: number, total: number): number | null {
  return total === 0 ? null : Math.floor((count * PARTS) / total) / PARTS;
}

/** The last days (UTC), today included, oldest first, each with the jobs counted for it or none. */
export function fillDays(
  now: Timestamp,
  counted: ReadonlyMap<string, number>,
): { day: string; jobs: number }[] {
  return Array.from({ length: COUNTED_DAYS }, (_, index) => {
    const day = addMillis(now, (index + 1 - COUNTED_DAYS) * DAY_MS).slice(0, 10);
    return { day, jobs: counted.get(day) ?? 0 };
  });
}
