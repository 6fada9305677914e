import type { Identity } from '../domain/identity';
import { identityValues } from '../domain/jobFilter';
import type { StoredJob } from '../domain/publishing';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import { readIdentities, readSightings, readStoredJobs, resolveJobId } from './jobs';
import { readVerdicts, type VerdictRow } from './postings';

export interface JobHistory {
  /** Null when no posting of this id was ever published. */
  job: StoredJob | null;
  identities: Identity[];
  verdicts: VerdictRow[];
  /** When each source last showed it. */
  sightings: Readonly<Record<string, Timestamp>>;
  index: { indexedVersion: number; searchableAt: Timestamp } | null;
}

/**
 * All that is known of a job, or of postings that did not become one; null when nothing is. For operators: no read scope.
 */
export async function readJobHistory(db: Db, idOrAlias: string): Promise<JobHistory | null> {
  const id = await resolveJobId(db, idOrAlias);
  const job = id === null ? undefined : (await readStoredJobs(db, [id])).get(id);
  if (!job) {
    const verdicts = await readVerdicts(db, identityValues(idOrAlias));
    if (verdicts.length === 0) return null;
    return { job: null, identities: [], verdicts, sightings: {}, index: null };
  }
  const identities = await readIdentities(db, job.id);
  const formerIds = identities.map(({ value }) => value);
  const { rows } = await db.raw<{ rows: { indexed_version: number; searchable_at: Timestamp }[] }>(
    `select indexed_version, searchable_at from job_index_state where job_id = :id`,
    { id: job.id },
  );
  const [state] = rows;
  return {
    job,
    identities,
    verdicts: await readVerdicts(db, [job.id, ...formerIds]),
    sightings: (await readSightings(db, [job.id])).get(job.id) ?? {},
    index: state ? { indexedVersion: state.indexed_version, searchableAt: state.searchable_at } : null,
  };
}
