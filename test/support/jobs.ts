import type { Db } from '../../db/connection';
import { insertJobs } from '../../db/jobs';
import { emptyContent, type Job, type JobContent } from '../../domain/job';
import { firstProvenance, type ObservationRef } from '../../domain/merge';

/** Content of a plain posting, with what a test says otherwise. */
export function content(fields: Partial<JobContent> = {}): JobContent {
  return {
    ...emptyContent(),
    title: 'Build a booking page',
    description: 'We need a booking page for a small hotel, with a calendar and card payments.',
    postedOn: '2026-01-10T09:00:00.000Z',
    budget: { amountMinor: 50_000, currency: 'USD' },
    buyerCountry: 'DE',
    ...fields,
  };
}

/** A published job of which only what is given is special. */
export function publishedJob(fields: Partial<Job> & { id: string }): Job {
  const postedOn = '2026-01-10T09:00:00.000Z';
  return {
    ...emptyContent(),
    title: 'Untitled',
    postedOn,
    version: 1,
    lastVisitedAt: postedOn,
    firstSeenAt: postedOn,
    verifiedAt: postedOn,
    updatedAt: postedOn,
    searchableAt: null,
    flags: [],
    qualityScore: 1,
    isSample: false,
    ...fields,
  };
}

/** An observation of the source at a time. */
export function observation(observedAt: string, fields: Partial<ObservationRef> = {}): ObservationRef {
  return { sourceId: 'feed', observedAt, batchId: 'batch-1', rowNumber: 1, ...fields };
}

/** Stores jobs as they are, past all screening. */
export async function storeJobs(db: Db, jobs: readonly Job[]): Promise<void> {
  const provenance = firstProvenance(observation('2026-01-01T00:00:00.000Z'));
  await insertJobs(
    db,
    jobs.map((job) => ({ ...job, provenance, textBands: [], duplicateOf: null })),
  );
}

/** Copies of a job under other ids, each a second older than the one before. */
export async function copyJob(db: Db, id: string, copies: number): Promise<void> {
  const { rows } = await db.raw<{ rows: { names: string }[] }>(
    `select string_agg(column_name, ', ') as names from information_schema.columns
     where table_name = 'jobs' and is_identity = 'NO' and column_name not in ('id', 'posted_on')`,
  );
  const names = rows[0]!.names;
  await db.raw(
    `insert into jobs (id, posted_on, ${names})
     select 'copy-' || lpad(copy::text, 6, '0'), posted_on - copy * interval '1 second', ${names}
     from jobs, generate_series(1, :copies) as copy where id = :id`,
    { id, copies },
  );
}
