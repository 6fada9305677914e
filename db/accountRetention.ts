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
