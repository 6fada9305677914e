import { type Timestamp, toMillis } from './time';

const MAX_RETRY_AFTER_SECONDS = 86_400;

/**
 * Seconds to wait by a `Retry-After` header (RFC 9110, 10.2.3): a number of seconds, or an HTTP date. A day at most; undefined when
 * nothing sensible is asked.
 */
export function parseRetryAfter(header: string | null, now: Timestamp): number | undefined {
  if (header === null) return undefined;
  const waitSeconds = /^\d{1,9}$/.test(header.trim())
    ? Number(header)
    : Math.ceil((Date.parse(header) - toMillis(now)) / 1_000);
  return Number.isNaN(waitSeconds) ? undefined : boundedWait(waitSeconds);
}

/** Seconds to wait that somebody asks for, kept between none and a day. */
export function boundedWait(seconds: number): number {
  return Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS);
}
