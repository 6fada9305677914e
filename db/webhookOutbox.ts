import { randomUUID } from 'node:crypto';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import { writeInSlices } from './slices';

/** Of advisory locks, apart from those by which publishing locks what postings are known by. */
const OUTBOX_LOCK = 1_869_968_248;

/**
 * Lets this transaction alone announce until it ends. Numbers of deliveries then follow one another as commits do: without it, what
 * is published at the same time could be sent in another order than it was published in.
 */
export async function waitForOutbox(db: Db): Promise<void> {
  await db.raw('select pg_advisory_xact_lock(0, :lock)', { lock: OUTBOX_LOCK });
}

/** A saved search that an event names. */
export interface NamedSearch {
  id: string;
  name: string;
}

export interface ToldJob {
  jobId: string;
  endpointId: string;
  accountId: string;
  postedOn: Timestamp;
  matchedAt: Timestamp;
  savedSearches: readonly NamedSearch[];
}

/** A job and an endpoint: `webhook_told_jobs` has one row for each that were brought together. */
export type Telling = Pick<ToldJob, 'jobId' | 'endpointId'>;

export function tellingKey({ jobId, endpointId }: Telling): string {
  return `${jobId} ${endpointId}`;
}

/**
 * Notes that endpoints are told of jobs. Gives those that are told for the first time, by `tellingKey`: nobody is told twice that a job
 * matches.
 */
export async function noteTold(db: Db, told: readonly ToldJob[]): Promise<Set<string>> {
  const fresh = new Set<string>();
  await writeInSlices(
    told,
    ({ jobId, endpointId, accountId, postedOn, matchedAt, savedSearches }) => ({
      job_id: jobId,
      endpoint_id: endpointId,
      account_id: accountId,
      posted_on: postedOn,
      matched_at: matchedAt,
      saved_searches: savedSearches,
    }),
    async (records) => {
      const { rows } = await db.raw<{ rows: { job_id: string; endpoint_id: string }[] }>(
        `insert into webhook_told_jobs (job_id, endpoint_id, account_id, posted_on, matched_at, saved_searches)
         select r.job_id, r.endpoint_id, r.account_id, r.posted_on, r.matched_at, r.saved_searches
         from json_to_recordset(cast(:records as json)) as r (
           job_id text, endpoint_id text, account_id text, posted_on timestamptz, matched_at timestamptz, saved_searches jsonb
         )
         -- An endpoint that was removed meanwhile is told nothing; one that is told now stays until then.
         join webhook_endpoints e on e.id = r.endpoint_id
         order by r.job_id, r.endpoint_id
         on conflict (job_id, endpoint_id) do nothing
         returning job_id, endpoint_id`,
        { records },
      );
      for (const row of rows) fresh.add(tellingKey({ jobId: row.job_id, endpointId: row.endpoint_id }));
    },
  );
  return fresh;
}

/** An endpoint that was told of a job. */
export interface Listener extends Telling {
  accountId: string;
  savedSearches: readonly NamedSearch[];
  /** When it is or will be told of the latest change of the job. */
  updatedAt: Timestamp | null;
}

/** Who was told of these jobs; those whom their owner has disabled left out. */
export async function listListeners(db: Db, jobIds: readonly string[]): Promise<Listener[]> {
  if (jobIds.length === 0) return [];
  const { rows } = await db.raw<{ rows: Listener[] }>(
    `select t.job_id as "jobId", t.endpoint_id as "endpointId", t.account_id as "accountId",
            t.saved_searches as "savedSearches", t.updated_at as "updatedAt"
     from webhook_told_jobs t join webhook_endpoints e on e.id = t.endpoint_id
     where t.job_id = any(cast(:jobIds as text[])) and e.disabled_reason is distinct from 'owner'
     order by t.job_id, e.created_at, e.id`,
    { jobIds },
  );
  return rows;
}

/** Notes when endpoints are told of the latest changes of jobs. */
export async function noteUpdatesTold(
  db: Db,
  updates: readonly (Telling & { at: Timestamp })[],
): Promise<void> {
  await writeInSlices(
    updates,
    ({ jobId, endpointId, at }) => ({ job_id: jobId, endpoint_id: endpointId, at }),
    (records) =>
      db.raw(
        `update webhook_told_jobs t set updated_at = r.at
         from json_to_recordset(cast(:records as json)) as r (job_id text, endpoint_id text, at timestamptz)
         where t.job_id = r.job_id and t.endpoint_id = r.endpoint_id`,
        { records },
      ),
  );
}

/** A later state of a job, for those who have not been told of the one before yet. */
export interface NewerState extends Telling {
  payloadId: number;
  changedFields: readonly string[];
}

/**
 * Lets the `job.updated` events that nobody has tried to send yet tell of a later state. Gives those that there were, by
 * `tellingKey`.
 */
export async function refreshWaitingUpdates(db: Db, states: readonly NewerState[]): Promise<Set<string>> {
  const refreshed = new Set<string>();
  await writeInSlices(
    states,
    ({ jobId, endpointId, payloadId, changedFields }) => ({
      job_id: jobId,
      endpoint_id: endpointId,
      payload_id: payloadId,
      changed_fields: changedFields,
    }),
    async (records) => {
      const { rows } = await db.raw<{ rows: { job_id: string; endpoint_id: string }[] }>(
        `update webhook_deliveries d
         set payload_id = r.payload_id,
             details = d.details || jsonb_build_object('changed_fields', (
               select coalesce(jsonb_agg(distinct field), '[]') from jsonb_array_elements(
                 coalesce(d.details -> 'changed_fields', '[]') || r.changed_fields
               ) as field
             ))
         from json_to_recordset(cast(:records as json)) as r (
           job_id text, endpoint_id text, payload_id bigint, changed_fields jsonb
         )
         where d.job_id = r.job_id and d.endpoint_id = r.endpoint_id and d.type = 'job.updated'
           and d.status = 'pending' and d.attempts = '[]'
         returning d.job_id, d.endpoint_id`,
        { records },
      );
      for (const row of rows) refreshed.add(tellingKey({ jobId: row.job_id, endpointId: row.endpoint_id }));
    },
  );
  return refreshed;
}

export interface NewPayload {
  jobId: string;
  jobVersion: number;
  /** JSON text. */
  body: string;
}

/** Stores what events about jobs tell, one for each job. Gives their ids by job. */
export async function insertPayloads(
  db: Db,
  payloads: readonly NewPayload[],
  now: Timestamp,
): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  await writeInSlices(
    payloads,
    ({ jobId, jobVersion, body }) => ({ job_id: jobId, job_version: jobVersion, body }),
    async (records) => {
      const { rows } = await db.raw<{ rows: { id: number; job_id: string }[] }>(
        `insert into webhook_payloads (job_id, job_version, body, created_at)
         select r.job_id, r.job_version, r.body, :now
         from json_to_recordset(cast(:records as json)) as r (job_id text, job_version integer, body text)
         returning id, job_id`,
        { records, now },
      );
      for (const row of rows) ids.set(row.job_id, row.id);
    },
  );
  return ids;
}

export interface NewDelivery {
  endpointId: string;
  accountId: string;
  type: string;
  payloadId: number;
  jobId: string;
  /** Besides the payload. */
  details: object;
  dueAt: Timestamp;
}

/** Puts events on their way, each with an id of its own, in this order. */
export async function insertDeliveries(
  db: Db,
  deliveries: readonly NewDelivery[],
  now: Timestamp,
): Promise<void> {
  await writeInSlices(
    deliveries,
    ({ endpointId, accountId, type, payloadId, jobId, details, dueAt }) => ({
      id: randomUUID(),
      endpoint_id: endpointId,
      account_id: accountId,
      event_id: newEventId(),
      type,
      payload_id: payloadId,
      job_id: jobId,
      details,
      due_at: dueAt,
    }),
    (records) =>
      db.raw(
        `insert into webhook_deliveries
           (id, endpoint_id, account_id, event_id, type, created_at, payload_id, job_id, details, due_at)
         select r.id, r.endpoint_id, r.account_id, r.event_id, r.type, :now, r.payload_id, r.job_id, r.details, r.due_at
         from rows from (
           json_to_recordset(cast(:records as json)) as (
             id text, endpoint_id text, account_id text, event_id text, type text, payload_id bigint, job_id text,
             details jsonb, due_at timestamptz
           )
         ) with ordinality as r (id, endpoint_id, account_id, event_id, type, payload_id, job_id, details, due_at, place)
         order by r.place`,
        { records, now },
      ),
  );
}

export function newEventId(): string {
  return `evt_${randomUUID().replaceAll('-', '')}`;
}

/** Hands what endpoints were told of one job over to another, before the first is deleted. */
export async function moveTold(db: Db, fromJobId: string, toJobId: string): Promise<void> {
  await db.raw(
    `with moved as (delete from webhook_told_jobs where job_id = :fromJobId returning *)
     insert into webhook_told_jobs
     select :toJobId, endpoint_id, account_id, posted_on, matched_at, saved_searches, updated_at from moved
     on conflict (job_id, endpoint_id) do nothing`,
    { fromJobId, toJobId },
  );
}

/** Of these endpoints, those that are not left alone for now. */
export async function endpointsToWake(
  db: Db,
  endpointIds: readonly string[],
  now: Timestamp,
): Promise<string[]> {
  if (endpointIds.length === 0) return [];
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select e.id from webhook_endpoints e left join webhook_endpoint_states s on s.endpoint_id = e.id
     where e.id = any(cast(:endpointIds as text[]))
       and coalesce(greatest(s.resting_until, s.held_until) <= :now, true)`,
    { endpointIds, now },
  );
  return rows.map(({ id }) => id);
}
