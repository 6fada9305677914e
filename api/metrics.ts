import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { AppError } from '../domain/errors';
import type { EngineObserver } from '../search/hybridIndex';
import type { JobSearch } from '../search/searchIndex';
import type { CacheOutcome } from './responseCache';

/** Seconds; the plans promise answers well below one. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10];

/** What an API process counts for its operators (docs/operating.md). */
export interface Metrics {
  /** For what is measured elsewhere. */
  registry: Registry;
  /** In Prometheus's text format. */
  contentType: string;
  render(): Promise<string>;
  countRequest(request: { method: string; route: string; status: string; seconds: number }): void;
  /** The same search, counted by engine and outcome. */
  measured(search: JobSearch): JobSearch;
  engineObserver: EngineObserver;
  /** Counts an answer that the cache was asked for. */
  countCacheOutcome: (outcome: CacheOutcome) => void;
}

/** A registry of its own, with the metrics of the process itself. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: BUCKETS,
    registers,
  });
  const searches = new Histogram({
    name: 'search_duration_seconds',
    help: 'Time that a search took, by the engine that answered; none where it failed.',
    labelNames: ['engine', 'outcome'] as const,
    buckets: BUCKETS,
    registers,
  });
  const fallbacks = new Counter({
    name: 'search_fallbacks_total',
    help: 'Searches that Postgres answered in the place of Meilisearch, by reason.',
    labelNames: ['reason'] as const,
    registers,
  });
  const circuit = new Gauge({
    name: 'search_circuit_open',
    help: '1 while Meilisearch is left alone because it failed, else 0.',
    registers,
  });
  const cacheOutcomes = new Counter({
    name: 'response_cache_requests_total',
    help: 'Answers that the cache was asked for, by how they were come by.',
    labelNames: ['outcome'] as const,
    registers,
  });

  async function measure<T extends { engine: string }>(search: () => Promise<T>): Promise<T> {
    const stop = searches.startTimer();
    try {
      const result = await search();
      stop({ engine: result.engine, outcome: 'answered' });
      return result;
    } catch (error) {
      const isRefused = error instanceof AppError && error.status < 500;
      stop({ engine: 'none', outcome: isRefused ? 'refused' : 'failed' });
      throw error;
    }
  }

  return {
    registry,
    contentType: registry.contentType,
    render: () => registry.metrics(),
    countRequest: ({ seconds, ...labels }) => requests.observe(labels, seconds),
    measured: (search) => ({
      ...search,
      search: (request) => measure(() => search.search(request)),
    }),
    engineObserver: {
      onFallback: (reason) => fallbacks.inc({ reason }),
      onCircuit: (isOpen) => circuit.set(isOpen ? 1 : 0),
    },
    countCacheOutcome: (outcome) => cacheOutcomes.inc({ outcome }),
  };
}
