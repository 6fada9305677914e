import { AppError } from '../domain/errors';
import type { MeilisearchIndex } from './meilisearch';
import type { JobSearch, SearchIndex } from './searchIndex';

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

  async function ask<T>(isForHot: boolean, question: (engine: JobSearch) => Promise<T>): Promise<T> {
    if (clock() < restsUntil || !isForHot) return question(postgres);
    try {
      return await question(hot);
    } catch (error) {
      if (error instanceof AppError && error.code === 'invalid_parameter') throw error;
      if (error instanceof AppError && error.code === 'unavailable') restsUntil = clock() + REST_MS;
      onFallback(error);
      return question(postgres);
    }
  }

  return {
    ...hot,
    search: (request) => ask(hot.canAnswer(request), (engine) => engine.search(request)),
    facets: (request) =>
      ask(hot.canAnswer({ ...request, sort: 'posted_on_desc' }), (engine) => engine.facets(request)),
  };
}
