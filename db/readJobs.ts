import type { Job } from '../domain/job';
import { identityValues } from '../domain/jobFilter';
import type { ReadScope } from '../domain/readScope';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import { JOB_COLUMNS, type StoredJobRow, toJob } from './jobRows';
import { allOf, readScopeConditions } from './readScope';

/** Longer texts are nobody's id. */
const MAX_ID_LENGTH = 200;
const MAX_IDS = 100;

const COLUMNS = JOB_COLUMNS.map((column) => `jobs.${column}`).join(', ');

/**
 * The job of an id, an alias of a merge, a uid or a ciphertext, with the time its present version became searchable; null when
 * there is none or the scope hides it.
 */
export async function findReadableJob(db: Db, idOrAlias: string, scope: ReadScope): Promise<Job | null> {
  const [job] = await findReadableJobs(db, [idOrAlias], scope);
  return job ?? null;
}

/** Like `findReadableJob` for up to 100 ids, in their order; each job once, unknown ones left out. */
export async function findReadableJobs(db: Db, ids: readonly string[], scope: ReadScope): Promise<Job[]> {
  const wanted = ids
    .slice(0, MAX_IDS)
    .filter((id) => id.length <= MAX_ID_LENGTH && !id.includes('\0'))
    .map((id, rank) => identityValues(id).map((value) => ({ value, rank })))
    .flat();
  if (wanted.length === 0) return [];
  const readable = allOf(readScopeConditions(scope));
  const { rows } = await db.raw<{
    rows: (StoredJobRow & { searchable_at: Timestamp | null })[];
  }>(
    `with wanted as (
       select value, rank from unnest(?::text[], ?::int[]) as given (value, rank)
     ), found as (
       select job_id, min(rank) as rank from (
         select i.job_id, wanted.rank from job_identities i
           join wanted on i.kind in ('uid', 'ciphertext', 'derived') and i.value = wanted.value
         union all
         select jobs.id, wanted.rank from jobs join wanted on jobs.id = wanted.value
       ) as either
       group by job_id
     ), shown as (
       -- A folded job answers with the one that is shown for it.
       select coalesce(jobs.duplicate_of, jobs.id) as id, min(found.rank) as rank
       from found join jobs on jobs.id = found.job_id
       group by 1
     )
     select ${COLUMNS}, state.searchable_at
     from shown
       join jobs on jobs.id = shown.id
       left join job_index_state state on state.job_id = jobs.id and state.indexed_version = jobs.version
     where ${readable.sql}
     order by shown.rank, jobs.id`,
    [wanted.map(({ value }) => value), wanted.map(({ rank }) => rank), ...readable.bindings],
  );
  return rows.map((row) => toJob(row, row.searchable_at));
}
