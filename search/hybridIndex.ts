import { AppError } from '../domain/errors';
import type { MeilisearchIndex } from './meilisearch';
import type { JobSearch, SearchIndex, SearchRequest, SearchResult } from './searchIndex';

/** How long Meilisearch is left alone after it did not answer. */
const REST_MS = 5_000;

export interface HybridOptions {
  hot: MeilisearchIndex;
  postgres: JobSearch;
  /** Told when Meilisearch failed and Postgres answered in its place. */
  onFallback: (error: unknown) => void;
  /** Milliseconds of a clock that never goes back. */
  clock: () => number;
}

/**
 * Meilisearch for what it can answer, Postgres for all else: requests past the hot window's edge, searches too complex, and
 * everything while Meilisearch is down or its index is missing. The index that is kept up to date is Meilisearch's.
 */
export function createHybridIndex({ hot, postgres, onFallback, clock }: HybridOptions): SearchIndex {
  let restsUntil = -Infinity;

  async function search(request: SearchRequest): Promise<SearchResult> {
    if (clock() < restsUntil || !hot.canAnswer(request)) return postgres.search(request);
    try {
      return await hot.search(request);
    } catch (error) {
      if (error instanceof AppError && error.code === 'invalid_parameter') throw error;
      if (error instanceof AppError && error.code === 'unavailable') restsUntil = clock() + REST_MS;
      onFallback(error);
      return postgres.search(request);
    }
  }

  return { ...hot, search };
}
