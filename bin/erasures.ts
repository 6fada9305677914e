import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { eraseAccount } from '../workflows/eraseAccount';

/** Longest wait for Temporal to take an erasure. */
const START_TIMEOUT_MS = 2_000;

interface ErasureStarter {
  client: Client;
  taskQueue: string;
}

/**
 * Starts `eraseAccount`. Returns false when the erasure is under way or done; rejects when Temporal does not answer in time. One that
 * failed is started again.
 */
export function createErasureStarter({ client, taskQueue }: ErasureStarter) {
  return async (erasureId: string): Promise<boolean> => {
    try {
      await client.withDeadline(Date.now() + START_TIMEOUT_MS, () =>
        client.workflow.start<typeof eraseAccount>('eraseAccount', {
          workflowId: `erase-account/${erasureId}`,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          taskQueue,
          args: [{ erasureId }],
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  };
}
