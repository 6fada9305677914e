import { AppError } from '../../domain/errors';
import type { Lease } from './lease';

const WAY_OUT = 'A larger plan has more at once: /docs/limits tells what each has.';

export function rateLimited({ holder, requestsUntil }: Lease, at: number): AppError {
  const { requestsPerMinute, keyRequestsPerMinute } = holder.limits;
  const retryAfterSeconds = Math.max(1, Math.ceil((requestsUntil - at) / 1_000));
  const isKeys = keyRequestsPerMinute !== null && keyRequestsPerMinute < (requestsPerMinute ?? Infinity);
  const whose = isKeys
    ? `This key may make ${keyRequestsPerMinute} requests a minute.`
    : `The account may make ${requestsPerMinute ?? 0} requests a minute.`;
  return new AppError('rate_limited', `${whose} The next minute begins in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}

/** @param calls that were asked for at once. */
export function quotaExceeded({ holder, period, calls: atHand, callsLeft }: Lease, calls = 1): AppError {
  const { quota, maxCalls, keyMaxCalls } = holder.limits;
  const anew = `They begin anew at ${period.endsAt}.`;
  if (calls > 1) {
    const left = atHand + (callsLeft ?? 0);
    return new AppError(
      'quota_exceeded',
      `This takes ${calls} calls, and ${left} are left in the period. ${anew} ${WAY_OUT}`,
    );
  }
  if (keyMaxCalls !== null && keyMaxCalls < (maxCalls ?? Infinity)) {
    return new AppError(
      'quota_exceeded',
      `This key has made its ${keyMaxCalls} calls of the period. ${anew}`,
    );
  }
  const included = `The ${quota ?? 0} calls of the period`;
  if (maxCalls === quota)
    return new AppError('quota_exceeded', `${included} are used up. ${anew} ${WAY_OUT}`);
  return new AppError(
    'quota_exceeded',
    `${included} are used up, and ${(maxCalls ?? 0) - (quota ?? 0)} beyond them, which is the account's own cap. ${anew} ` +
      'Raise monthly_overage_cap_cents by PATCH /account to go on.',
  );
}

export function tooManyConcurrent(most: number): AppError {
  return new AppError(
    'too_many_concurrent',
    `The account has ${most} requests under way, which is as many as its plan allows. Wait for one to end.`,
    { retryAfterSeconds: 1 },
  );
}

export function accountSuspended(suspendedAt: string): AppError {
  return new AppError(
    'account_suspended',
    `The account has been suspended since ${suspendedAt}. Its own pages stay open; see GET /account for whom to write to.`,
  );
}
