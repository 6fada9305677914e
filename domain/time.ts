/** ISO 8601 in UTC with milliseconds, `2026-01-20T12:00:00.000Z`: compares as text in order of time. */
export type Timestamp = string;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** @throws RangeError when `ms` is no representable time. */
export function toTimestamp(ms: number): Timestamp {
  return new Date(ms).toISOString();
}

/** Milliseconds since the epoch. */
export function toMillis(timestamp: Timestamp): number {
  return Date.parse(timestamp);
}

export function addMillis(timestamp: Timestamp, ms: number): Timestamp {
  return toTimestamp(toMillis(timestamp) + ms);
}

/** The beginning of its second. */
export function toSecond(timestamp: Timestamp): Timestamp {
  return `${timestamp.slice(0, 19)}.000Z`;
}

/** The beginning of its minute. */
export function toMinute(timestamp: Timestamp): Timestamp {
  return `${timestamp.slice(0, 16)}:00.000Z`;
}
