import type { SearchResponse } from 'meilisearch';
import type { Db } from '../db/connection';
import { readIndexableJobs } from '../db/indexableJobs';
import { AppError } from '../domain/errors';
import type { Job } from '../domain/job';
import { facetCounts, type JobFacet, matchesFilter } from '../domain/jobFilter';
import { isReadable } from '../domain/readScope';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import { decodeCursor, encodeCursor } from './cursor';
import { answered, createClient, type MeilisearchOptions } from './meilisearch/client';
import { documentStamp, type IndexedJob, type IndexedPlace, jobIdOf } from './meilisearch/document';
import { toFilter } from './meilisearch/filter';
import { createMaintenance } from './meilisearch/maintenance';
import { ORDERS } from './meilisearch/order';
import { RETRIEVED } from './meilisearch/settings';
import { decodeWord, toQuery } from './meilisearch/words';
import {
  type FacetRequest,
  type FacetResult,
  MAX_EXACT_TOTAL,
  type SearchIndex,
  type SearchRequest,
  type SearchResult,
} from './searchIndex';

/** Longer than any search takes; a caller has Postgres to ask instead. */
const SEARCH_TIMEOUT_MS = 5_000;

export interface MeilisearchIndexOptions extends MeilisearchOptions {
  db: Db;
  /** The index's name; a rebuild adds `_` and the time to it. */
  indexUid: string;
  /** Only jobs posted within so many days are held. */
  hotWindowDays: number;
  now: () => Timestamp;
}

export interface MeilisearchIndex extends SearchIndex {
  /** Whether this engine gives the exact answer: it holds the jobs of the hot window, and not every search is one it can tell. */
  canAnswer(request: Pick<SearchRequest, 'filter' | 'scope' | 'sort'>): boolean;
}

/** Search in Meilisearch: it finds and orders ids, the jobs themselves are read from Postgres. */
export function createMeilisearchIndex(options: MeilisearchIndexOptions): MeilisearchIndex {
  const { db, indexUid, hotWindowDays, now } = options;
  const client = createClient(options);
  const hotEdge = () => addMillis(now(), -hotWindowDays * DAY_MS);

  async function search(request: SearchRequest): Promise<SearchResult> {
    const compiled = compile(request);
    const { sort, start, limit } = request;
    const order = sort === 'relevance' ? undefined : ORDERS[sort];
    if (!compiled || sort === 'relevance' || !order)
      throw new AppError('internal', 'Meilisearch was asked for what it cannot answer.');
    const isWalk = 'cursor' in start;
    const matching = {
      indexUid,
      q: compiled.query,
      attributesToSearchOn: request.filter.searchIn,
      filter: compiled.filter,
      matchingStrategy: 'all' as const,
    };
    const page = {
      ...matching,
      filter: isWalk ? [...compiled.filter, order.behind(decodeCursor(sort, start.cursor))] : compiled.filter,
      sort: order.sort,
      limit,
      offset: isWalk ? 0 : start.offset,
      attributesToRetrieve: [...RETRIEVED],
    };
    // On a walk the page's own count is that of the jobs behind the cursor.
    const queries = isWalk ? [page, { ...matching, limit: 0 }] : [page];
    const { results } = await answered(
      client.multiSearch<{ queries: typeof queries }, IndexedPlace>(
        { queries },
        { signal: AbortSignal.timeout(SEARCH_TIMEOUT_MS) },
      ),
    );
    const [found, whole = found] = results;
    if (!found || !whole) throw new AppError('unavailable', 'Meilisearch left out the answer.');

    const last = found.hits.at(-1);
    const hasMore = page.offset + found.hits.length < matches(found);
    const total = matches(whole);
    return {
      jobs: await readHits(db, found.hits, request),
      total: Math.min(total, MAX_EXACT_TOTAL),
      totalIsExact: total <= MAX_EXACT_TOTAL,
      nextCursor: hasMore && last ? encodeCursor(sort, order.place(last)) : null,
      engine: 'meilisearch',
    };
  }

  async function facets({ facets: names, ...request }: FacetRequest): Promise<FacetResult> {
    const compiled = compile(request);
    if (!compiled) throw new AppError('internal', 'Meilisearch was asked for what it cannot answer.');
    const { facetDistribution = {} } = await answered(
      client.index<IndexedJob>(indexUid).search(
        compiled.query,
        {
          filter: compiled.filter,
          attributesToSearchOn: request.filter.searchIn,
          matchingStrategy: 'all',
          facets: names.map((name) => FACETS[name]),
          limit: 0,
        },
        { signal: AbortSignal.timeout(SEARCH_TIMEOUT_MS) },
      ),
    );
    const counts = names.map((name) => {
      const decoded = Object.entries(facetDistribution[FACETS[name]] ?? {}).flatMap(([word, count]) => {
        const text = decodeWord(word);
        return text === null ? [] : [[text, count] as const];
      });
      return [name, facetCounts(name, decoded)] as const;
    });
    return { counts: Object.fromEntries(counts), isExact: true };
  }

  return {
    facets,
    canAnswer: (request) =>
      isWithin(request, hotEdge()) && request.sort in ORDERS && compile(request) !== null,
    search,
    ...createMaintenance({ db, client, indexUid, hotEdge, now }),
  };
}

interface CompiledRequest {
  query: string;
  filter: string[];
}

/** The attribute of each facet. */
const FACETS: Readonly<Record<JobFacet, keyof IndexedJob>> = {
  category: 'category_path',
  category_group: 'category_group',
  skills: 'skill_set',
  country: 'buyer_country',
  job_type: 'job_type',
  contractor_tier: 'contractor_tier',
  status: 'status',
  payment_verified: 'payment_verified',
  duration_label: 'duration_label',
};

/** Null for what Meilisearch cannot tell exactly. */
function compile({ filter, scope }: Pick<SearchRequest, 'filter' | 'scope'>): CompiledRequest | null {
  const query = filter.search ? toQuery(filter.search) : '';
  const conditions = toFilter(filter, scope);
  return query === null || conditions === null ? null : { query, filter: conditions };
}

/** Whether all that the request can reach was posted since. */
function isWithin({ filter, scope }: Pick<SearchRequest, 'filter' | 'scope'>, edge: Timestamp): boolean {
  return [scope.postedSince, filter.postedAfter ?? null].some((since) => since !== null && since >= edge);
}

/** Exact, for nothing here makes Meilisearch estimate. */
function matches(response: SearchResponse<IndexedPlace>): number {
  return response.estimatedTotalHits ?? 0;
}

/**
 * The jobs of the hits, in their order, as they are now. One that changed since it was indexed is shown only if it still belongs
 * to the answer.
 */
async function readHits(
  db: Db,
  hits: readonly IndexedPlace[],
  { filter, scope }: SearchRequest,
): Promise<Job[]> {
  if (hits.length === 0) return [];
  const found = await readIndexableJobs(db, hits.map(jobIdOf));
  const byId = new Map(found.map((each) => [each.job.id, each]));
  return hits.flatMap((hit) => {
    const { job, isFolded } = byId.get(jobIdOf(hit)) ?? {};
    if (!job || isFolded || !isReadable(job, scope)) return [];
    return hit.stamp === documentStamp(job.version) || matchesFilter(job, filter) ? [job] : [];
  });
}
