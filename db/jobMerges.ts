import type { Identity } from '../domain/identity';
import type { Sightings } from '../domain/merge';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import type { StoredJob } from '../domain/publishing';

/** A job as it stood before a merge: enough to bring it back. */
export interface StateBeforeMerge {
  job: StoredJob;
  identities: Identity[];
  sightings: Sightings;
}

export interface JobMerge {
  id: number;
  keptId: string;
  mergedId: string;
  keptState: StateBeforeMerge;
  mergedState: StateBeforeMerge;
  mergedAt: Timestamp;
}

export async function insertJobMerge(
  db: Db,
  merge: Omit<JobMerge, 'id'> & { batchId: string; rowNumber: number },
): Promise<void> {
  await db.raw(
    `insert into job_merges
       (kept_id, merged_id, kept_state, merged_state, batch_id, row_number, merged_at)
     values (:keptId, :mergedId, :keptState, :mergedState, :batchId, :rowNumber, :mergedAt)`,
    {
      ...merge,
      keptState: JSON.stringify(merge.keptState),
      mergedState: JSON.stringify(merge.mergedState),
    },
  );
}

/** Whether an operator has taken these two apart before: they are not merged again. */
export async function wasMergeUndone(db: Db, ids: readonly [string, string]): Promise<boolean> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `select 1 from job_merges
     where undone_at is not null and kept_id = any(cast(:ids as text[])) and merged_id = any(cast(:ids as text[]))
     limit 1`,
    { ids },
  );
  return rows.length > 0;
}

/** Ids that became aliases in this batch: no index holds them any more. */
export async function idsMergedAway(db: Db, batchId: string): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { merged_id: string }[] }>(
    `select merged_id from job_merges where batch_id = :batchId and undone_at is null`,
    { batchId },
  );
  return rows.map((row) => row.merged_id);
}

/** A merge into the same job that came after this one and still stands: it is to be taken back first. */
export async function findLaterMerge(db: Db, { id, keptId }: JobMerge): Promise<{ mergedId: string } | null> {
  const { rows } = await db.raw<{ rows: { merged_id: string }[] }>(
    `select merged_id from job_merges
     where kept_id = :keptId and id > :id and undone_at is null order by id desc limit 1`,
    { keptId, id },
  );
  return rows[0] ? { mergedId: rows[0].merged_id } : null;
}

/** The latest merge by which `mergedId` became an alias and that still stands; locked until the transaction ends. */
export async function findStandingMerge(db: Db, mergedId: string): Promise<JobMerge | null> {
  const { rows } = await db.raw<{
    rows: {
      id: number;
      kept_id: string;
      merged_id: string;
      kept_state: StateBeforeMerge;
      merged_state: StateBeforeMerge;
      merged_at: Timestamp;
    }[];
  }>(
    `select id, kept_id, merged_id, kept_state, merged_state, merged_at from job_merges
     where merged_id = :mergedId and undone_at is null order by id desc limit 1 for update`,
    { mergedId },
  );
  const row = rows[0];
  if (!row) return null;
  return {
    id: row.id,
    keptId: row.kept_id,
    mergedId: row.merged_id,
    keptState: row.kept_state,
    mergedState: row.merged_state,
    mergedAt: row.merged_at,
  };
}

export async function markMergeUndone(db: Db, id: number, now: Timestamp): Promise<void> {
  await db.raw(`update job_merges set undone_at = :now where id = :id`, { id, now });
}
