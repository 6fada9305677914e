import { AppError } from '../domain/errors';
import { createCircuit } from './circuit';
import type { HotRequest, MeilisearchIndex } from './meilisearch';
import { MeilisearchFailure, type FailureReason } from './meilisearch/failure';
import type { JobSearch, SearchIndex } from './searchIndex';

/**
 * Searches that may wait for Meilisearch at once in one process: one that has grown slow is not given ever more to do. Far above
 * what a process has under way as long as answers take milliseconds.
 */
const MAX_UNDER_WAY = 200;

/** Why Postgres answered what Meilisearch could have answered. */
export type FallbackReason = FailureReason | 'circuit_open' | 'too_many_under_way' | 'unexpected';

/** Told how the two engines share the work. */
export interface EngineObserver {
  onFallback(reason: FallbackReason, error?: unknown): void;
  /** The engine failed, and is left alone from now on; or is back. */
  onCircuit(isOpen: boolean): void;
}

export interface HybridOptions {
  hot: MeilisearchIndex;
  postgres: JobSearch;
  observer: EngineObserver;
  /** Runs the action once, so many milliseconds from now. */
  after: (ms: number, action: () => Promise<void>) => void;
}

/**
 * Meilisearch for what it can answer, Postgres for all else: requests past the hot window's edge, searches too complex, and
 * everything while Meilisearch is down, slow, or without an index that is whole. The index that is kept up to date is
 * Meilisearch's.
 */
export function createHybridIndex({ hot, postgres, observer, after }: HybridOptions): SearchIndex {
  const circuit = createCircuit({
    probe: () => hot.probe(),
    isFailure: (error) => error instanceof MeilisearchFailure && error.code === 'unavailable',
    after,
    onChange: (isOpen) => observer.onCircuit(isOpen),
  });
  let underWay = 0;

  async function answer<T>(request: HotRequest, ask: (engine: JobSearch) => Promise<T>): Promise<T> {
    if (!hot.canAnswer(request)) return ask(postgres);
    if (circuit.isOpen()) observer.onFallback('circuit_open');
    else if (underWay >= MAX_UNDER_WAY) observer.onFallback('too_many_under_way');
    else {
      underWay += 1;
      try {
        return await circuit.call(() => ask(hot));
      } catch (error) {
        if (error instanceof AppError && error.code === 'invalid_parameter') throw error;
        observer.onFallback(error instanceof MeilisearchFailure ? error.reason : 'unexpected', error);
      } finally {
        underWay -= 1;
      }
    }
    return ask(postgres);
  }

  return {
    ...hot,
    search: (request) => answer(request, (engine) => engine.search(request)),
    facets: (request) => answer({ ...request, sort: 'posted_on_desc' }, (engine) => engine.facets(request)),
  };
}
