import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Logger } from 'pino';
import type { repairIndex } from '../workflows/repairIndex';

const REPAIR_EVERY = '5 minutes';

/**
 * Has the search index looked after: every few minutes by a Schedule, and thoroughly now. That neither can be had is told, and
 * no reason not to work.
 */
export async function startIndexRepair(client: Client, taskQueue: string, logger: Logger): Promise<void> {
  try {
    await createSchedule(client, taskQueue);
    await client.workflow.start<typeof repairIndex>('repairIndex', {
      workflowId: 'repair-index/start',
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue,
      args: [{ thorough: true }],
    });
  } catch (error) {
    logger.warn({ err: error }, 'the repair of the search index could not be arranged');
  }
}

async function createSchedule(client: Client, taskQueue: string): Promise<void> {
  try {
    await client.schedule.create<typeof repairIndex>({
      scheduleId: 'repair-index',
      spec: { intervals: [{ every: REPAIR_EVERY }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      action: {
        type: 'startWorkflow',
        workflowType: 'repairIndex',
        workflowId: 'repair-index',
        taskQueue,
        args: [{ thorough: false }],
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
