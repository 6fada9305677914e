import { AppError } from './errors';
import { addMillis, DAY_MS, HOUR_MS, type Timestamp, toMillis, toTimestamp } from './time';

/** From short to long. */
export const TREND_INTERVALS = ['hour', 'day', 'week', 'month'] as const;
export type TrendInterval = (typeof TREND_INTERVALS)[number];

export const TREND_GROUPINGS = ['category', 'skill', 'country', 'tier'] as const;
/** What rows of trends are told apart by, besides their time. */
export type TrendGrouping = (typeof TREND_GROUPINGS)[number];

/** What an answer holds at most. */
export const MAX_INTERVALS = { ungrouped: 400, grouped: 100 } as const;
/** Groups with most jobs that have rows of their own. */
export const MAX_GROUPS = 20;
/** Unless the caller says, intervals are long enough for a span to have no more of them. */
export const DEFAULT_INTERVALS_AT_MOST = 100;
/** Days that trends go back unless the caller says. */
const DEFAULT_DAYS = 30;

/** A stretch of time in intervals. */
export interface TrendSpan {
  interval: TrendInterval;
  from: Timestamp;
  /** Exclusive; null: up to now. */
  until: Timestamp | null;
  /**
   * Beginnings of the intervals, ascending: the first holds `from` and may begin before it. Empty when the span is.
   */
  starts: Timestamp[];
}

export interface AskedSpan {
  postedAfter?: Timestamp;
  postedBefore?: Timestamp;
  /** Null: as the span suggests. */
  interval: TrendInterval | null;
  isGrouped: boolean;
}

/**
 * The span that a caller asks for, within what they may read: the last thirty days before its end unless they say.
 * @throws AppError `invalid_parameter` when it has too many intervals, naming those that fit.
 */
export function trendSpan(
  { postedAfter, postedBefore, interval, isGrouped }: AskedSpan,
  { postedSince, now }: { postedSince: Timestamp | null; now: Timestamp },
): TrendSpan {
  const latest = postedBefore !== undefined && postedBefore < now ? postedBefore : now;
  const asked = postedAfter ?? addMillis(latest, -DEFAULT_DAYS * DAY_MS);
  const from = postedSince !== null && postedSince > asked ? postedSince : asked;
  const until = postedBefore ?? null;
  if (until !== null && until <= from) return { interval: interval ?? 'day', from, until, starts: [] };

  // What a job posted at the very end, or by a clock that is ahead, falls into is the last interval.
  const end = latest > from ? latest : addMillis(from, 1);
  const most = isGrouped ? MAX_INTERVALS.grouped : MAX_INTERVALS.ungrouped;
  const fits = (candidate: TrendInterval, limit: number) => countIntervals(candidate, from, end) <= limit;
  const chosen =
    interval ?? TREND_INTERVALS.find((candidate) => fits(candidate, DEFAULT_INTERVALS_AT_MOST)) ?? 'month';
  if (!fits(chosen, most)) {
    const fitting = TREND_INTERVALS.filter((candidate) => fits(candidate, most));
    throw tooMany({ chosen, count: countIntervals(chosen, from, end), most, fitting });
  }
  return { interval: chosen, from, until, starts: startsOf(chosen, from, end) };
}

function tooMany({
  chosen,
  count,
  most,
  fitting,
}: {
  chosen: TrendInterval;
  count: number;
  most: number;
  fitting: readonly TrendInterval[];
}): AppError {
  const advice =
    fitting.length > 0 ? `interval=${fitting.join(' or ')} fits.` : 'Let posted_after begin later.';
  const message = `interval=${chosen} makes ${count} intervals of the span, at most ${most} are given. ${advice}`;
  const expected = fitting.length > 0 ? fitting.join(', ') : `at most ${most} intervals`;
  return new AppError('invalid_parameter', message, {
    faults: [{ parameter: 'interval', message, received: chosen, expected }],
  });
}

function countIntervals(interval: TrendInterval, from: Timestamp, end: Timestamp): number {
  const [first, last] = [
    intervalNumber(interval, toMillis(from)),
    intervalNumber(interval, toMillis(end) - 1),
  ];
  return last - first + 1;
}

function startsOf(interval: TrendInterval, from: Timestamp, end: Timestamp): Timestamp[] {
  const first = intervalNumber(interval, toMillis(from));
  return Array.from({ length: countIntervals(interval, from, end) }, (_, place) =>
    toTimestamp(intervalStart(interval, first + place)),
  );
}

/** The epoch began on a Thursday. */
const MONDAY_OFFSET_MS = 3 * DAY_MS;

/** Intervals since the epoch, in UTC. */
function intervalNumber(interval: TrendInterval, ms: number): number {
  switch (interval) {
    case 'hour':
      return Math.floor(ms / HOUR_MS);
    case 'day':
      return Math.floor(ms / DAY_MS);
    case 'week':
      return Math.floor((ms + MONDAY_OFFSET_MS) / (7 * DAY_MS));
    case 'month': {
      const date = new Date(ms);
      return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
    }
  }
}

/** Where the interval of that number begins, in milliseconds since the epoch. */
function intervalStart(interval: TrendInterval, number: number): number {
  switch (interval) {
    case 'hour':
      return number * HOUR_MS;
    case 'day':
      return number * DAY_MS;
    case 'week':
      return number * 7 * DAY_MS - MONDAY_OFFSET_MS;
    case 'month':
      return Date.UTC(1970, number);
  }
}
