import { randomUUID } from 'node:crypto';
import { Meilisearch } from 'meilisearch';
import type { Db } from '../../db/connection';
import type { Timestamp } from '../../domain/time';
import { createHybridIndex, type EngineObserver, type FallbackReason } from '../../search/hybridIndex';
import { createMeilisearchIndex, type MeilisearchIndex } from '../../search/meilisearch';
import { createPostgresIndex } from '../../search/postgres';
import type { SearchIndex } from '../../search/searchIndex';
import { createTimers } from './timers';

const url = process.env.TEST_MEILI_URL;

/** A whole suite on a real Meilisearch; skipped, and saying why, where there is none. */
export function describeWithMeilisearch(name: string, suite: () => void): void {
  if (url) describe(name, suite);
  else {
    describe.skip(
      `${name} (no Meilisearch: set MEILI_URL, or MEILI_BIN, or put \`meilisearch\` on PATH)`,
      suite,
    );
  }
}

export interface TestMeilisearch {
  client: Meilisearch;
  indexUid: string;
  meilisearch: MeilisearchIndex;
  /** As the processes use it: Postgres answers what Meilisearch cannot. */
  index: SearchIndex;
  /** Why Postgres answered what Meilisearch could have answered, once each time. */
  fallbacks: FallbackReason[];
  /** Whether Meilisearch is left alone, as last told. */
  circuit: () => 'open' | 'closed';
  /** Lets the time pass by which an engine that failed is left alone, and waits for what is done then. */
  rest: (ms: number) => Promise<void>;
  drop: () => Promise<void>;
}

export interface TestMeilisearchOptions {
  now: () => Timestamp;
  /** One that is there already. */
  indexUid?: string;
  hotWindowDays?: number;
  /** Another server than that of the run. */
  url?: string;
  /** Told what the index's own notes are told. */
  observer?: EngineObserver;
  /** As the product has it unless given; on the run's own server long, for the machine may be busy. */
  searchDeadlineMs?: number;
}

const PATIENT_MS = 30_000;

/** An index of the test's own at the run's Meilisearch; it is not there before it is rebuilt. */
export function createTestMeilisearch(db: Db, options: TestMeilisearchOptions): TestMeilisearch {
  const apiKey = process.env.TEST_MEILI_MASTER_KEY || undefined;
  const host = options.url ?? url ?? 'http://127.0.0.1:1';
  const client = new Meilisearch({ host, apiKey });
  const { indexUid = `test-${randomUUID()}` } = options;
  const meilisearch = createMeilisearchIndex({
    db,
    url: host,
    apiKey,
    indexUid,
    hotWindowDays: options.hotWindowDays ?? 184,
    now: options.now,
    searchDeadlineMs: options.searchDeadlineMs ?? (options.url === undefined ? PATIENT_MS : undefined),
  });
  const fallbacks: FallbackReason[] = [];
  const timers = createTimers();
  let isOpen = false;
  const index = createHybridIndex({
    hot: meilisearch,
    postgres: createPostgresIndex(db),
    observer: {
      onFallback: (reason) => {
        fallbacks.push(reason);
        options.observer?.onFallback(reason);
      },
      onCircuit: (state) => {
        isOpen = state;
        options.observer?.onCircuit(state);
      },
    },
    after: timers.after,
  });
  return {
    client,
    indexUid,
    meilisearch,
    index,
    fallbacks,
    circuit: () => (isOpen ? 'open' : 'closed'),
    rest: timers.pass,
    drop: async () => {
      const { results } = await client.getRawIndexes({ limit: 1_000 });
      for (const { uid } of results) {
        if (uid.startsWith(indexUid)) await client.deleteIndex(uid).waitTask({ timeout: 30_000 });
      }
    },
  };
}
