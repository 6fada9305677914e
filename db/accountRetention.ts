import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

/** Enough to make statements pay, few enough that each is over in a moment. */
const ROWS_PER_SLICE = 10_000;

/** Removes a slice of the request log that is older than a time; returns the number of rows, 0 once none is left. */
export async function pruneRequestLog(db: Db, before: Timestamp): Promise<number> {
  return deleteSlice(db, 'request_log', 'requested_at < :before order by requested_at', { before });
}

/** Forgets a slice of the batches of usage that came in before a time; returns the number of rows, 0 once none is left. */
export async function pruneUsageBatches(db: Db, before: Timestamp): Promise<number> {
  return deleteSlice(db, 'usage_batches', 'received_at < :before order by received_at', { before });
}

/** Forgets a slice of the deliveries of before a time; returns the number of rows, 0 once none is left. */
export async function pruneDeliveries(db: Db, before: Timestamp): Promise<number> {
  return deleteSlice(db, 'webhook_deliveries', 'created_at < :before order by created_at', { before });
}

/** Forgets a slice of what deliveries of before a time told; returns the number of rows, 0 once none is left. */
export async function prunePayloads(db: Db, before: Timestamp): Promise<number> {
  return deleteSlice(db, 'webhook_payloads', 'created_at < :before order by created_at', { before });
}

/** Forgets a slice of which endpoint was told of which job, of jobs outside the window of its account's plan; returns the number of rows. */
export async function pruneToldJobs(db: Db, now: Timestamp): Promise<number> {
  const outside = `exists (
    select from accounts a cross join lateral (
      select retention_days from plans where plans.id = a.plan_id and plans.effective_from <= :now
      order by plans.effective_from desc limit 1
    ) p
    where a.id = webhook_told_jobs.account_id and webhook_told_jobs.posted_on < cast(:now as timestamptz) - make_interval(days =>
      case
        when jsonb_exists(a.plan_overrides, 'retention_days') then cast(a.plan_overrides ->> 'retention_days' as integer)
        else p.retention_days
      end)
  )`;
  return deleteSlice(db, 'webhook_told_jobs', outside, { now });
}

/** Who matches saved searches and has not looked for longer than this many changes reads all of them anew. */
const MATCHING_CHANGES_KEPT = 100_000;

/** Forgets a slice of the changes of what saved searches are matched by; returns the number of rows, 0 once none is left. */
export async function pruneMatchingChanges(db: Db): Promise<number> {
  const old = `number < (select number from matching_clock) - ${MATCHING_CHANGES_KEPT}`;
  return deleteSlice(db, 'matching_changes', old, {});
}

async function deleteSlice(
  db: Db,
  table: string,
  which: string,
  bindings: Record<string, string>,
): Promise<number> {
  const { rows } = await db.raw<{ rows: { count: number }[] }>(
    `with gone as (
       delete from ${table} where ctid = any (array(select ctid from ${table} where ${which} limit :most)) returning 1
     )
     select count(*) as count from gone`,
    { ...bindings, most: ROWS_PER_SLICE },
  );
  return rows[0]?.count ?? 0;
}
