import { listPlans } from '../db/plans';
import { AppError } from '../domain/errors';
import { type Plan, smallestPlanAbove } from '../domain/plan';
import type { KeyedCall } from './route';

type Circumstances = Pick<KeyedCall<unknown, unknown>, 'caller' | 'now' | 'services'>;

/**
 * Refuses what the caller's plan does not have; `what` is its name in the plural, beginning a sentence.
 * @throws AppError `plan_upgrade_required` naming the smallest plan that has it.
 */
export async function refuseUnlessPlan(
  { caller: { plan }, now, services }: Circumstances,
  has: (plan: Plan) => boolean,
  what: string,
): Promise<void> {
  if (has(plan)) return;
  const larger = smallestPlanAbove(plan, await listPlans(services.db, now), has);
  const needs = larger ? `the ${larger.name} plan or a larger one` : 'a plan that has them';
  throw new AppError(
    'plan_upgrade_required',
    `${what} need ${needs}; the account is on the ${plan.name} plan.`,
  );
}
