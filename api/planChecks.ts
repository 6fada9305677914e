import { listPlans } from '../db/plans';
import { AppError } from '../domain/errors';
import { advancedParametersUsed, type JobFacet, type JobFilter } from '../domain/jobFilter';
import { type Plan, smallestPlanAbove } from '../domain/plan';
import { MAX_SAVED_SEARCHES } from '../domain/savedSearch';
import type { KeyedCall } from './route';
import type { ApiServices } from './services';

interface Circumstances extends Pick<KeyedCall<unknown, unknown>, 'caller' | 'now'> {
  services: Pick<ApiServices, 'db'>;
}

interface Requirement {
  has: (plan: Plan) => boolean;
  /** In the plural, beginning a sentence. */
  what: string;
  /** Another way to get it than by a plan, beginning with `or`. */
  alternative?: string;
  /** Parameters that ask for it, where it is not the route itself. */
  parameters?: readonly string[];
}

/** @throws AppError `plan_upgrade_required` naming the smallest plan that has what is asked for. */
export async function refuseUnlessPlan(
  { caller: { plan }, now, services }: Circumstances,
  { has, what, alternative, parameters = [] }: Requirement,
): Promise<void> {
  if (has(plan)) return;
  const larger = smallestPlanAbove(plan, await listPlans(services.db, now), has);
  const needs = larger ? `the ${larger.name} plan or a larger one` : 'a plan that has them';
  throw new AppError(
    'plan_upgrade_required',
    `${what} need ${needs}${alternative ? `, ${alternative}` : ''}; the account is on ${plan.name}.`,
    { faults: parameters.map((parameter) => ({ parameter, message: `Needs ${needs}.` })) },
  );
}

/** @throws AppError `plan_upgrade_required` naming the parameters and the plan that has them. */
export async function refuseAdvancedFilters(
  { filter, facets = [] }: { filter: JobFilter; facets?: readonly JobFacet[] },
  circumstances: Circumstances,
): Promise<void> {
  const used = [...advancedParametersUsed(filter), ...(facets.length > 0 ? ['facets'] : [])];
  if (used.length === 0) return;
  await refuseUnlessPlan(circumstances, {
    has: (plan) => plan.advanced_filters,
    what: `Advanced filters (${used.join(', ')})`,
    parameters: used,
  });
}

/** @throws AppError `plan_upgrade_required` naming the plan that has saved searches. */
export async function refuseSavedSearches(circumstances: Circumstances): Promise<void> {
  await refuseUnlessPlan(circumstances, {
    has: ({ saved_searches: most }) => most === null || most > 0,
    what: 'Saved searches',
  });
}

/**
 * @param count how many saved searches the account has.
 * @throws AppError `plan_upgrade_required` naming the plan that has room for one more; `conflict` where none has.
 */
export async function refuseMoreSavedSearches(
  count: number,
  { caller: { plan }, now, services }: Circumstances,
): Promise<void> {
  const hasRoom = ({ saved_searches: most }: Plan) => count < Math.min(most ?? Infinity, MAX_SAVED_SEARCHES);
  if (hasRoom(plan)) return;
  const larger = smallestPlanAbove(plan, await listPlans(services.db, now), hasRoom);
  const present = `The account has ${count} saved searches, as many as ${larger ? `the ${plan.name} plan allows` : 'there may be'}.`;
  throw larger
    ? new AppError('plan_upgrade_required', `${present} The ${larger.name} plan allows more.`)
    : new AppError('conflict', `${present} Delete one that is not used.`);
}

/** @throws AppError `plan_upgrade_required` naming the plan that has exports. */
export async function refuseExports(circumstances: Circumstances): Promise<void> {
  await refuseUnlessPlan(circumstances, {
    has: (plan) => plan.exports,
    what: 'Exports',
    alternative: 'or the bulk-exports add-on',
  });
}
