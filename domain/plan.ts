import { z } from 'zod';
import type { ApiKeyKind } from './apiKey';
import { AppError } from './errors';
import type { ReadScope } from './readScope';
import { addMillis, DAY_MS, type Timestamp } from './time';

const count = z.number().int().min(0).max(1_000_000_000);

/**
 * The terms of a plan, by the names of the `plans` table's columns. Null is without limit, or, for prices, set by the
 * contract.
 */
export const planTerms = z.strictObject({
  monthly_price_cents: count.nullable(),
  annual_discount_percent: z.number().int().min(0).max(100).nullable(),
  monthly_calls: count.nullable(),
  overage_cents_per_call: count.nullable(),
  requests_per_minute: count.nullable(),
  requests_in_flight: count.nullable(),
  retention_days: z.number().int().min(0).max(36_500).nullable(),
  saved_searches: count.nullable(),
  webhook_endpoints: count.nullable(),
  advanced_filters: z.boolean(),
  exports: z.boolean(),
  support_target_hours: z.number().int().min(0).max(8_760),
});
type PlanTerms = z.infer<typeof planTerms>;

/** An account's own terms: those that its contract replaces. */
export const planOverrides = planTerms.partial();
export type PlanOverrides = z.infer<typeof planOverrides>;

export interface Plan extends PlanTerms {
  id: string;
  name: string;
  /** Order of the plans from small to large. */
  rank: number;
}

/**
 * The plan under an account's own terms, by which a contract replaces the plan's.
 * @throws AppError `internal` naming every term that is unknown or malformed.
 */
export function applyOverrides(plan: Plan, overrides: unknown): Plan {
  const terms = planOverrides.safeParse(overrides);
  if (!terms.success) {
    throw new AppError('internal', `The account's own terms are malformed. ${z.prettifyError(terms.error)}`);
  }
  return { ...plan, ...terms.data };
}

/** The smallest plan above this one that `has` what is wanted; null when none has. */
export function smallestPlanAbove(
  plan: Plan,
  plans: readonly Plan[],
  has: (larger: Plan) => boolean,
): Plan | null {
  const larger = plans.filter((other) => other.rank > plan.rank && has(other));
  return larger.reduce<Plan | null>(
    (least, other) => (least && least.rank < other.rank ? least : other),
    null,
  );
}

/** Whether a job posted at that time is inside the plan's window. */
export function showsJobsOf(
  plan: Pick<Plan, 'retention_days'>,
  postedOn: Timestamp,
  now: Timestamp,
): boolean {
  const since = windowStart(plan, now);
  return since === null || postedOn >= since;
}

/** What a key of this kind may read under the plan. `samplesForLiveKeys` is the setting of `npm start`. */
export function readScopeOf(
  kind: ApiKeyKind,
  plan: Pick<Plan, 'retention_days'>,
  { samplesForLiveKeys, now }: { samplesForLiveKeys: boolean; now: Timestamp },
): ReadScope {
  const samplesOfLiveKeys = samplesForLiveKeys ? 'included' : 'hidden';
  return { postedSince: windowStart(plan, now), samples: kind === 'test' ? 'only' : samplesOfLiveKeys };
}

function windowStart(plan: Pick<Plan, 'retention_days'>, now: Timestamp): Timestamp | null {
  return plan.retention_days === null ? null : addMillis(now, -plan.retention_days * DAY_MS);
}
