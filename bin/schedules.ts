import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';

/** Schedule and its workflow, which takes no input. */
const EVERY_MINUTE = {
  'start-pending-batches': 'startPendingBatches',
  'start-pending-erasures': 'startPendingErasures',
  'refresh-vocabulary': 'refreshVocabulary',
  'forget-answers': 'forgetAnswers',
  'start-pending-signups': 'startPendingSignUps',
  'mail-notices': 'mailNotices',
  'wake-endpoints': 'wakeEndpoints',
} as const;
const EVERY_DAY = { 'prune-accounts': 'pruneAccounts' } as const;

/** In the small hours of UTC. */
const DAILY_AT = '3 hours';

/** What the product itself does again and again, whatever its sources. Idempotent: every worker calls it when it starts. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  const schedules = [
    ...Object.entries(EVERY_MINUTE).map(([id, type]) => ({
      id,
      type,
      spec: { every: '1 minute' } as const,
      catchupWindow: '1 minute',
      timeout: '10 minutes',
    })),
    ...Object.entries(EVERY_DAY).map(([id, type]) => ({
      id,
      type,
      spec: { every: '1 day', offset: DAILY_AT } as const,
      catchupWindow: '1 day',
      timeout: '6 hours',
    })),
  ] as const;
  for (const { id: scheduleId, type: workflowType, spec, catchupWindow, timeout } of schedules) {
    await client.schedule
      .create({
        scheduleId,
        spec: { intervals: [spec] },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
        action: {
          type: 'startWorkflow',
          workflowType,
          workflowId: scheduleId,
          taskQueue,
          workflowExecutionTimeout: timeout,
        },
      })
      .catch((error: unknown) => {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      });
  }
}
