import { randomUUID } from 'node:crypto';
import { Meilisearch } from 'meilisearch';
import type { Db } from '../../db/connection';
import type { Timestamp } from '../../domain/time';
import { createHybridIndex } from '../../search/hybridIndex';
import { createMeilisearchIndex, type MeilisearchIndex } from '../../search/meilisearch';
import { createPostgresIndex } from '../../search/postgres';
import type { SearchIndex } from '../../search/searchIndex';

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
  /** What went wrong and was answered by Postgres instead. */
  fallbacks: unknown[];
  /** Moves the time on by which an engine that failed is left alone. */
  rest: (ms: number) => void;
  drop: () => Promise<void>;
}

export interface TestMeilisearchOptions {
  now: () => Timestamp;
  hotWindowDays?: number;
  /** Another server than that of the run. */
  url?: string;
}

/** An index of the test's own at the run's Meilisearch; it is not there before it is rebuilt. */
export function createTestMeilisearch(db: Db, options: TestMeilisearchOptions): TestMeilisearch {
  const apiKey = process.env.TEST_MEILI_MASTER_KEY || undefined;
  const host = options.url ?? url ?? 'http://127.0.0.1:1';
  const client = new Meilisearch({ host, apiKey });
  const indexUid = `test-${randomUUID()}`;
  const meilisearch = createMeilisearchIndex({
    db,
    url: host,
    apiKey,
    indexUid,
    hotWindowDays: options.hotWindowDays ?? 184,
    now: options.now,
  });
  const fallbacks: unknown[] = [];
  let time = 0;
  const index = createHybridIndex({
    hot: meilisearch,
    postgres: createPostgresIndex(db),
    onFallback: (error) => fallbacks.push(error),
    clock: () => time,
  });
  return {
    client,
    indexUid,
    meilisearch,
    index,
    fallbacks,
    rest: (ms) => {
      time += ms;
    },
    drop: async () => {
      const { results } = await client.getRawIndexes({ limit: 1_000 });
      for (const { uid } of results) {
        if (uid.startsWith(indexUid)) await client.deleteIndex(uid).waitTask({ timeout: 30_000 });
      }
    },
  };
}
