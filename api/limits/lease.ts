import type { Units, UnitsDrawn, UnitsReturned } from '../../db/callLimits';
import { type BillingPeriod, billingPeriodAt } from '../../domain/billingPeriod';
import type { CallLimits } from '../../domain/callLimits';
import { MINUTE_MS, type Timestamp, toMillis } from '../../domain/time';

/** Whom units are for: an account, or one of its keys that has limits of its own. */
export interface Holder {
  accountId: string;
  /** Null: all keys of the account without limits of their own. */
  keyId: string | null;
  periodAnchor: Timestamp;
  limits: CallLimits;
  /** Whether it may go on for a while when Postgres is away. */
  isPaid: boolean;
}

/** Somebody who waits for units. */
export interface Waiter {
  calls: 0 | 1;
  now: Timestamp;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Units that this process has drawn for a holder, and what is known of the rest. Times without a date are milliseconds of the monotonic clock. */
export interface Lease extends Units {
  holder: Holder;
  period: BillingPeriod;
  /** Requests are good until then; never beyond their minute by Postgres's clock. */
  requestsUntil: number;
  minute: Timestamp;
  /** As of the last draw. */
  requestsLeft: number | null;
  callsLeft: number | null;
  callsDrawnInPeriod: number;
  processes: number;
  /** Until then it is known that there are none, and Postgres is not asked. */
  noRequestsUntil: number;
  noCallsUntil: number;
  waiting: Waiter[];
  isDrawing: boolean;
  usedAt: number;
  /** Since when it lives on a share of its own, for Postgres is away; null while Postgres answers. */
  aloneSince: number | null;
  /** Calls made meanwhile, to be drawn afterwards. */
  callsOwed: number;
}

/** Whether two holders stand for the same thing under the same terms: several keys of an account do. */
export function haveSameTerms(left: Holder, right: Holder): boolean {
  if (left === right) return true;
  const names = Object.keys(left.limits) as (keyof CallLimits)[];
  return (
    left.periodAnchor === right.periodAnchor &&
    left.isPaid === right.isPaid &&
    names.every((name) => left.limits[name] === right.limits[name])
  );
}

export function newLease(holder: Holder, now: Timestamp): Lease {
  return {
    holder,
    period: billingPeriodAt(holder.periodAnchor, now),
    requests: 0,
    calls: 0,
    requestsUntil: -Infinity,
    minute: '',
    requestsLeft: null,
    callsLeft: null,
    callsDrawnInPeriod: 0,
    processes: 1,
    noRequestsUntil: -Infinity,
    noCallsUntil: -Infinity,
    waiting: [],
    isDrawing: false,
    usedAt: -Infinity,
    aloneSince: null,
    callsOwed: 0,
  };
}

/** Takes in what was drawn; `askedAt` is before Postgres looked at its clock, so the minute is not over when it is over here. */
export function addDrawn(lease: Lease, drawn: UnitsDrawn, askedAt: number): void {
  endShare(lease);
  if (drawn.minute !== lease.minute) lease.requests = 0;
  lease.minute = drawn.minute;
  lease.requestsUntil = askedAt + drawn.minuteMsLeft;
  lease.requests += drawn.requests;
  lease.calls += drawn.calls;
  lease.requestsLeft = drawn.requestsLeft;
  lease.callsLeft = drawn.callsLeft;
  lease.callsDrawnInPeriod = drawn.callsDrawnInPeriod;
  lease.processes = drawn.processes;
}

/** Whether units are at hand. */
export function holds(lease: Lease, calls: 0 | 1, at: number): boolean {
  return at < lease.requestsUntil && lease.requests > 0 && lease.calls >= calls;
}

export function take(lease: Lease, calls: 0 | 1): void {
  lease.requests -= 1;
  lease.calls -= calls;
  if (lease.aloneSince !== null) lease.callsOwed += calls;
}

/**
 * Goes on without Postgres: under this process's share of the minute's requests, by its own clock, and of the calls that were left. Called again
 * when the minute is over.
 */
export function takeShare(lease: Lease, now: Timestamp): void {
  const at = performance.now();
  const { requestsPerMinute, keyRequestsPerMinute } = lease.holder.limits;
  const shareOf = (limit: number | null) => (limit === null ? Infinity : Math.floor(limit / lease.processes));
  if (lease.aloneSince === null) {
    lease.aloneSince = at;
    lease.calls += shareOf(lease.callsLeft);
    lease.requestsUntil = -Infinity;
  }
  if (at < lease.requestsUntil) return;
  lease.requests = shareOf(lowest(requestsPerMinute, keyRequestsPerMinute));
  lease.requestsUntil = at + MINUTE_MS - (toMillis(now) % MINUTE_MS);
}

/** Postgres is back: what was used of the share is owed, and the rest of it is worth nothing. */
export function endShare(lease: Lease): void {
  if (lease.aloneSince === null) return;
  lease.aloneSince = null;
  lease.requests = 0;
  lease.calls = 0;
}

/** What is left of a holder's limits, as far as this process knows. */
export interface Standing {
  requestsLeft: number | null;
  /** Milliseconds until the minute is over. */
  minuteMsLeft: number;
  callsMade: number;
  periodEndsAt: Timestamp;
  periodStartsAt: Timestamp;
}

export function nameOf({ accountId, keyId }: Holder): string {
  return keyId === null ? accountId : `${accountId} ${keyId}`;
}

export function unitsOf({ holder, minute, period, requests, calls }: Lease): UnitsReturned {
  return {
    accountId: holder.accountId,
    keyId: holder.keyId,
    minute: minute || period.startsAt,
    periodStartsAt: period.startsAt,
    requests,
    calls,
  };
}

/** Half of a block is left: time to draw the next one while nobody waits for it. */
export function isLow({ holder, requests, calls: callsAtHand }: Lease, calls: 0 | 1): boolean {
  const { block } = holder.limits;
  return block > 1 && (requests <= block / 2 || (calls > 0 && callsAtHand <= block / 2));
}

/** What is drawn beside what is needed: nothing where units are drawn one by one, and no calls where none is asked for. */
export function blockOf({ holder, requests, calls }: Lease, { withCalls }: { withCalls: boolean }): Units {
  const { block } = holder.limits;
  if (block === 1) return { requests: 0, calls: 0 };
  return { requests: Math.max(0, block - requests), calls: withCalls ? Math.max(0, block - calls) : 0 };
}

export function standingOf(lease: Lease): Standing {
  const { requests, requestsLeft, requestsUntil, callsDrawnInPeriod, calls, period } = lease;
  return {
    requestsLeft: requestsLeft === null ? null : requestsLeft + requests,
    minuteMsLeft: Math.max(0, requestsUntil - performance.now()),
    callsMade: Math.max(0, callsDrawnInPeriod - calls),
    periodStartsAt: period.startsAt,
    periodEndsAt: period.endsAt,
  };
}

/** Null is without limit. */
export function lowest(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.min(left, right);
}
