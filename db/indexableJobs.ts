import type { Job, JobVersion } from '../domain/job';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import { JOB_COLUMNS, type StoredJobRow, toJob } from './jobRows';

/** A job as an index meets it. */
export interface IndexableJob {
  job: Job;
  /** Folded into another one that is shown in its place: for no index. */
  isFolded: boolean;
}

/** Which versions to read next. */
interface VersionsPage {
  afterId: string | null;
  postedSince: Timestamp;
  updatedSince: Timestamp | null;
  limit: number;
}

/** The jobs with these ids that there are, in any order. */
export async function readIndexableJobs(db: Db, ids: readonly string[]): Promise<IndexableJob[]> {
  const { rows } = await db.raw<{ rows: (StoredJobRow & { is_folded: boolean })[] }>(
    `select ${JOB_COLUMNS.join(', ')}, duplicate_of is not null as is_folded
     from jobs where id = any(cast(:ids as text[]))`,
    { ids },
  );
  return rows.map((row) => ({ job: toJob(row), isFolded: row.is_folded }));
}

/** Of these ids, those of jobs that an index may hold. */
export async function filterIndexable(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select id from jobs where id = any(cast(:ids as text[])) and duplicate_of is null`,
    { ids },
  );
  return new Set(rows.map(({ id }) => id));
}

/** The next jobs by id that were posted since and are not folded into another. */
export async function readJobsAfter(
  db: Db,
  { afterId, postedSince, limit }: { afterId: string | null; postedSince: Timestamp; limit: number },
): Promise<Job[]> {
  const { rows } = await db.raw<{ rows: StoredJobRow[] }>(
    `select ${JOB_COLUMNS.join(', ')} from jobs
     where id > :afterId and posted_on >= cast(:postedSince as timestamptz) and duplicate_of is null
     order by id limit :limit`,
    { afterId: afterId ?? '', postedSince, limit },
  );
  return rows.map((row) => toJob(row));
}

/** Like `readJobsAfter`, but ids and versions alone; of all jobs, or of those that changed since. */
export async function readVersionsAfter(
  db: Db,
  { afterId, postedSince, updatedSince, limit }: VersionsPage,
): Promise<JobVersion[]> {
  const { rows } = await db.raw<{ rows: JobVersion[] }>(
    `select id, version from jobs
     where id > :afterId and posted_on >= cast(:postedSince as timestamptz) and duplicate_of is null
       ${updatedSince === null ? '' : 'and updated_at >= cast(:updatedSince as timestamptz)'}
     order by id limit :limit`,
    { afterId: afterId ?? '', postedSince, limit, ...(updatedSince === null ? {} : { updatedSince }) },
  );
  return rows;
}

/** Jobs posted since, or all, but for folded ones. */
export async function countJobsSince(db: Db, postedSince: Timestamp | null): Promise<number> {
  const { rows } = await db.raw<{ rows: { count: number }[] }>(
    `select count(*) as count from jobs
     where posted_on >= coalesce(cast(:postedSince as timestamptz), '-infinity') and duplicate_of is null`,
    { postedSince },
  );
  return rows[0]?.count ?? 0;
}

/** How many jobs posted since the index should hold: those of which it was told. */
export async function countIndexed(db: Db, postedSince: Timestamp): Promise<number> {
  const { rows } = await db.raw<{ rows: { count: number }[] }>(
    `select count(*) as count from jobs join job_index_state on job_index_state.job_id = jobs.id
     where jobs.posted_on >= cast(:postedSince as timestamptz) and jobs.duplicate_of is null`,
    { postedSince },
  );
  return rows[0]?.count ?? 0;
}

/** The next jobs by id of which the index has an older version, or none. */
export async function readStaleJobIds(
  db: Db,
  { afterId, limit }: { afterId: string | null; limit: number },
): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select jobs.id from jobs left join job_index_state state on state.job_id = jobs.id
     where jobs.id > :afterId and (state.indexed_version is null or state.indexed_version < jobs.version)
     order by jobs.id limit :limit`,
    { afterId: afterId ?? '', limit },
  );
  return rows.map(({ id }) => id);
}
