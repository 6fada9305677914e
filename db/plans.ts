import type { Plan } from '../domain/plan';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

/** The columns of `plans` that make a `Plan`. */
const PLAN_COLUMNS = [
  'id',
  'name',
  'rank',
  'monthly_price_cents',
  'annual_discount_percent',
  'monthly_calls',
  'overage_cents_per_call',
  'requests_per_minute',
  'requests_in_flight',
  'retention_days',
  'saved_searches',
  'webhook_endpoints',
  'advanced_filters',
  'exports',
  'support_target_hours',
] as const satisfies readonly (keyof Plan)[];

/** Every plan in the terms in force at `now`, from small to large. */
export async function listPlans(db: Db, now: Timestamp): Promise<Plan[]> {
  const inForce = db('plans')
    .distinctOn('id')
    .where('effective_from', '<=', now)
    .orderBy(['id', { column: 'effective_from', order: 'desc' }]);
  return db.from(inForce.as('plans')).select<Plan[]>(PLAN_COLUMNS).orderBy('rank');
}
