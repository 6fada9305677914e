import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { signUp } from '../workflows/signUp';

/** Longest wait for Temporal to take a sign-up: who signs up is waiting. */
const START_TIMEOUT_MS = 500;

interface SignUpStarter {
  client: Client;
  taskQueue: string;
}

/**
 * Starts `signUp` for a stored sign-up or recovery. Returns false when it is under way or has come to its end; rejects when Temporal does
 * not answer in time. One that failed is started again.
 */
export function createSignUpStarter({ client, taskQueue }: SignUpStarter) {
  return async (signUpId: string): Promise<boolean> => {
    try {
      await client.withDeadline(Date.now() + START_TIMEOUT_MS, () =>
        client.workflow.start<typeof signUp>('signUp', {
          workflowId: `signup/${signUpId}`,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          taskQueue,
          args: [{ signUpId }],
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  };
}
