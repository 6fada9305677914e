import {
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { IngestReport } from '../domain/outcome';
import { indexBatch, publishBatch, reportBatch, screenBatch, verifyBatch } from './activities';
import { batchDetails } from './details';
import { asShownFailure } from './failures';

export interface ProcessBatchInput {
  batchId: string;
  sourceId: string;
  /** Batches of one source are published in their order: this one waits until it is called. */
  waitsForTurn: boolean;
}

/** From the run to a batch: those before you are published. */
export const yourTurn = defineSignal('yourTurn');
/** From a batch to its run: published, the next may go on while this one is indexed. */
export const batchPublished = defineSignal<[batchId: string]>('batchPublished');

/** Takes one batch through verify, screen, publish and index. */
export async function processBatch(input: ProcessBatchInput): Promise<IngestReport> {
  try {
    return await takeThroughStages(input);
  } catch (error) {
    throw asShownFailure(error);
  }
}

async function takeThroughStages({ batchId, waitsForTurn }: ProcessBatchInput): Promise<IngestReport> {
  let isMyTurn = !waitsForTurn;
  setHandler(yourTurn, () => {
    isMyTurn = true;
  });

  setCurrentDetails('verifying');
  await verifyBatch(batchId);
  setCurrentDetails('screening');
  await screenBatch(batchId);
  setCurrentDetails('waiting for the batches before');
  await condition(() => isMyTurn);
  setCurrentDetails('publishing');
  await publishBatch(batchId);
  const { parent } = workflowInfo();
  if (parent)
    await getExternalWorkflowHandle(parent.workflowId, parent.runId).signal(batchPublished, batchId);
  setCurrentDetails('indexing');
  const { leftToRepair } = await indexBatch(batchId);

  const report = await reportBatch(batchId);
  setCurrentDetails(batchDetails(report, leftToRepair));
  return report;
}
