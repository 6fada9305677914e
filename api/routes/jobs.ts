import { z } from 'zod';
import { holdsUntil, JOB_QUERY_GRAMMAR, type ParsedJobQuery, timelessQuery } from '../../domain/jobFilter';
import { jobViewSchema, toJobView } from '../../domain/jobView';
import { findJobs } from '../../search/findJobs';
import { itemBody, itemSchema } from '../envelope';
import { exampleJobView } from '../examples';
import { engineHeaders, foundJobsAnswer, foundJobsBody } from '../foundJobs';
import { jobReference } from '../jobReference';
import { refuseAdvancedFilters } from '../planChecks';
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
  isMetered: true,
  query: JOB_QUERY_GRAMMAR,
  reusableBy: timelessQuery,
  ...foundJobsAnswer,
  handler: listFoundJobs,
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
  isMetered: true,
  params: z.object({ id: jobReference }),
  response: itemSchema(jobViewSchema),
  example: itemBody(exampleJobView),
  handler: async ({ params, caller, now, services }) => {
    const job = await readableJob(params.id, { caller, now, services });
    return { body: itemBody(toJobView(job, now)) };
  },
});

export const searchRoutes = [listJobs, searchJobs];
export const jobRoutes = [readJob];

async function listFoundJobs({ query, caller, now, services }: KeyedCall<unknown, ParsedJobQuery>) {
  await refuseAdvancedFilters(query, { caller, now, services });
  const found = await findJobs(services, { ...query, scope: caller.readScope });
  return {
    headers: engineHeaders(found),
    ageing: {
      postedOn: found.jobs.map((job) => job.postedOn),
      until: holdsUntil(found.jobs, query, caller.plan, now),
    },
    body: foundJobsBody(found, { query, now }),
  };
}
