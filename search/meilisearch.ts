import type { SearchResponse } from 'meilisearch';
import type { Db } from '../db/connection';
import { readIndexableJobs } from '../db/indexableJobs';
import { AppError } from '../domain/errors';
import type { Job } from '../domain/job';
import { matchesFilter } from '../domain/jobFilter';
import { isReadable } from '../domain/readScope';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import { decodeCursor, encodeCursor } from './cursor';
import { createClient, type MeilisearchOptions } from './meilisearch/client';
import { documentStamp, type IndexedPlace, jobIdOf } from './meilisearch/document';
import { MeilisearchFailure } from './meilisearch/failure';
import { toFilter } from './meilisearch/filter';
import { createMaintenance } from './meilisearch/maintenance';
import { ORDERS } from './meilisearch/order';
import { searchWhole } from './meilisearch/searchWhole';
import { RETRIEVED } from './meilisearch/settings';
import { toQuery } from './meilisearch/words';
import { MAX_EXACT_TOTAL, type SearchIndex, type SearchRequest, type SearchResult } from './searchIndex';

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

export interface MeilisearchIndex extends SearchIndex {
  /** Whether this engine gives the exact answer: it holds the jobs of the hot window, and not every search is one it can tell. */
  canAnswer(request: SearchRequest): boolean;
  /** The smallest search. @throws MeilisearchFailure as long as it could answer none. */
  probe(): Promise<void>;
}

/** Search in Meilisearch: it finds and orders ids, the jobs themselves are read from Postgres. */
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
    const [found, whole = found] = await searchWhole(client, { indexUid, queries, deadlineMs });
    if (!found || !whole) throw new AppError('internal', 'A search came without an answer.');

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

  return {
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

/** Null for what Meilisearch cannot tell exactly. */
function compile({ filter, scope }: SearchRequest): CompiledRequest | null {
  const query = filter.search ? toQuery(filter.search) : '';
  const conditions = toFilter(filter, scope);
  return query === null || conditions === null ? null : { query, filter: conditions };
}

/** Whether all that the request can reach was posted since. */
function isWithin({ filter, scope }: SearchRequest, edge: Timestamp): boolean {
  return [scope.postedSince, filter.postedAfter ?? null].some((since) => since !== null && since >= edge);
}

/** Exact, for nothing here makes Meilisearch estimate. */
function matches(response: SearchResponse<IndexedPlace>): number {
  return response.estimatedTotalHits ?? 0;
}

/**
 * The jobs of the hits, in their order, as they are now. One that changed since it was indexed is shown only if it still belongs
 * to the answer. @throws MeilisearchFailure when Postgres knows none of them.
 */
async function readHits(
  db: Db,
  hits: readonly IndexedPlace[],
  { filter, scope }: SearchRequest,
): Promise<Job[]> {
  if (hits.length === 0) return [];
  const found = await readIndexableJobs(db, hits.map(jobIdOf));
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
