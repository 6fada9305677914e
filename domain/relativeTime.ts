import { DAY_MS, HOUR_MS, toMillis, type Timestamp } from './time';

/** Largest first. A month is 30 days and a year 365: near enough for people, and the same every month. */
const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['year', 365 * DAY_MS],
  ['month', 30 * DAY_MS],
  ['week', 7 * DAY_MS],
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', 60_000],
];

/** `3 hours ago`: in the largest unit that has passed whole; `just now` within a minute, and for times to come. */
export function relativeTime(time: Timestamp, now: Timestamp): string {
  const passedMs = toMillis(now) - toMillis(time);
  for (const [name, ms] of UNITS) {
    const number = Math.floor(passedMs / ms);
    if (number >= 1) return `${number} ${name}${number === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}
