import type { Db } from '../db/connection';
import { assignIdentities, insertJobs } from '../db/jobs';
import { newJob, type StoredJob } from '../domain/publishing';
import { toTimestamp } from '../domain/time';
import { duplicateBands } from '../domain/nearDuplicate';
import type { Identity } from '../domain/identity';
import { createPostingReader } from '../sources/push/pushedPostings';
import { createPostings } from './postings';

const SOURCE = 'bench';
const JOBS_PER_TRANSACTION = 2_000;

interface LoadedJob {
  job: StoredJob;
  identities: Identity[];
}

/**
 * Puts made-up jobs into the database without the pipeline, for measures of reading at sizes that would take the pipeline long.
 * Postings are verified as pushed ones are; indexes are made anew at the end. Gives the number of jobs.
 */
export async function loadPostings(db: Db, count: number, seed: number): Promise<number> {
  const indexes = await dropIndexes(db);
  let loaded = 0;
  for (const jobs of inSlices(verifiedJobs(count, seed), JOBS_PER_TRANSACTION)) {
    await db.transaction(async (transaction) => {
      await insertJobs(
        transaction,
        jobs.map(({ job }) => job),
      );
      await assignIdentities(
        transaction,
        jobs.flatMap(({ job, identities }) => identities.map((identity) => ({ identity, jobId: job.id }))),
      );
    });
    loaded += jobs.length;
  }
  for (const definition of indexes) await db.raw(definition);
  // Else the worker's repair would bring a million jobs up to date while others are measured.
  await db.raw(
    `insert into job_index_state (job_id, indexed_version, searchable_at) select id, version, now() from jobs
     on conflict do nothing`,
  );
  return loaded;
}

/** The indexes of `jobs` that hold no rule, dropped; gives the statements that make them. */
async function dropIndexes(db: Db): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { name: string; definition: string }[] }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
     from pg_index i where i.indrelid = 'jobs'::regclass and not i.indisunique`,
  );
  for (const { name } of rows) await db.raw(`drop index ${name}`);
  return rows.map(({ definition }) => definition);
}

/** Made-up jobs as the pipeline would have published them, with what they are known by. */
export function* verifiedJobs(count: number, seed: number): Generator<LoadedJob> {
  const now = toTimestamp(Date.now());
  const read = createPostingReader({ sourceId: SOURCE, mapping: null, arrivedAt: now });
  const next = createPostings(seed, Date.now());
  for (let row = 1; row <= count; row += 1) {
    const { verdict } = read(next(), row);
    if (!verdict.accepted) continue;
    const { content, flags, identities, observedAt } = verdict.posting;
    const observation = { sourceId: SOURCE, observedAt, batchId: SOURCE, rowNumber: row };
    const textBands = duplicateBands({ title: content.title ?? '', description: content.description });
    const job = newJob({ content, flags, identities, textBands, observation }, { now, isSample: false });
    yield { job, identities };
  }
}

function* inSlices<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let slice: T[] = [];
  for (const item of items) {
    slice.push(item);
    if (slice.length === size) {
      yield slice;
      slice = [];
    }
  }
  if (slice.length > 0) yield slice;
}
