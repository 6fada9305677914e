import type { JobVersion } from '../domain/job';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

/** Present versions of these jobs; those that are no more are left out. */
export async function readVersions(db: Db, jobIds: readonly string[]): Promise<JobVersion[]> {
  const { rows } = await db.raw<{ rows: JobVersion[] }>(
    `select id, version from jobs where id = any(cast(:jobIds as text[])) order by id`,
    { jobIds },
  );
  return rows;
}

/** Notes which versions the index holds, searchable since `now`; what it held before of a newer version stands. */
export async function markIndexed(db: Db, indexed: readonly JobVersion[], now: Timestamp): Promise<void> {
  if (indexed.length === 0) return;
  await db.raw(
    `insert into job_index_state (job_id, indexed_version, searchable_at)
     select i.id, i.version, :now
     from unnest(cast(:ids as text[]), cast(:versions as int[])) as i (id, version)
     where exists (select from jobs where jobs.id = i.id)
     order by i.id
     on conflict (job_id) do update
       set indexed_version = excluded.indexed_version, searchable_at = excluded.searchable_at,
           first_searchable_at = coalesce(job_index_state.first_searchable_at, job_index_state.searchable_at)
     where job_index_state.indexed_version < excluded.indexed_version`,
    { ids: indexed.map(({ id }) => id), versions: indexed.map(({ version }) => version), now },
  );
}
