import { z } from 'zod';
import { holdsUntil, JOB_QUERY_GRAMMAR, type ParsedJobQuery, timelessQuery } from '../../domain/jobFilter';
import { highlight } from '../../domain/highlight';
import type { Job } from '../../domain/job';
import { chooseFields, chosenJobViewSchema, jobViewSchema, toJobView } from '../../domain/jobView';
import type { Timestamp } from '../../domain/time';
import { type EmptyResultHints, findJobs, type FoundJobs } from '../../search/findJobs';
import { itemBody, itemSchema, listBody, searchSchema } from '../envelope';
import { exampleJobView } from '../examples';
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
  response: searchSchema(z.union([jobViewSchema, chosenJobViewSchema])),
  example: listBody({
    items: [{ ...exampleJobView, searchable_at: null }],
    total: 1,
    totalIsExact: true,
    nextCursor: null,
    warnings: [],
  }),
  responseHeaders: { 'X-Search-Engine': 'The engine that answered: `postgres` or `meilisearch`.' },
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
  const { facets, hints } = found;
  return {
    headers: { 'X-Search-Engine': found.engine },
    ageing: {
      postedOn: found.jobs.map((job) => job.postedOn),
      until: holdsUntil(found.jobs, query, caller.plan, now),
    },
    body: {
      ...listBody({
        items: found.jobs.map((job) => viewOf(job, found, { query, now })),
        total: found.total,
        totalIsExact: found.totalIsExact,
        nextCursor: found.nextCursor,
        warnings: [...query.warnings, ...relaxationWarnings(found)],
      }),
      ...(facets && { facets: facets.counts, facets_are_exact: facets.isExact }),
      ...(hints && { hints: hintsView(hints) }),
    },
  };
}

function viewOf(
  job: Job,
  { expression }: FoundJobs,
  { query, now }: { query: ParsedJobQuery; now: Timestamp },
): z.input<typeof chosenJobViewSchema> {
  const view = chooseFields(toJobView(job, now), query.fields);
  if (!query.highlight || !expression) return view;
  return { ...view, _highlight: highlight(job, expression, query.filter.searchIn) };
}

function relaxationWarnings({ relaxed }: FoundJobs): string[] {
  if (!relaxed) return [];
  const readings = relaxed.map(({ word, suggestions }) => `'${word}' as ${suggestions.join(', ')}`);
  return [
    `spelling_relaxed: nothing matched as written; read ${readings.join('; ')}. exact=true keeps to the letter.`,
  ];
}

function hintsView({ filters, spelling }: EmptyResultHints) {
  return {
    filters: filters.map(({ parameters, total, totalIsExact }) => ({
      parameters: [...parameters],
      total_without: total,
      total_is_exact: totalIsExact,
    })),
    spelling: spelling.map(({ word, suggestions }) => ({ word, did_you_mean: suggestions })),
  };
}
