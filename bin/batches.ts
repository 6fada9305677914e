import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { PushedBatch } from '../db/pushedBatches';
import type { processBatch } from '../workflows/processBatch';
import { SOURCE_ID } from '../workflows/searchAttributes';

/** Longest wait for Temporal to take a batch. */
const START_TIMEOUT_MS = 2_000;

interface BatchStarter {
  client: Client;
  taskQueue: string;
}

/**
 * Starts `processBatch` for pushed batches. Returns false when the batch is under way or was processed; rejects when Temporal
 * does not answer in time. One whose processing failed is started again.
 */
export function createBatchStarter({ client, taskQueue }: BatchStarter) {
  return async ({ batchId, sourceId, rowCount }: PushedBatch): Promise<boolean> => {
    try {
      await client.withDeadline(Date.now() + START_TIMEOUT_MS, () =>
        client.workflow.start<typeof processBatch>('processBatch', {
          workflowId: `batch/${batchId}`,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          taskQueue,
          args: [{ batchId, sourceId, waitsForTurn: false }],
          typedSearchAttributes: [{ key: SOURCE_ID, value: sourceId }],
          staticSummary: `${sourceId}, pushed: ${rowCount} rows`,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  };
}
