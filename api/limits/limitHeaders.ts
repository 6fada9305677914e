import type { CallLimits } from '../../domain/callLimits';
import { toMillis } from '../../domain/time';
import { lowest, type Standing } from './lease';

const MINUTE_SECONDS = 60;
const WITHOUT_LIMIT = 'unlimited';

/**
 * Headers that tell a caller of its limits: the X- ones as published, and those of the IETF (draft-ietf-httpapi-ratelimit-headers: `q` the quota,
 * `w` its window, `r` what is left, `t` the seconds until it is whole again). As pairs, for they are made for every request.
 */
export function limitHeaders(
  { requestsPerMinute, keyRequestsPerMinute, quota }: CallLimits,
  { requestsLeft, minuteMsLeft, callsMade, periodStartsAt, periodEndsAt }: Standing,
  nowMs: number,
): [name: string, value: string][] {
  const rate = lowest(requestsPerMinute, keyRequestsPerMinute);
  const rateLeft = rate === null ? null : Math.min(rate, Math.max(0, requestsLeft ?? rate));
  const callsLeft = quota === null ? null : Math.max(0, quota - callsMade);
  const endMs = toMillis(periodEndsAt);
  const policies: string[] = [];
  const states: string[] = [];
  if (rate !== null) {
    policies.push(`"minute";q=${rate};w=${MINUTE_SECONDS}`);
    states.push(`"minute";r=${rateLeft ?? 0};t=${Math.ceil(minuteMsLeft / 1_000)}`);
  }
  if (quota !== null) {
    policies.push(`"period";q=${quota};w=${Math.round((endMs - toMillis(periodStartsAt)) / 1_000)}`);
    states.push(`"period";r=${callsLeft ?? 0};t=${Math.max(0, Math.ceil((endMs - nowMs) / 1_000))}`);
  }
  const headers: [string, string][] = [
    ['X-RateLimit-Limit', String(rate ?? WITHOUT_LIMIT)],
    ['X-RateLimit-Burst', String(rate ?? WITHOUT_LIMIT)],
    ['X-RateLimit-Remaining', String(rateLeft ?? WITHOUT_LIMIT)],
    ['X-RateLimit-Reset', String(Math.ceil((nowMs + minuteMsLeft) / 1_000))],
    ['X-Quota-Limit', String(quota ?? WITHOUT_LIMIT)],
    ['X-Quota-Remaining', String(callsLeft ?? WITHOUT_LIMIT)],
    ['X-Quota-Reset', String(Math.ceil(endMs / 1_000))],
  ];
  if (policies.length > 0)
    headers.push(['RateLimit-Policy', policies.join(', ')], ['RateLimit', states.join(', ')]);
  return headers;
}
