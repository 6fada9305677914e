import { heartbeat } from '@temporalio/activity';
import type { Db } from '../db/connection';
import { listUnpublishedPushes, type PushedBatch } from '../db/pushedBatches';
import { addMillis, type Timestamp } from '../domain/time';

export interface PushedBatchServices {
  db: Db;
  /** Starts `processBatch` for the batch; one that is under way is left alone. Returns whether it was started. */
  startBatch: (batch: PushedBatch) => Promise<boolean>;
  now: () => Timestamp;
}

/** The API starts a batch right after it has stored it: one of this age it could not start, or it is under way. */
const LEFT_LYING_AFTER_MS = 30_000;
const LISTED_AT_ONCE = 100;
/** Batches looked at in one run; the next goes on with the rest once these are published. */
const MOST_BATCHES = 5_000;

export type PushedBatchActivities = ReturnType<typeof createPushedBatchActivities>;

export function createPushedBatchActivities({ db, startBatch, now }: PushedBatchServices) {
  /** Starts the pushed batches that were stored and not started: Temporal was away, or the API died in between. */
  async function startWaitingBatches(): Promise<{ waiting: number; started: number }> {
    const receivedBefore = addMillis(now(), -LEFT_LYING_AFTER_MS);
    let afterId = '';
    let waiting = 0;
    let started = 0;
    while (waiting < MOST_BATCHES) {
      const batches = await listUnpublishedPushes(db, { receivedBefore, afterId, most: LISTED_AT_ONCE });
      for (const batch of batches) {
        if (await startBatch(batch)) started += 1;
        afterId = batch.batchId;
      }
      waiting += batches.length;
      heartbeat(waiting);
      if (batches.length < LISTED_AT_ONCE) break;
    }
    return { waiting, started };
  }

  return { startWaitingBatches };
}
