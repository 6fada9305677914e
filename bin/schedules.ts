import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';

/** Schedule and its workflow, which takes no input. */
const EVERY_MINUTE = {
  'start-pending-batches': 'startPendingBatches',
  'refresh-vocabulary': 'refreshVocabulary',
  'start-pending-signups': 'startPendingSignUps',
  'mail-notices': 'mailNotices',
} as const;

/** What the product itself does again and again, whatever its sources. Idempotent: every worker calls it when it starts. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const [scheduleId, workflowType] of Object.entries(EVERY_MINUTE)) {
    await client.schedule
      .create({
        scheduleId,
        spec: { intervals: [{ every: '1 minute' }] },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
        action: {
          type: 'startWorkflow',
          workflowType,
          workflowId: scheduleId,
          taskQueue,
          workflowExecutionTimeout: '10 minutes',
        },
      })
      .catch((error: unknown) => {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      });
  }
}
