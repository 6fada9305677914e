import { readBatch } from '../db/batches';
import type { Db } from '../db/connection';
import { readIngestRun } from '../db/ingestRuns';
import { findJobIds, readStoredJobs, recordSightings, type StoredJob } from '../db/jobs';
import {
  insertOutcomes,
  readUndecidedIdentities,
  readUndecidedPostings,
  type VerifiedPosting,
} from '../db/postings';
import { type Identity, identityKey } from '../domain/identity';
import { addsNothing } from '../domain/merge';
import { knownJobIds } from '../domain/publishing';
import type { Timestamp } from '../domain/time';

export interface ScreeningServices {
  db: Db;
  now: () => Timestamp;
}

export type ScreeningActivities = ReturnType<typeof createScreeningActivities>;

export function createScreeningActivities({ db, now }: ScreeningServices) {
  /**
   * Screen: finds the exact repeats, which on a source polled every few minutes are most of its rows: they need no
   * publishing, only the note that the source still shows them.
   */
  async function screenBatch(batchId: string): Promise<{ unchanged: number }> {
    return await db.transaction(async (transaction) => {
      const batch = await readBatch(transaction, batchId, { lock: true });
      if (batch.publishedAt !== null) return { unchanged: 0 };
      const { isSample } = await readIngestRun(transaction, batch.runId);
      const known = await readKnownPostings(transaction, batchId);
      const repeats = known.filter(({ posting, job }) => {
        const makesItReal = job.isSample && !isSample;
        return addsNothing(job, posting.content) && !makesItReal;
      });
      await recordSightings(
        transaction,
        batch.sourceId,
        repeats.map(({ posting, job }) => ({ jobId: job.id, observedAt: posting.observedAt })),
      );
      const outcomes = repeats.map(({ posting, job }) => ({
        rowNumber: posting.rowNumber,
        outcome: 'unchanged' as const,
        jobId: job.id,
        rules: posting.flags,
        findings: posting.findings,
      }));
      await insertOutcomes(transaction, batchId, outcomes, now());
      return { unchanged: repeats.length };
    });
  }

  return { screenBatch };
}

interface KnownPosting {
  posting: VerifiedPosting;
  job: StoredJob;
}

/** The batch's undecided postings all of whose identities point to one known job. */
async function readKnownPostings(db: Db, batchId: string): Promise<KnownPosting[]> {
  const rows = await readUndecidedIdentities(db, batchId);
  const jobIds = await findJobIds(
    db,
    rows.flatMap(({ identities }) => identities),
  );
  const jobIdOf = (identities: readonly Identity[]): string | undefined => {
    const [jobId, ...others] = knownJobIds(identities, jobIds);
    const isAllKnown = identities.every((identity) => jobIds.has(identityKey(identity)));
    return others.length === 0 && isAllKnown ? jobId : undefined;
  };
  const rowNumbers = rows.filter((row) => jobIdOf(row.identities) !== undefined).map((row) => row.rowNumber);
  if (rowNumbers.length === 0) return [];
  const jobs = await readStoredJobs(db, [...new Set(jobIds.values())]);
  const postings = await readUndecidedPostings(db, batchId, rowNumbers);
  return postings.flatMap((posting) => {
    const job = jobs.get(jobIdOf(posting.identities) ?? '');
    return job ? [{ posting, job }] : [];
  });
}
