import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { findUnindexedBatches, markBatch } from '../db/batches';
import type { Db } from '../db/connection';
import { readStaleJobIds } from '../db/indexableJobs';
import { markIndexed } from '../db/jobIndexState';
import { idsMergedAway } from '../db/jobMerges';
import type { Timestamp } from '../domain/time';
import type { IndexState, OpenedRebuild, RebuildStep, SearchIndex } from '../search/searchIndex';

export interface IndexingServices {
  db: Db;
  search: SearchIndex;
  now: () => Timestamp;
}

const BATCH_SIZE = 500;

export type IndexingActivities = ReturnType<typeof createIndexingActivities>;

/** Keeps the search index, which is derived data, in step with the jobs. Every activity may be repeated. */
export function createIndexingActivities({ db, search, now }: IndexingServices) {
  function checkIndex(): Promise<IndexState> {
    return search.check();
  }

  function beginRebuild(): Promise<OpenedRebuild> {
    return search.beginRebuild();
  }

  function fillRebuild(name: string, afterId: string | null): Promise<RebuildStep> {
    return search.fillRebuild(name, afterId);
  }

  function finishRebuild(name: string): Promise<void> {
    return search.finishRebuild(name);
  }

  /** Compares every job with what the index holds, whatever the notes say. */
  async function compareIndex(): Promise<{ mended: number }> {
    return { mended: await search.compare(onProgress) };
  }

  /**
   * Brings up to date the jobs of which the index, by our notes, has an older version or none, and does what batches had to leave
   * while the engine was away.
   */
  async function catchUpIndex(): Promise<{ indexed: number }> {
    const leftBatches = await findUnindexedBatches(db, BATCH_SIZE);
    const indexed = await catchUpJobs();
    for (const batchId of leftBatches) {
      await search.remove(await idsMergedAway(db, batchId));
      await markBatch(db, batchId, 'indexed_at', now());
    }
    return { indexed };
  }

  async function catchUpJobs(): Promise<number> {
    let indexed = 0;
    for (let afterId: string | null = null; ;) {
      const ids: string[] = await readStaleJobIds(db, { afterId, limit: BATCH_SIZE });
      const versions = await search.upsert(ids);
      await markIndexed(db, versions, now());
      indexed += versions.length;
      onProgress(indexed);
      afterId = ids.at(-1) ?? null;
      if (afterId === null) return indexed;
    }
  }

  return { checkIndex, beginRebuild, fillRebuild, finishRebuild, compareIndex, catchUpIndex };
}

/** An attempt that was given up for dead does not go on beside the next one. */
function onProgress(jobs: number): void {
  heartbeat(jobs);
  cancellationSignal().throwIfAborted();
}
