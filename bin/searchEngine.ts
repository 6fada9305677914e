import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import { toTimestamp } from '../domain/time';
import { createHybridIndex, type EngineObserver } from '../search/hybridIndex';
import { createMeilisearchIndex } from '../search/meilisearch';
import { createPostgresIndex } from '../search/postgres';
import type { SearchIndex } from '../search/searchIndex';
import type { Config } from './config';

type EngineConfig = Pick<Config, 'meiliUrl' | 'meiliMasterKey' | 'meiliIndex' | 'hotWindowDays'>;

/** Meilisearch with Postgres behind it where MEILI_URL is set, else Postgres alone. */
export function createSearchIndex(
  db: Db,
  config: EngineConfig,
  logger: Logger,
  observer?: EngineObserver,
): SearchIndex {
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
    observer: {
      onFallback: (reason, error) => {
        observer?.onFallback(reason);
        if (error !== undefined)
          logger.warn({ err: error, reason }, 'Meilisearch did not answer; Postgres did');
      },
      onCircuit: (isOpen) => {
        observer?.onCircuit(isOpen);
        if (isOpen) logger.warn('Meilisearch is left alone until it answers again');
        else logger.info('Meilisearch answers again');
      },
    },
    after: (ms, action) => void setTimeout(() => void action(), ms).unref(),
  });
}
