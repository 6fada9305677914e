import type { SearchResponse } from 'meilisearch';
import type { Db } from '../db/connection';
import { isDatabaseUnavailable } from '../db/errors';
import { type IndexableJob, readIndexableJobs } from '../db/indexableJobs';
import { withPatience } from '../db/patience';
import { AppError } from '../domain/errors';
import type { Job } from '../domain/job';
import { facetCounts, type JobFacet, matchesFilter } from '../domain/jobFilter';
import { isReadable } from '../domain/readScope';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import { decodeCursor, encodeCursor } from './cursor';
import { createClient, type MeilisearchOptions } from './meilisearch/client';
import { documentStamp, type IndexedJob, type IndexedPlace, jobIdOf } from './meilisearch/document';
import { MeilisearchFailure } from './meilisearch/failure';
import { toFilter } from './meilisearch/filter';
import { createMaintenance } from './meilisearch/maintenance';
import { ORDERS } from './meilisearch/order';
import { searchWhole } from './meilisearch/searchWhole';
import { RETRIEVED } from './meilisearch/settings';
import { readShownJobs } from './meilisearch/shownJobs';
import { decodeWord, toQuery } from './meilisearch/words';
import {
  type FacetRequest,
  type FacetResult,
  type SearchIndex,
  type SearchRequest,
  type SearchResult,
} from './searchIndex';

/** A caller has Postgres to ask after it, and both together are to take less than a second. */
const SEARCH_DEADLINE_MS = 500;

export interface MeilisearchIndexOptions extends MeilisearchOptions {
  db: Db;
  /** The index's name; a rebuild adds `_` and the time to it. */
  indexUid: string;
  /** Only jobs posted within so many days are held. */
  hotWindowDays: number;
  now: () => Timestamp;
  /** After which a search is given up; half a second unless given. */
  searchDeadlineMs?: number;
}

/** What decides which engine answers. */
export type HotRequest = Pick<SearchRequest, 'filter' | 'scope' | 'sort'>;

export interface MeilisearchIndex extends SearchIndex {
  /** Whether this engine gives the exact answer: it holds the jobs of the hot window, and not every search is one it can tell. */
  canAnswer(request: HotRequest): boolean;
  /** The smallest search. @throws MeilisearchFailure as long as it could answer none. */
  probe(): Promise<void>;
}

/**
 * Search in Meilisearch: it finds and orders ids, the jobs themselves are read from Postgres, which has them as they are now. While that is away
 * they are shown as the index has them.
 */
export function createMeilisearchIndex(options: MeilisearchIndexOptions): MeilisearchIndex {
  const { db, indexUid, hotWindowDays, now, searchDeadlineMs: deadlineMs = SEARCH_DEADLINE_MS } = options;
  const client = createClient(options);
  const hotEdge = () => addMillis(now(), -hotWindowDays * DAY_MS);

  async function search(request: SearchRequest): Promise<SearchResult> {
    const compiled = compile(request);
    const { sort, start, limit } = request;
    const order = sort === 'relevance' ? undefined : ORDERS[sort];
    if (!compiled || sort === 'relevance' || !order)
      throw new AppError('internal', 'Meilisearch was asked for what it cannot answer.');
    const position = 'cursor' in start ? decodeCursor(sort, start.cursor) : null;
    const matching = {
      indexUid,
      q: compiled.query,
      attributesToSearchOn: request.filter.searchIn,
      filter: compiled.filter,
      matchingStrategy: 'all' as const,
    };
    const page = {
      ...matching,
      filter: position ? [...compiled.filter, order.behind(position.place)] : compiled.filter,
      sort: order.sort,
      limit,
      offset: 'cursor' in start ? 0 : start.offset,
      attributesToRetrieve: [...RETRIEVED],
    };
    // On a walk the page's own count is that of the jobs behind the cursor, which tells the total if it does not.
    const queries = position && !position.total ? [page, { ...matching, limit: 0 }] : [page];
    const [found, whole = found] = await searchWhole(client, { indexUid, queries, deadlineMs });
    if (!found || !whole) throw new AppError('internal', 'A search came without an answer.');

    const last = found.hits.at(-1);
    const hasMore = page.offset + found.hits.length < matches(found);
    const total = position?.total ?? { total: matches(whole), totalIsExact: true };
    return {
      jobs: await readHits(found.hits, request),
      ...total,
      nextCursor: hasMore && last ? encodeCursor(sort, order.place(last), total) : null,
      engine: 'meilisearch',
    };
  }

  /**
   * The jobs of the hits, in their order, as they are now. One that changed since it was indexed is shown only if it still belongs
   * to the answer. @throws MeilisearchFailure when Postgres knows none of them.
   */
  async function readHits(hits: readonly IndexedPlace[], { filter, scope }: SearchRequest): Promise<Job[]> {
    if (hits.length === 0) return [];
    const found = await readFromPostgres(hits);
    if (found === null) {
      const shown = await readShownJobs(client, hits, { indexUid, deadlineMs });
      const byId = new Map(shown.map((job) => [job.id, job]));
      return hits.flatMap((hit) => byId.get(jobIdOf(hit)) ?? []).filter((job) => isReadable(job, scope));
    }
    // One may have been erased just now; all of them never were here: the index belongs to another database.
    if (found.length === 0) {
      throw new MeilisearchFailure('nonsense', 'Meilisearch found jobs that are not in Postgres.');
    }
    const byId = new Map(found.map((each) => [each.job.id, each]));
    return hits.flatMap((hit) => {
      const { job, isFolded } = byId.get(jobIdOf(hit)) ?? {};
      if (!job || isFolded || !isReadable(job, scope)) return [];
      return hit.stamp === documentStamp(job.version) || matchesFilter(job, filter) ? [job] : [];
    });
  }

  /** Null while Postgres is away. */
  async function readFromPostgres(hits: readonly IndexedPlace[]): Promise<IndexableJob[] | null> {
    try {
      return await withPatience(readIndexableJobs(db, hits.map(jobIdOf)));
    } catch (error) {
      if (isDatabaseUnavailable(error)) return null;
      throw error;
    }
  }

  async function facets({ facets: names, ...request }: FacetRequest): Promise<FacetResult> {
    const compiled = compile(request);
    if (!compiled) throw new AppError('internal', 'Meilisearch was asked for what it cannot answer.');
    const query = {
      indexUid,
      q: compiled.query,
      filter: compiled.filter,
      attributesToSearchOn: request.filter.searchIn,
      matchingStrategy: 'all' as const,
      facets: names.map((name) => FACETS[name]),
      limit: 0,
    };
    const [found] = await searchWhole(client, { indexUid, queries: [query], deadlineMs });
    const { facetDistribution = {} } = found ?? {};
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
    probe: async () => {
      await searchWhole(client, { indexUid, queries: [], deadlineMs });
    },
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
