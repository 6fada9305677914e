import type { BillingPeriod } from './billingPeriod';
import { lastCall } from './callLimits';
import type { Plan } from './plan';
import { DAY_MS, HOUR_MS, toMillis, toTimestamp, type Timestamp } from './time';

/** How usage is summed up over time. Usage is kept by the hour: nothing is finer. */
export const USAGE_INTERVALS = ['hour', 'day', 'month'] as const;
export type UsageInterval = (typeof USAGE_INTERVALS)[number];

/** Longest span of an answer, in days, by its interval. */
export const MAX_USAGE_DAYS: Readonly<Record<UsageInterval, number>> = { hour: 31, day: 366, month: 1_830 };

/** A pace measured over less than this says little. */
const EARLIEST_PROJECTION_MS = DAY_MS;

export interface UsageProjection {
  /** Calls that the period will have at its end; null while it is too early to tell. */
  calls: number | null;
  /** What those beyond the plan's will cost; null while it is too early to tell. */
  overageCents: number | null;
}

/**
 * What a period comes to if it goes on at the pace so far: its calls divided by the share of its time that has passed. A plan that
 * blocks ends at its quota, one that goes on at the account's own cap to what it pays. Nothing is told in the first day.
 */
export function projectUsage({
  calls,
  period,
  plan,
  overageCapCents,
  now,
}: {
  calls: number;
  period: BillingPeriod;
  plan: Pick<Plan, 'monthly_calls' | 'overage_cents_per_call'>;
  overageCapCents: number | null;
  now: Timestamp;
}): UsageProjection {
  const start = toMillis(period.startsAt);
  const passedMs = toMillis(now) - start;
  if (passedMs < EARLIEST_PROJECTION_MS) return { calls: null, overageCents: null };
  const atThisPace = Math.round((calls / passedMs) * (toMillis(period.endsAt) - start));
  const { monthly_calls: quota, overage_cents_per_call: rate } = plan;
  if (quota === null) return { calls: atThisPace, overageCents: 0 };
  const most = lastCall(quota, rate, overageCapCents) ?? Infinity;
  // What was counted is counted, also where a limit was lowered since.
  const projected = Math.max(calls, Math.min(atThisPace, most));
  return { calls: projected, overageCents: Math.max(0, projected - quota) * (rate ?? 0) };
}

/** The beginning of its hour, in UTC. */
export function toHour(timestamp: Timestamp): Timestamp {
  return toTimestamp(Math.floor(toMillis(timestamp) / HOUR_MS) * HOUR_MS);
}

/** The next beginning of an hour in UTC, or the time itself if it is one. */
export function toEndOfHour(timestamp: Timestamp): Timestamp {
  return toTimestamp(Math.ceil(toMillis(timestamp) / HOUR_MS) * HOUR_MS);
}
