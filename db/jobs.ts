import type { Identity } from '../domain/identity';
import { identityKey } from '../domain/identity';
import { identityValues } from '../domain/jobFilter';
import type { Provenance, Sightings } from '../domain/merge';
import type { StoredJob } from '../domain/publishing';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import {
  DERIVED_COLUMN_TYPES,
  JOB_COLUMNS,
  STORED_COLUMN_TYPES,
  type StoredJobRow,
  toJob,
  toJobRow,
} from './jobRows';
import { writeInSlices } from './slices';

/**
 * Holds identities and text bands until the transaction ends, so that two batches with the same posting, or with near duplicates,
 * decide one after the other.
 * Taken in one order everywhere, hence no deadlock. Identities share 256 locks: a lock table of the usual size has room for
 * a handful of batches that way, and more than a handful do not publish at once.
 */
export async function lockIdentities(
  db: Db,
  identities: readonly Identity[],
  textBands: readonly string[] = [],
): Promise<void> {
  const keys = [...new Set([...identities.map(identityKey), ...textBands])];
  await db.raw(
    `select pg_advisory_xact_lock(hash) from (
       select distinct hashtextextended(key, 0) & 255 as hash from unnest(cast(:keys as text[])) as key order by 1
     ) as hashes`,
    { keys },
  );
}

/** Job id per known identity, by `identityKey`. */
export async function findJobIds(db: Db, identities: Identity[]): Promise<Map<string, string>> {
  const { rows } = await db.raw<{ rows: { kind: Identity['kind']; value: string; job_id: string }[] }>(
    `select i.kind, i.value, i.job_id from job_identities i
     join unnest(cast(:kinds as text[]), cast(:values as text[])) as wanted (kind, value)
       on wanted.kind = i.kind and wanted.value = i.value`,
    { kinds: identities.map(({ kind }) => kind), values: identities.map(({ value }) => value) },
  );
  return new Map(rows.map((row) => [identityKey({ kind: row.kind, value: row.value }), row.job_id]));
}

interface PublishingRow extends StoredJobRow {
  provenance: Provenance;
  text_bands: string[];
  duplicate_of: string | null;
}

/** The jobs with these ids, locked until the transaction ends when `lock` is set. */
export async function readStoredJobs(
  db: Db,
  ids: readonly string[],
  { lock = false } = {},
): Promise<Map<string, StoredJob>> {
  const { rows } = await db.raw<{ rows: PublishingRow[] }>(
    `select ${JOB_COLUMNS.join(', ')}, provenance, text_bands, duplicate_of
     from jobs where id = any(cast(:ids as text[])) order by id ${lock ? 'for update' : ''}`,
    { ids },
  );
  return new Map(
    rows.map((row) => [
      row.id,
      Object.assign(toJob(row), {
        provenance: row.provenance,
        textBands: row.text_bands,
        duplicateOf: row.duplicate_of,
      }),
    ]),
  );
}

const COLUMN_TYPES = {
  ...STORED_COLUMN_TYPES,
  provenance: 'jsonb',
  text_bands: 'text[]',
  duplicate_of: 'text',
  ...DERIVED_COLUMN_TYPES,
};
const COLUMN_LIST = Object.keys(COLUMN_TYPES).join(', ');
const RECORD_TYPE = Object.entries(COLUMN_TYPES)
  .map(([column, type]) => `${column} ${type}`)
  .join(', ');
const ASSIGNMENTS = Object.keys(COLUMN_TYPES)
  .filter((column) => column !== 'id')
  .map((column) => `${column} = r.${column}`)
  .join(', ');

function toRecord(job: StoredJob): object {
  return Object.assign(toJobRow(job), {
    provenance: job.provenance,
    text_bands: job.textBands,
    duplicate_of: job.duplicateOf,
  });
}

export async function insertJobs(db: Db, jobs: readonly StoredJob[]): Promise<void> {
  await writeInSlices(jobs, toRecord, (records) =>
    db.raw(
      `insert into jobs (${COLUMN_LIST})
       select ${COLUMN_LIST} from json_to_recordset(cast(:records as json)) as r (${RECORD_TYPE})`,
      { records },
    ),
  );
}

export async function updateJobs(db: Db, jobs: readonly StoredJob[]): Promise<void> {
  await writeInSlices(jobs, toRecord, (records) =>
    db.raw(
      `update jobs set ${ASSIGNMENTS}
       from json_to_recordset(cast(:records as json)) as r (${RECORD_TYPE})
       where jobs.id = r.id`,
      { records },
    ),
  );
}

export async function deleteJob(db: Db, id: string): Promise<void> {
  await db.raw(`delete from jobs where id = :id`, { id });
}

/** Points identities at jobs; one that points elsewhere already is repointed. */
export async function assignIdentities(
  db: Db,
  assignments: readonly { identity: Identity; jobId: string }[],
): Promise<void> {
  if (assignments.length === 0) return;
  await db.raw(
    `insert into job_identities (kind, value, job_id)
     select * from unnest(cast(:kinds as text[]), cast(:values as text[]), cast(:jobIds as text[]))
     on conflict (kind, value) do update set job_id = excluded.job_id`,
    {
      kinds: assignments.map(({ identity }) => identity.kind),
      values: assignments.map(({ identity }) => identity.value),
      jobIds: assignments.map(({ jobId }) => jobId),
    },
  );
}

export async function readIdentities(db: Db, jobId: string): Promise<Identity[]> {
  const { rows } = await db.raw<{ rows: Identity[] }>(
    `select kind, value from job_identities where job_id = :jobId order by kind, value limit 1000`,
    { jobId },
  );
  return rows;
}

/** The job an id, alias, uid or ciphertext stands for; null when there is none. No read scope: for operators. */
export async function resolveJobId(db: Db, idOrAlias: string): Promise<string | null> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select id from jobs where id = any(cast(:values as text[]))
     union all
     select job_id from job_identities where value = any(cast(:values as text[]))
     limit 1`,
    { values: [idOrAlias, ...identityValues(idOrAlias)] },
  );
  return rows[0]?.id ?? null;
}

/** When each source last showed these jobs, by job id and source. */
export async function readSightings(
  db: Db,
  jobIds: readonly string[],
): Promise<Map<string, Record<string, Timestamp>>> {
  const { rows } = await db.raw<{ rows: { job_id: string; source_id: string; observed_at: Timestamp }[] }>(
    `select job_id, source_id, observed_at from job_sightings where job_id = any(cast(:jobIds as text[]))`,
    { jobIds },
  );
  const sightings = new Map<string, Record<string, Timestamp>>();
  for (const row of rows) {
    const ofJob = sightings.get(row.job_id) ?? {};
    ofJob[row.source_id] = row.observed_at;
    sightings.set(row.job_id, ofJob);
  }
  return sightings;
}

/** Notes that a source showed these jobs; an earlier look than the one known is no news. */
export async function recordSightings(
  db: Db,
  sourceId: string,
  sightings: readonly { jobId: string; observedAt: Timestamp }[],
): Promise<void> {
  if (sightings.length === 0) return;
  await db.raw(
    `insert into job_sightings (job_id, source_id, observed_at)
     select s.job_id, :sourceId, max(s.observed_at)
     from unnest(cast(:jobIds as text[]), cast(:observedAts as timestamptz[])) as s (job_id, observed_at)
     group by s.job_id order by s.job_id
     on conflict (job_id, source_id) do update set observed_at = excluded.observed_at
     where job_sightings.observed_at < excluded.observed_at`,
    {
      sourceId,
      jobIds: sightings.map(({ jobId }) => jobId),
      observedAts: sightings.map(({ observedAt }) => observedAt),
    },
  );
}

/** Sets when each source last showed a job to what it was before. */
export async function replaceSightings(db: Db, jobId: string, sightings: Sightings): Promise<void> {
  await db.raw(`delete from job_sightings where job_id = :jobId`, { jobId });
  await db.raw(
    `insert into job_sightings (job_id, source_id, observed_at)
     select :jobId, s.source_id, s.observed_at
     from unnest(cast(:sourceIds as text[]), cast(:observedAts as timestamptz[])) as s (source_id, observed_at)`,
    { jobId, sourceIds: Object.keys(sightings), observedAts: Object.values(sightings) },
  );
}

/** Hands the looks at one job over to another, before the first is deleted. */
export async function moveSightings(db: Db, fromJobId: string, toJobId: string): Promise<void> {
  await db.raw(
    `insert into job_sightings (job_id, source_id, observed_at)
     select :toJobId, source_id, observed_at from job_sightings where job_id = :fromJobId
     on conflict (job_id, source_id) do update set observed_at = excluded.observed_at
     where job_sightings.observed_at < excluded.observed_at`,
    { fromJobId, toJobId },
  );
}

export interface JobCounts {
  jobs: number;
  open: number;
  newestPostedOn: Timestamp | null;
  oldestPostedOn: Timestamp | null;
  staleInIndex: number;
}

export async function countJobs(db: Db): Promise<JobCounts> {
  const { rows } = await db.raw<{
    rows: { jobs: number; open: number; newest: Timestamp | null; oldest: Timestamp | null; stale: number }[];
  }>(
    `select count(*) as jobs, count(*) filter (where j.status = 1) as open, max(j.posted_on) as newest,
            min(j.posted_on) as oldest,
            count(*) filter (where s.indexed_version is distinct from j.version) as stale
     from jobs j left join job_index_state s on s.job_id = j.id`,
  );
  const row = rows[0];
  return {
    jobs: row?.jobs ?? 0,
    open: row?.open ?? 0,
    newestPostedOn: row?.newest ?? null,
    oldestPostedOn: row?.oldest ?? null,
    staleInIndex: row?.stale ?? 0,
  };
}

/** Jobs per source that showed them, and per category group. */
export async function countJobsBy(
  db: Db,
  dimension: 'source' | 'category_group',
): Promise<Record<string, number>> {
  const statement =
    dimension === 'source'
      ? `select source_id as name, count(*) as jobs from job_sightings group by 1 order by 2 desc, 1 limit 100`
      : `select coalesce(category_group, 'unknown') as name, count(*) as jobs from jobs group by 1 order by 2 desc, 1`;
  const { rows } = await db.raw<{ rows: { name: string; jobs: number }[] }>(statement);
  return Object.fromEntries(rows.map(({ name, jobs }) => [name, jobs]));
}
