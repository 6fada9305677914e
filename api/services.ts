import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import type { Timestamp } from '../domain/time';
import type { SearchIndex } from '../search/searchIndex';

/** What the API stands on, given by the process that serves it. */
export interface ApiServices {
  db: Db;
  search: SearchIndex;
  keys: {
    /** The server's secret under which keys are hashed. */
    pepper: string;
  };
  /** Live keys see the made-up postings of the sample source: for trying the product out. */
  samplesForLiveKeys: boolean;
  /** How the parts that no route reads from are doing; a rejection counts as down. */
  probes: { temporal: () => Promise<boolean> };
  logger: Logger;
  now: () => Timestamp;
}
