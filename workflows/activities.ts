import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { AccountRetentionActivities } from '../activities/accountRetention';
import type { ErasureActivities } from '../activities/erasure';
import type { AnswerActivities } from '../activities/answers';
import type { IndexingActivities } from '../activities/indexing';
import type { IngestionActivities } from '../activities/ingestion';
import type { NoticeActivities } from '../activities/notices';
import type { PublishingActivities } from '../activities/publishing';
import type { PushedBatchActivities } from '../activities/pushedBatches';
import type { ScreeningActivities } from '../activities/screening';
import type { SignUpActivities } from '../activities/signUp';
import type { VocabularyActivities } from '../activities/vocabulary';
import type { WebhookDeliveryActivities } from '../activities/webhookDelivery';
import type { EndpointReport } from '../domain/webhooks/endpointReport';
import { deliveryTaskQueue } from '../domain/webhooks/taskQueue';

/** Database and index may be away for hours: tried again until they are back. What cannot be mended fails at once. */
const retry = { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '15s' } as const;

/** Reads a whole source; told apart from a dead one by its heartbeats. */
export const { measureShift } = proxyActivities<IngestionActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '30s',
  retry,
});

export const { openRun, receivePage, verifyBatch, reportBatch, finishRun, failRun } =
  proxyActivities<IngestionActivities>({
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '15s',
    retry,
  });

export const { screenBatch, publishBatch, indexBatch } = proxyActivities<
  ScreeningActivities & PublishingActivities
>({
  startToCloseTimeout: '2 minutes',
  // Of the worker's own heartbeats (activities/heartbeat.ts): how long a killed one holds a stage up.
  heartbeatTimeout: '15s',
  retry,
});

export const { startWaitingBatches } = proxyActivities<PushedBatchActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '1 minute',
  retry,
});

export const { revokeKeysOfErased, removeErasedAccount } = proxyActivities<ErasureActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '15s',
  retry,
});

/** Go through a table slice by slice, and say so. */
export const { eraseNextTable } = proxyActivities<ErasureActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '1 minute',
  retry,
});

export const { startWaitingErasures } = proxyActivities<ErasureActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '1 minute',
  retry,
});

/** Mail may be away for long, but the address of who wanted to be forgotten is not kept for it any longer than this. */
export const { tellHolder } = proxyActivities<ErasureActivities>({
  scheduleToCloseTimeout: '3 days',
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '15s',
  retry: { ...retry, maximumInterval: '15 minutes' },
});

export const { pruneAccountRecords } = proxyActivities<AccountRetentionActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '1 minute',
  retry,
});

/** The schedule brings the next attempt. */
export const { forgetExpiredAnswers } = proxyActivities<AnswerActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '15s',
  retry: { maximumAttempts: 1 },
});

/** Told apart from dead ones by the worker's own heartbeats, as the stages of a batch are. */
export const { checkIndex, beginRebuild, fillRebuild } = proxyActivities<IndexingActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '15s',
  retry,
});

/** Go over all jobs, or over all that changed while a rebuild went on. */
export const { finishRebuild, compareIndex, catchUpIndex } = proxyActivities<IndexingActivities>({
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '15s',
  retry,
});

/** Goes over all jobs in one statement; the schedule brings the next attempt. */
export const { countVocabularyAnew } = proxyActivities<VocabularyActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '15s',
  retry: { maximumAttempts: 1 },
});

export const { prepareSignUp, giveUpSignUp } = proxyActivities<SignUpActivities>({
  startToCloseTimeout: '1 minute',
  retry,
});

/** The mail server may be away for days. Told apart from a dead one by the worker's own heartbeats. */
export const { mailSecret } = proxyActivities<SignUpActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '15s',
  scheduleToCloseTimeout: '3 days',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

/** The schedule brings the next attempt. */
export const { startWaitingSignUps } = proxyActivities<SignUpActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '1 minute',
  retry: { maximumAttempts: 1 },
});

/** Likewise: what could not be mailed is tried again a minute later. */
export const { mailWaitingNotices } = proxyActivities<NoticeActivities>({
  startToCloseTimeout: '8 minutes',
  heartbeatTimeout: '15s',
  retry: { maximumAttempts: 1 },
});

/**
 * On a task queue of its own: endpoints that let us wait take no slot from anything else. Told apart from a dead one by the worker's own
 * heartbeats.
 */
export async function deliverDue(endpointId: string): Promise<EndpointReport> {
  const activities = proxyActivities<WebhookDeliveryActivities>({
    taskQueue: deliveryTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '15s',
    retry,
  });
  return await activities.deliverDue(endpointId);
}

/** The schedule brings the next attempt. */
export const { wakeForgottenEndpoints } = proxyActivities<WebhookDeliveryActivities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '1 minute',
  retry: { maximumAttempts: 1 },
});
