import type { Db } from '../db/connection';
import type { Job } from '../domain/job';
import type { Timestamp } from '../domain/time';
import type { WebhookEventType } from '../domain/webhooks/eventTypes';

/** A saved search as events name it. */
export interface MatchedSearch {
  readonly id: string;
  readonly name: string;
}

/** What an endpoint hears of one job. */
export interface EndpointMatch {
  accountId: string;
  /** At least one. */
  savedSearches: readonly MatchedSearch[];
}

/** By endpoint id. */
export type EndpointMatches = ReadonlyMap<string, EndpointMatch>;

/**
 * All saved searches that an endpoint may hear of, in the memory of this process, and who hears of what. Its reads take no locks and
 * never wait for those of others.
 */
export interface Matcher {
  /** Brings it up to what `db` sees. A process that begins does so early: the first time everything is read. */
  catchUp(db: Db, now: Timestamp): Promise<void>;

  /**
   * Catches up, then matches each job: by its id, which endpoints that want `job.matched` hear of it, those left out whose saved
   * searches do not match. A job is matched as it is given, with its aliases as `db` sees them, under the plan windows and relative
   * times of `now`. Give only jobs that are shown themselves, not folded into another.
   */
  match(db: Db, jobs: readonly Job[], now: Timestamp): Promise<ReadonlyMap<string, EndpointMatches>>;

  /** Whether the endpoint wants events of that type and its account may still read the job, as of the latest catching up. */
  hears(endpointId: string, type: WebhookEventType, job: Job, now: Timestamp): boolean;
}
