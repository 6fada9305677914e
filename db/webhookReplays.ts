import type { ReadScope } from '../domain/readScope';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import { allOf, readScopeConditions } from './readScope';

/** Of the jobs that an endpoint was told of, those first told from a time up to another that its owner may still read. */
export interface ReplaySpan {
  endpointId: string;
  from: Timestamp;
  to: Timestamp;
  scope: ReadScope;
}

export interface ToldJob {
  jobId: string;
  matchedAt: Timestamp;
  /** Those that it matched then, as JSON. */
  savedSearches: unknown;
}

/** The rows of the span. Told jobs come without the columns that jobs have as well: the scope speaks of those of jobs. */
function rowsOf({ endpointId, from, to, scope }: ReplaySpan) {
  const readable = allOf(readScopeConditions(scope));
  return {
    sql: `from (
        select job_id, matched_at, saved_searches from webhook_told_jobs
        where endpoint_id = ? and matched_at >= ? and matched_at < ?
      ) told join jobs on jobs.id = told.job_id
      where ${readable.sql}`,
    bindings: [endpointId, from, to, ...readable.bindings],
  };
}

/** The first `most` jobs of the span, in the order in which they were told. */
export async function listToldJobs(db: Db, span: ReplaySpan, most: number): Promise<ToldJob[]> {
  const { sql, bindings } = rowsOf(span);
  const { rows } = await db.raw<{ rows: ToldJob[] }>(
    `select told.job_id as "jobId", told.matched_at as "matchedAt", told.saved_searches as "savedSearches" ${sql}
     order by told.matched_at, told.job_id limit ?`,
    [...bindings, most],
  );
  return rows;
}

export async function countToldJobs(db: Db, span: ReplaySpan): Promise<number> {
  const { sql, bindings } = rowsOf(span);
  const { rows } = await db.raw<{ rows: [{ count: number }] }>(`select count(*) as count ${sql}`, bindings);
  return rows[0].count;
}

/** A job that is told anew. */
export interface Replay {
  jobId: string;
  version: number;
  /** JSON text of the job as the API shows it now. */
  body: string;
  savedSearches: unknown;
}

/** Writes a `job.matched` event of its own for each job, in their order. */
export async function insertReplays(
  db: Db,
  { endpointId, accountId, now }: { endpointId: string; accountId: string; now: Timestamp },
  replays: readonly Replay[],
): Promise<void> {
  await db.raw(
    `with given as (
       select * from unnest(
         cast(:jobIds as text[]), cast(:versions as int[]), cast(:bodies as text[]), cast(:details as text[])
       ) with ordinality as given (job_id, job_version, body, details, place)
     ), payloads as (
       insert into webhook_payloads (job_id, job_version, body, created_at)
       select job_id, job_version, body, :now from given order by place
       returning id, job_id
     )
     insert into webhook_deliveries (id, endpoint_id, account_id, event_id, type, created_at, payload_id, job_id, details, due_at)
     select gen_random_uuid()::text, :endpointId, :accountId, 'evt_' || replace(gen_random_uuid()::text, '-', ''),
            'job.matched', :now, payloads.id, given.job_id, cast(given.details as jsonb), :now
     from given join payloads using (job_id) order by given.place`,
    {
      endpointId,
      accountId,
      now,
      jobIds: replays.map(({ jobId }) => jobId),
      versions: replays.map(({ version }) => version),
      bodies: replays.map(({ body }) => body),
      details: replays.map(({ savedSearches }) =>
        JSON.stringify({ saved_searches: savedSearches, replayed: true }),
      ),
    },
  );
}
