import { listPlans } from '../db/plans';
import { AppError } from '../domain/errors';
import { advancedParametersUsed, type JobFacet, type JobFilter } from '../domain/jobFilter';
import { type Plan, smallestPlanAbove } from '../domain/plan';
import type { KeyedCall } from './route';

type Circumstances = Pick<KeyedCall<unknown, unknown>, 'caller' | 'now' | 'services'>;

/** @throws AppError `plan_upgrade_required` naming the parameters and the plan that has them. */
export async function refuseAdvancedFilters(
  { filter, facets = [] }: { filter: JobFilter; facets?: readonly JobFacet[] },
  circumstances: Circumstances,
): Promise<void> {
  const { plan } = circumstances.caller;
  if (plan.advanced_filters) return;
  const used = [...advancedParametersUsed(filter), ...(facets.length > 0 ? ['facets'] : [])];
  if (used.length === 0) return;
  const larger = await nameOfPlanWith((other) => other.advanced_filters, circumstances);
  const needs = larger ? `the ${larger} plan or a larger one` : 'a plan with advanced filters';
  throw new AppError(
    'plan_upgrade_required',
    `Advanced filters (${used.join(', ')}) need ${needs}; the account is on ${plan.name}.`,
    { faults: used.map((parameter) => ({ parameter, message: `Needs ${needs}.` })) },
  );
}

/** @throws AppError `plan_upgrade_required` naming the plan that has exports. */
export async function refuseExports(circumstances: Circumstances): Promise<void> {
  const { plan } = circumstances.caller;
  if (plan.exports) return;
  const larger = await nameOfPlanWith((other) => other.exports, circumstances);
  const needs = larger ? `the ${larger} plan or a larger one` : 'a plan with exports';
  throw new AppError(
    'plan_upgrade_required',
    `Exports need ${needs}, or the bulk-exports add-on; the account is on ${plan.name}.`,
  );
}

async function nameOfPlanWith(
  has: (plan: Plan) => boolean,
  { caller: { plan }, now, services }: Circumstances,
): Promise<string | null> {
  return smallestPlanAbove(plan, await listPlans(services.db, now), has)?.name ?? null;
}
