import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import { toTimestamp } from '../domain/time';
import { createHybridIndex } from '../search/hybridIndex';
import { createMeilisearchIndex } from '../search/meilisearch';
import { createPostgresIndex } from '../search/postgres';
import type { SearchIndex } from '../search/searchIndex';
import type { Config } from './config';

type EngineConfig = Pick<Config, 'meiliUrl' | 'meiliMasterKey' | 'meiliIndex' | 'hotWindowDays'>;

/** Meilisearch with Postgres behind it where MEILI_URL is set, else Postgres alone. */
export function createSearchIndex(db: Db, config: EngineConfig, logger: Logger): SearchIndex {
  const postgres = createPostgresIndex(db);
  if (config.meiliUrl === undefined) return postgres;
  return createHybridIndex({
    hot: createMeilisearchIndex({
      db,
      url: config.meiliUrl,
      apiKey: config.meiliMasterKey,
      indexUid: config.meiliIndex,
      hotWindowDays: config.hotWindowDays,
      now: () => toTimestamp(Date.now()),
    }),
    postgres,
    onFallback: (error) => logger.warn({ err: error }, 'Meilisearch did not answer; Postgres did'),
    clock: () => performance.now(),
  });
}
