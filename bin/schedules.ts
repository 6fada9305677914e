import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { startPendingBatches } from '../workflows/startPendingBatches';

/** What the product itself does again and again, whatever its sources. Idempotent: every worker calls it when it starts. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  await client.schedule
    .create<typeof startPendingBatches>({
      scheduleId: 'start-pending-batches',
      spec: { intervals: [{ every: '1 minute' }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      action: {
        type: 'startWorkflow',
        workflowType: 'startPendingBatches',
        workflowId: 'start-pending-batches',
        taskQueue,
        workflowExecutionTimeout: '10 minutes',
      },
    })
    .catch((error: unknown) => {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    });
}
