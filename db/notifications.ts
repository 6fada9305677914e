import type { Db } from './connection';

/**
 * The channel on which Postgres tells that an answer about jobs may have changed; the message says nothing. Triggers send it when
 * a transaction that wrote to `jobs` or `job_identities` commits.
 */
export const JOBS_CHANGED = 'jobs_changed';

/**
 * The channel on which Postgres tells that what a key may do has perhaps changed; the message says nothing. Triggers send it when a
 * transaction that wrote to `api_keys`, `accounts` or `plans` commits.
 */
export const KEYS_CHANGED = 'keys_changed';

/** For what changes answers beside these tables: an index of its own that was brought up to date. */
export async function notifyJobsChanged(db: Db): Promise<void> {
  await db.raw(`select pg_notify(:channel, '')`, { channel: JOBS_CHANGED });
}
