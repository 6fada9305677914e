import { activityInfo } from '@temporalio/activity';
import { markBatch, readBatch } from '../db/batches';
import type { Db } from '../db/connection';
import { readIngestRun } from '../db/ingestRuns';
import { markIndexed } from '../db/jobIndexState';
import { idsMergedAway } from '../db/jobMerges';
import { jobIdsToIndex, readUndecidedPostings } from '../db/postings';
import { AppError } from '../domain/errors';
import type { JobVersion } from '../domain/job';
import type { Timestamp } from '../domain/time';
import type { SearchIndex } from '../search/searchIndex';
import type { Announce } from './announcements';
import { closeSession, openSession, publishPosting } from './publishSession';

export interface PublishingServices {
  db: Db;
  search: SearchIndex;
  announce: Announce;
  /** Lets endpoints have what is due. Never rejects: what could not be woken is found by a schedule. */
  wakeEndpoints: (endpointIds: readonly string[]) => Promise<void>;
  now: () => Timestamp;
}

/** Attempts at an engine that does not answer: half a minute, in which one that was restarted is back. */
const MAX_INDEX_ATTEMPTS = 8;

export interface IndexedBatch {
  indexed: number;
  /** Why the index was left as it was; none when it was brought up to date. */
  leftToRepair?: string;
}

export type PublishingActivities = ReturnType<typeof createPublishingActivities>;

export function createPublishingActivities({ db, search, announce, wakeEndpoints, now }: PublishingServices) {
  /**
   * Publish: turns what is left of the batch into jobs, in the order of the source, stores each row's outcome, and puts what
   * endpoints are told of it on its way, all in one transaction. Running it again finds the outcomes and does nothing.
   */
  async function publishBatch(batchId: string): Promise<{ published: number }> {
    const { published, endpointIds } = await publishOnce(batchId);
    await wakeEndpoints(endpointIds);
    return { published };
  }

  async function publishOnce(batchId: string): Promise<{ published: number; endpointIds: string[] }> {
    return await db.transaction(async (transaction) => {
      const batch = await readBatch(transaction, batchId, { lock: true });
      if (batch.publishedAt !== null) return { published: 0, endpointIds: [] };
      const { isSample } = await readIngestRun(transaction, batch.runId);
      const postings = await readUndecidedPostings(transaction, batchId);
      const session = await openSession(transaction, { batch, isSample, postings, now: now() });
      for (const posting of postings) await publishPosting(session, posting);
      const changes = await closeSession(session);
      await markBatch(transaction, batchId, 'published_at', session.now);
      const endpointIds = await announce(transaction, changes, session.now);
      return { published: postings.length, endpointIds };
    });
  }

  /**
   * Brings the search index up to the versions that the batch made. An engine that stays away is not waited for, or a whole source
   * would wait with it: what it missed is for the repair of the index.
   */
  async function indexBatch(batchId: string): Promise<IndexedBatch> {
    const jobIds = await jobIdsToIndex(db, batchId);
    let indexed: JobVersion[];
    try {
      indexed = await search.upsert(jobIds);
      await search.remove(await idsMergedAway(db, batchId));
    } catch (error) {
      // What the engine itself says; Postgres, in which all the rest is, is waited for.
      if (!(error instanceof AppError) || activityInfo().attempt < MAX_INDEX_ATTEMPTS) throw error;
      return { indexed: 0, leftToRepair: error.message };
    }
    await db.transaction(async (transaction) => {
      await markIndexed(transaction, indexed, now());
      await markBatch(transaction, batchId, 'indexed_at', now());
    });
    return { indexed: indexed.length };
  }

  return { publishBatch, indexBatch };
}
