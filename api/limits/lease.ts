import type { Units, UnitsDrawn } from '../../db/callLimits';
import { type BillingPeriod, billingPeriodAt } from '../../domain/billingPeriod';
import type { CallLimits } from '../../domain/callLimits';
import type { Timestamp } from '../../domain/time';

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
  if (lease.aloneSince !== null) {
    lease.aloneSince = null;
    lease.requests = 0;
    lease.calls = 0;
  }
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
