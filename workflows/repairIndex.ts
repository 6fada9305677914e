import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { executeChild } from '@temporalio/workflow';
import { catchUpIndex, checkIndex, compareIndex } from './activities';
import { rebuildIndex } from './rebuildIndex';
import { REBUILD_WORKFLOW_ID } from './workflowIds';

export interface RepairInput {
  /** Compare the whole index with the jobs even if a quick look finds nothing amiss. */
  thorough: boolean;
}

export interface RepairReport {
  rebuilt: number;
  mended: number;
  indexed: number;
}

/** Looks after the search index: builds it anew when it is gone, mends it when it is behind. */
export async function repairIndex({ thorough }: RepairInput): Promise<RepairReport> {
  const state = await checkIndex();
  if (state === 'missing') {
    const { jobs, mended } = await rebuildUnlessUnderWay();
    return { rebuilt: jobs, mended, indexed: 0 };
  }
  const { mended } = thorough || state === 'behind' ? await compareIndex() : { mended: 0 };
  const { indexed } = await catchUpIndex();
  return { rebuilt: 0, mended, indexed };
}

async function rebuildUnlessUnderWay() {
  try {
    return await executeChild(rebuildIndex, { workflowId: REBUILD_WORKFLOW_ID });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { jobs: 0, mended: 0 };
    throw error;
  }
}
