import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { lockAccount } from '../../db/accounts';
import {
  countSavedSearches,
  type DeletedSavedSearch,
  deleteSavedSearch,
  findSavedSearch,
  insertSavedSearch,
  listSavedSearches,
  type SavedSearch,
  updateSavedSearch,
} from '../../db/savedSearches';
import { AppError } from '../../domain/errors';
import {
  SAVED_SEARCH_PAGE_ROWS,
  SAVED_SEARCHES_QUERY_GRAMMAR,
  savedSearchPageGrammar,
} from '../../domain/jobFilter';
import { jobViewSchema, toJobView } from '../../domain/jobView';
import { MAX_SAVED_SEARCHES, PREVIEW_DAYS, previewSpan, type SavableFilter } from '../../domain/savedSearch';
import { formatSavedSearchPlace } from '../../domain/savedSearchPlace';
import type { Timestamp } from '../../domain/time';
import { findExactly } from '../../search/findJobs';
import { readBodyValue } from '../bodyValue';
import { changeRoute } from '../changeRoute';
import { itemBody, itemSchema, listBody, listSchema } from '../envelope';
import { exampleJobView, exampleSavedSearchView } from '../examples';
import { engineHeaders, foundJobsAnswer, foundJobsBody } from '../foundJobs';
import { answerOnce, REPLAYED_HEADERS, REPLAYED_MEANING } from '../idempotency';
import { refuseAdvancedFilters, refuseMoreSavedSearches, refuseSavedSearches } from '../planChecks';
import { type KeyedCall, route } from '../route';
import {
  filterReader,
  filterSchema,
  savedSearchName,
  savedSearchSchema,
  toSavedSearchView,
} from '../savedSearchView';

const MAX_ID_LENGTH = 100;
const MAX_PREVIEW_BYTES = 20_000;
const MAX_NAMED = 10;
const EXAMPLE_FILTER = { search: 'python -wordpress', country: ['US', 'GB'], hourly_min: 40 };
const FOR_PLANS = 'For the Professional plan and larger ones.';
const FOR_WRITERS = 'The key needs the scope `account:write`.';

const params = z.object({
  id: z
    .string()
    .max(MAX_ID_LENGTH)
    .meta({ description: 'Id of the saved search', example: exampleSavedSearchView.id }),
});

type Circumstances = Pick<KeyedCall<unknown, unknown>, 'caller' | 'now' | 'services'>;

const listSearches = route({
  method: 'get',
  path: '/saved-searches',
  tag: 'Saved searches',
  summary: 'List the saved searches',
  description: 'The newest first. Open to every plan: what was saved under a larger one is kept.',
  scope: 'jobs:read',
  query: SAVED_SEARCHES_QUERY_GRAMMAR,
  response: listSchema(savedSearchSchema),
  example: listBody({
    items: [exampleSavedSearchView],
    total: 1,
    totalIsExact: true,
    nextCursor: null,
    warnings: [],
  }),
  handler: async ({ query: { after, limit }, caller, services: { db } }) => {
    const accountId = caller.account.id;
    const found = await listSavedSearches(db, { accountId, after, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      body: listBody({
        items: shown.map(toSavedSearchView),
        total: await countSavedSearches(db, accountId),
        totalIsExact: true,
        nextCursor: last && found.length > limit ? formatSavedSearchPlace(last) : null,
        warnings: [],
      }),
    };
  },
});

const createSearch = changeRoute({
  method: 'post',
  path: '/saved-searches',
  tag: 'Saved searches',
  summary: 'Save a search',
  description:
    'Filters of `GET /jobs` under a name. How jobs are shown (paging, `sort`, `fields`, `facets`, `highlight`, `count_only`) is no part of it, ' +
    'and neither are `ids`: they are a 400. Times back from now (`-24h`) count back from whenever the search is used. ' +
    `An account has as many as its plan allows, ${MAX_SAVED_SEARCHES.toLocaleString('en')} at most. ${FOR_PLANS} ${FOR_WRITERS}`,
  scope: 'account:write',
  body: {
    documented: z.strictObject({ name: savedSearchName, filter: filterSchema }),
    read: (value, now) =>
      readBodyValue(z.strictObject({ name: savedSearchName, filter: filterReader(now) }), value),
    example: { name: 'Python in the US and the UK', filter: EXAMPLE_FILTER },
  },
  response: itemSchema(savedSearchSchema),
  successStatus: 201,
  example: itemBody(exampleSavedSearchView),
  responseHeaders: REPLAYED_MEANING,
  handler: async (call) => {
    const { caller, value, idempotency, now, services } = call;
    await refuseUnusableFilter(value.filter, call);
    const { warnings, ...filter } = value.filter;
    const search = { id: randomUUID(), name: value.name, ...filter, createdAt: now, updatedAt: now };
    const { answer, isReplay } = await answerOnce(services.db, idempotency, now, async (transaction) => {
      await lockAccount(transaction, caller.account.id);
      const count = await countSavedSearches(transaction, caller.account.id);
      // On this very connection: who holds one and waits for another may wait for those who wait for the lock.
      await refuseMoreSavedSearches(count, { caller, now, services: { db: transaction } });
      await insertSavedSearch(transaction, caller.account.id, search);
      return { status: 201, body: itemBody(toSavedSearchView(search), warnings) };
    });
    return {
      status: answer.status,
      // An answer that was kept is one that this route has given.
      body: answer.body as ReturnType<typeof itemBody<ReturnType<typeof toSavedSearchView>>>,
      headers: isReplay ? REPLAYED_HEADERS : {},
    };
  },
});

const readSearch = route({
  method: 'get',
  path: '/saved-searches/{id}',
  tag: 'Saved searches',
  summary: 'Read a saved search',
  scope: 'jobs:read',
  params,
  response: itemSchema(savedSearchSchema),
  example: itemBody(exampleSavedSearchView),
  handler: async (call) => ({ body: itemBody(toSavedSearchView(await ownSearch(call))) }),
});

const changeSearch = changeRoute({
  method: 'patch',
  path: '/saved-searches/{id}',
  tag: 'Saved searches',
  summary: 'Change a saved search',
  description: `Its name, its filter or both; a filter replaces the whole of the old one. ${FOR_PLANS} ${FOR_WRITERS}`,
  scope: 'account:write',
  params,
  body: {
    documented: z.strictObject({ name: savedSearchName.optional(), filter: filterSchema.optional() }),
    read: (value, now) =>
      readBodyValue(
        z
          .strictObject({ name: savedSearchName.optional(), filter: filterReader(now).optional() })
          .refine((changes) => Object.keys(changes).length > 0, 'There is nothing in it to change'),
        value,
      ),
    example: { filter: { ...EXAMPLE_FILTER, hourly_min: 50 } },
  },
  response: itemSchema(savedSearchSchema),
  example: itemBody({ ...exampleSavedSearchView, filter: { ...EXAMPLE_FILTER, hourly_min: 50 } }),
  handler: async (call) => {
    const { caller, params: asked, value, now, services } = call;
    await refuseUnusableFilter(value.filter, call);
    const own = { accountId: caller.account.id, id: asked.id };
    const changed = await updateSavedSearch(services.db, own, {
      name: value.name,
      search: value.filter,
      now,
    });
    if (!changed) throw noSuchSearch(asked.id);
    return { body: itemBody(toSavedSearchView(changed), value.filter?.warnings) };
  },
});

const deleteSearch = changeRoute({
  method: 'delete',
  path: '/saved-searches/{id}',
  tag: 'Saved searches',
  summary: 'Delete a saved search',
  description:
    'The answer shows it as it was. It also goes from the `saved_search_ids` of webhook endpoints; one that named no other names none then, ' +
    `and hears of no jobs: \`warnings\` says so. Open to every plan. ${FOR_WRITERS}`,
  scope: 'account:write',
  params,
  response: itemSchema(savedSearchSchema),
  example: itemBody(exampleSavedSearchView),
  handler: async ({ caller, params: { id }, now, services }) => {
    const own = { accountId: caller.account.id, id };
    const deleted = await services.db.transaction((transaction) => deleteSavedSearch(transaction, own, now));
    if (!deleted) throw noSuchSearch(id);
    return { body: itemBody(toSavedSearchView(deleted.search), warningsOf(deleted)) };
  },
});

const listJobsOfSearch = route({
  method: 'get',
  path: '/saved-searches/{id}/jobs',
  tag: 'Saved searches',
  summary: 'The jobs that a saved search finds',
  description:
    'Answered as `GET /jobs` answers its filters, but to the letter: when nothing matches as it is written, no other spelling is tried. ' +
    `Webhooks decide in the same way which jobs match. ${FOR_PLANS}`,
  scope: 'jobs:read',
  isMetered: true,
  params,
  // Read once it is known which filters the search has: orders and cursors depend on them.
  query: { parameters: SAVED_SEARCH_PAGE_ROWS, parse: (given) => given },
  ...foundJobsAnswer,
  handler: async (call) => {
    const { query: given, caller, now, services } = call;
    await refuseSavedSearches(call);
    const query = savedSearchPageGrammar(await ownSearch(call)).parse(given, now);
    await refuseAdvancedFilters(query, call);
    const found = await findExactly(services.search, { ...query, scope: caller.readScope });
    return { headers: engineHeaders(found), body: foundJobsBody(found, { query, now }) };
  },
});

const previewSchema = z
  .object({
    days: z.number().describe(`${PREVIEW_DAYS}, or as many as the plan shows`),
    posted_after: z.iso.datetime().describe('Where these days begin'),
    total: z
      .number()
      .int()
      .describe('Jobs posted since then that match; a lower bound where it is not exact'),
    total_is_exact: z.boolean(),
    jobs_per_day: z.number().describe('The total by the days'),
    examples: z.array(jobViewSchema).describe('The newest of them, five at most'),
  })
  .meta({ id: 'SavedSearchPreview', description: 'What a search would have found lately.' });

const MAX_EXAMPLES = 5;

const previewSearch = route({
  method: 'post',
  path: '/saved-searches/preview',
  tag: 'Saved searches',
  summary: 'Try a search before saving it',
  description:
    `How many jobs of the last ${PREVIEW_DAYS} days match, and the newest of them: about as many will come. Nothing is saved, and the call is ` +
    `not counted. ${FOR_PLANS}`,
  scope: 'jobs:read',
  queryBody: {
    schema: z.strictObject({ filter: filterSchema }),
    maxBytes: MAX_PREVIEW_BYTES,
    example: { filter: EXAMPLE_FILTER },
  },
  query: {
    parameters: [],
    parse: (given, now): SavableFilter =>
      readBodyValue(z.strictObject({ filter: filterReader(now) }), given).filter,
  },
  response: itemSchema(previewSchema),
  example: itemBody({
    days: PREVIEW_DAYS,
    posted_after: '2026-01-13T12:00:00.000Z',
    total: 91,
    total_is_exact: true,
    jobs_per_day: 13,
    examples: [exampleJobView],
  }),
  handler: async (call) => {
    const { query, caller, now, services } = call;
    await refuseUnusableFilter(query, call);
    const { days, postedAfter } = previewSpan(caller.plan, now);
    const { jobs, total, totalIsExact } = await services.search.search({
      filter: { ...query.filter, postedAfter: later(query.filter.postedAfter, postedAfter) },
      sort: 'posted_on_desc',
      scope: caller.readScope,
      limit: MAX_EXAMPLES,
      start: { offset: 0 },
    });
    const preview = {
      days,
      posted_after: postedAfter,
      total,
      total_is_exact: totalIsExact,
      jobs_per_day: Math.round((total / days) * 10) / 10,
      examples: jobs.map((job) => toJobView(job, now)),
    };
    return { body: itemBody(preview, query.warnings) };
  },
});

export const savedSearchRoutes = [
  listSearches,
  createSearch,
  // Before the routes of one search, whose id it would be.
  previewSearch,
  readSearch,
  changeSearch,
  deleteSearch,
  listJobsOfSearch,
];

/** @throws AppError `plan_upgrade_required` when the plan has no saved searches, or not all of the filter. */
async function refuseUnusableFilter(
  filter: Pick<SavableFilter, 'filter'> | undefined,
  circumstances: Circumstances,
): Promise<void> {
  await refuseSavedSearches(circumstances);
  if (filter) await refuseAdvancedFilters(filter, circumstances);
}

/** @throws AppError `not_found`, also for a search of another account. */
async function ownSearch({
  caller,
  params: { id },
  services,
}: Pick<
  KeyedCall<z.output<typeof params>, unknown>,
  'caller' | 'params' | 'services'
>): Promise<SavedSearch> {
  const search = await findSavedSearch(services.db, { accountId: caller.account.id, id });
  if (!search) throw noSuchSearch(id);
  return search;
}

function noSuchSearch(id: string): AppError {
  return new AppError('not_found', `The account has no saved search ${id}.`);
}

function warningsOf({ emptiedEndpoints }: DeletedSavedSearch): string[] {
  if (emptiedEndpoints.length === 0) return [];
  const more = emptiedEndpoints.length - MAX_NAMED;
  const names = emptiedEndpoints.slice(0, MAX_NAMED).join(', ');
  return [
    `Webhook endpoints that named this search alone hear of no jobs until their saved_search_ids name another, or are null for all: ` +
      `${names}${more > 0 ? ` and ${more} more` : ''}.`,
  ];
}

function later(time: Timestamp | undefined, other: Timestamp): Timestamp {
  return time !== undefined && time > other ? time : other;
}
