import type { ChangePage, ChangePlace, JobChange } from '../domain/jobChanges';
import type { ReadScope } from '../domain/readScope';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import type { Db } from './connection';
import { JOB_COLUMNS, type StoredJobRow, toJob } from './jobRows';
import { allOf, readableConditions, readScopeConditions } from './readScope';

/** Clocks of the hosts that ask may be so far ahead of the database's. */
const CLOCK_SKEW_MS = 60_000;

/**
 * A place before every change that was committed at `time` or later. As near as the clock of changes tells, which is read once a
 * minute while there are changes: earlier ones may follow it, too.
 */
export async function placeBefore(db: Db, time: Timestamp): Promise<ChangePlace> {
  const { rows } = await db.raw<{ rows: { transaction: string }[] }>(
    `select oldest_transaction as transaction from job_change_clock
     where read_at <= cast(:time as timestamptz) order by read_at desc limit 1`,
    { time: addMillis(time, -CLOCK_SKEW_MS) },
  );
  return { transaction: rows[0]?.transaction ?? '0', number: 0 };
}

interface ChangeRow extends Omit<StoredJobRow, 'id'> {
  horizon: string;
  /** Null on the one row that tells the horizon when there are no changes. */
  id: string | null;
  changed_transaction: string;
  changed_number: number;
  change: JobChange['change'];
  removed_at: Timestamp;
  reason: Extract<JobChange, { change: 'removed' }>['reason'];
  replaced_by: string | null;
}

const JOB_CONTENT = JOB_COLUMNS.filter((column) => column !== 'id').map((column) => `jobs.${column}`);
/** Below the oldest transaction still open nothing can appear any more: a change that commits late is missed by nobody. */
const HORIZON = 'pg_snapshot_xmin(pg_current_snapshot())';
const BEHIND = `(changed_transaction, changed_number) > (?::xid8, ?::bigint) and changed_transaction < ${HORIZON}`;
const ORDER = 'changed_transaction, changed_number';

/**
 * The changes behind a place that the scope shows, in order, each job that is shown once and as it is now. What was removed before
 * is told only while it is not shown again.
 */
export async function readJobChanges(
  db: Db,
  { after, scope, limit }: { after: ChangePlace; scope: ReadScope; limit: number },
): Promise<ChangePage> {
  const shown = allOf(readScopeConditions(scope));
  const wasShown = allOf(readableConditions(scope));
  const place = [after.transaction, after.number];
  const { rows } = await db.raw<{ rows: ChangeRow[] }>(
    `with changed as (
       select ${ORDER} from jobs where ${BEHIND} and ${shown.sql} order by ${ORDER} limit ?
     ), removed as (
       select ${ORDER}, job_id, removed_at from job_removals
       where ${BEHIND} and ${wasShown.sql}
         -- Not further than a full page of jobs reaches: most may be of jobs that are shown again.
         and changed_transaction <= coalesce(
           (select changed_transaction from changed order by ${ORDER} offset ? limit 1), ${HORIZON}
         )
         and not exists (select from jobs where id = job_removals.job_id and ${shown.sql})
       order by ${ORDER} limit ?
     ), page as (
       select ${ORDER}, null as job_id, null as removed_at from changed
       union all select * from removed
       order by ${ORDER} limit ?
     )
     select ${HORIZON} as horizon, page.changed_transaction, page.changed_number, coalesce(jobs.id, page.job_id) as id,
       case
         when page.job_id is not null then 'removed'
         when jobs.appeared_transaction >= ?::xid8 then 'created'
         when jobs.status = 2 and jobs.closed_transaction >= ?::xid8 then 'closed'
         else 'updated'
       end as change,
       ${JOB_CONTENT.join(', ')},
       page.removed_at,
       case
         when known.id is null then 'deleted'
         when known.id <> page.job_id then 'merged'
         when known.duplicate_of is not null then 'folded'
         else 'out_of_scope'
       end as reason,
       (select id from jobs where id = coalesce(known.duplicate_of, known.id) and ${shown.sql}) as replaced_by
     from (select) as always
       left join page on true
       left join jobs on page.job_id is null and jobs.duplicate_of is null
         and (jobs.changed_transaction, jobs.changed_number) = (page.changed_transaction, page.changed_number)
       left join lateral (
         -- What the id of a removed job stands for now.
         select id, duplicate_of from jobs where id = page.job_id
         union all
         select jobs.id, jobs.duplicate_of from job_identities identity join jobs on jobs.id = identity.job_id
         where identity.kind in ('uid', 'ciphertext', 'derived') and identity.value = page.job_id
         limit 1
       ) as known on page.job_id is not null
     order by page.changed_transaction, page.changed_number`,
    [
      ...[...place, ...shown.bindings, limit + 1],
      ...[...place, ...wasShown.bindings, limit, ...shown.bindings, limit + 1],
      limit + 1,
      ...[after.transaction, after.transaction],
      ...shown.bindings,
    ],
  );
  const changes = rows.flatMap(({ id, ...row }) => (id === null ? [] : [toChange({ id, ...row })]));
  return {
    changes: changes.slice(0, limit),
    hasMore: changes.length > limit,
    horizon: rows[0]?.horizon ?? '0',
  };
}

function toChange(row: ChangeRow & { id: string }): JobChange {
  const { id, change } = row;
  const place = { transaction: row.changed_transaction, number: row.changed_number };
  if (change === 'removed') {
    const { removed_at: changedAt, reason, replaced_by: replacedBy } = row;
    return { change, id, place, changedAt, reason, replacedBy };
  }
  return { change, id, place, changedAt: row.updated_at, job: toJob(row) };
}

/** Transactions take minutes at most: by then all that was told of a time has come to be. */
const KEPT_BEYOND_MS = DAY_MS;
const PRUNED_AT_ONCE = 10_000;

/**
 * Forgets removals that nobody can ask for any more: those of more than a day before `toldSince`. Up to 10,000 at once; returns their
 * number, so that the caller goes on until there are none.
 */
export async function pruneTombstones(db: Db, toldSince: Timestamp): Promise<number> {
  const before = addMillis(toldSince, -KEPT_BEYOND_MS);
  const { rows } = await db.raw<{ rows: { removed: number }[] }>(
    `with aged as (
       select changed_transaction, changed_number from job_removals
       where removed_at < cast(:before as timestamptz) order by removed_at limit :limit
     ), removed as (
       delete from job_removals using aged
       where (job_removals.changed_transaction, job_removals.changed_number) = (aged.changed_transaction, aged.changed_number)
       returning 1
     )
     select count(*) as removed from removed`,
    { before, limit: PRUNED_AT_ONCE },
  );
  // The last reading before is kept: it is the one that stands for the time itself.
  await db.raw(
    `delete from job_change_clock where read_at < (
       select max(read_at) from job_change_clock where read_at < cast(:before as timestamptz)
     )`,
    { before },
  );
  return rows[0]?.removed ?? 0;
}
