import type { CallLimits } from '../../domain/callLimits';
import { toMillis, type Timestamp } from '../../domain/time';
import { lowest, type Standing } from './lease';

const MINUTE_SECONDS = 60;
const WITHOUT_LIMIT = 'unlimited';

/**
 * Headers that tell a caller of its limits: the X- ones as published, and those of the IETF (draft-ietf-httpapi-ratelimit-headers: `q` the quota,
 * `w` its window, `r` what is left, `t` the seconds until it is whole again).
 */
export function limitHeaders(
  { requestsPerMinute, keyRequestsPerMinute, quota }: CallLimits,
  standing: Standing,
  now: Timestamp,
): Record<string, string> {
  const rate = lowest(requestsPerMinute, keyRequestsPerMinute);
  const rateLeft = rate === null ? null : Math.min(rate, Math.max(0, standing.requestsLeft ?? rate));
  const callsLeft = quota === null ? null : Math.max(0, quota - standing.callsMade);
  const minuteSeconds = Math.ceil(standing.minuteMsLeft / 1_000);
  const periodEnd = Math.ceil(toMillis(standing.periodEndsAt) / 1_000);
  const nowSeconds = toMillis(now) / 1_000;
  const periodSeconds = Math.round(
    (toMillis(standing.periodEndsAt) - toMillis(standing.periodStartsAt)) / 1_000,
  );
  const policies = [
    ...(rate === null ? [] : [`"minute";q=${rate};w=${MINUTE_SECONDS}`]),
    ...(quota === null ? [] : [`"period";q=${quota};w=${periodSeconds}`]),
  ];
  const states = [
    ...(rateLeft === null ? [] : [`"minute";r=${rateLeft};t=${minuteSeconds}`]),
    ...(callsLeft === null
      ? []
      : [`"period";r=${callsLeft};t=${Math.max(0, Math.ceil(periodEnd - nowSeconds))}`]),
  ];
  return {
    'X-RateLimit-Limit': String(rate ?? WITHOUT_LIMIT),
    'X-RateLimit-Burst': String(rate ?? WITHOUT_LIMIT),
    'X-RateLimit-Remaining': String(rateLeft ?? WITHOUT_LIMIT),
    'X-RateLimit-Reset': String(Math.ceil(nowSeconds + standing.minuteMsLeft / 1_000)),
    'X-Quota-Limit': String(quota ?? WITHOUT_LIMIT),
    'X-Quota-Remaining': String(callsLeft ?? WITHOUT_LIMIT),
    'X-Quota-Reset': String(periodEnd),
    ...(policies.length > 0 ? { 'RateLimit-Policy': policies.join(', '), RateLimit: states.join(', ') } : {}),
  };
}
