import { z } from 'zod';
import { listPlans } from '../../db/plans';
import { AppError } from '../../domain/errors';
import {
  advancedParametersUsed,
  JOB_QUERY_GRAMMAR,
  type JobFilter,
  type ParsedJobQuery,
} from '../../domain/jobFilter';
import { jobViewSchema, toJobView } from '../../domain/jobView';
import { smallestPlanAbove } from '../../domain/plan';
import { itemBody, itemSchema, listBody, listSchema } from '../envelope';
import { exampleJobView } from '../examples';
import { jobReference } from '../jobReference';
import { queryBodySchema } from '../queryBody';
import { readableJob } from '../readableJob';
import { route, type KeyedCall } from '../route';

const MAX_BODY_BYTES = 100_000;

const SEARCH_DESCRIPTION =
  'All filters combine with AND; a comma list inside one is OR. Empty values are ignored. ' +
  "Every job returned was posted inside the plan's window.";

const listDeclaration = {
  tag: 'Jobs',
  scope: 'jobs:read',
  query: JOB_QUERY_GRAMMAR,
  response: listSchema(jobViewSchema),
  example: listBody({
    items: [{ ...exampleJobView, searchable_at: null }],
    total: 1,
    totalIsExact: true,
    nextCursor: null,
    warnings: [],
  }),
  responseHeaders: { 'X-Search-Engine': 'The engine that answered: `postgres` or `meilisearch`.' },
  handler: findJobs,
} as const;

const listJobs = route({
  ...listDeclaration,
  method: 'get',
  path: '/jobs',
  summary: 'Search and filter jobs',
  description: SEARCH_DESCRIPTION,
});

const searchJobs = route({
  ...listDeclaration,
  method: 'post',
  path: '/jobs/search',
  summary: 'Search and filter jobs by a JSON body',
  description: `The parameters of \`GET /jobs\` as members of an object, for filters too long for an address; lists may be JSON lists. ${SEARCH_DESCRIPTION}`,
  queryBody: {
    schema: queryBodySchema(JOB_QUERY_GRAMMAR.parameters),
    maxBytes: MAX_BODY_BYTES,
    example: { search: '(python OR django) -wordpress', country: ['US', 'GB'], budget_min: 500, limit: 10 },
  },
});

const readJob = route({
  method: 'get',
  path: '/jobs/{id}',
  tag: 'Jobs',
  summary: 'Read one job',
  description:
    'By id, alias, ciphertext (`~01...`, `~02...`) or Upwork URL (percent-encoded). A folded duplicate answers with ' +
    'the job it was folded into.',
  scope: 'jobs:read',
  params: z.object({ id: jobReference }),
  response: itemSchema(jobViewSchema),
  example: itemBody(exampleJobView),
  handler: async ({ params, caller, now, services }) => {
    const job = await readableJob(params.id, { caller, now, services });
    return { body: itemBody(toJobView(job, now)) };
  },
});

export const jobRoutes = [listJobs, searchJobs, readJob];

async function findJobs({ query, caller, now, services }: KeyedCall<unknown, ParsedJobQuery>) {
  await refuseAdvancedFilters(query.filter, { caller, now, services });
  const { filter, sort, limit, start } = query;
  const found = await services.search.search({ filter, sort, scope: caller.readScope, limit, start });
  return {
    headers: { 'X-Search-Engine': found.engine },
    body: listBody({
      items: found.jobs.map((job) => toJobView(job, now)),
      total: found.total,
      totalIsExact: found.totalIsExact,
      nextCursor: found.nextCursor,
      warnings: query.warnings,
    }),
  };
}

type Circumstances = Pick<KeyedCall<unknown, unknown>, 'caller' | 'now' | 'services'>;

/** @throws AppError `plan_upgrade_required` naming the parameters and the plan that has them. */
async function refuseAdvancedFilters(
  filter: JobFilter,
  { caller: { plan }, now, services }: Circumstances,
): Promise<void> {
  if (plan.advanced_filters) return;
  const used = advancedParametersUsed(filter);
  if (used.length === 0) return;
  const larger = smallestPlanAbove(
    plan,
    await listPlans(services.db, now),
    (other) => other.advanced_filters,
  );
  const needs = larger ? `the ${larger.name} plan or a larger one` : 'a plan with advanced filters';
  throw new AppError(
    'plan_upgrade_required',
    `Advanced filters (${used.join(', ')}) need ${needs}; the account is on ${plan.name}.`,
    { faults: used.map((parameter) => ({ parameter, message: `Needs ${needs}.` })) },
  );
}
