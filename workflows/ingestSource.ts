import {
  type ChildWorkflowHandle,
  condition,
  continueAsNew,
  defineQuery,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { addReports, emptyReport, type IngestReport } from '../domain/outcome';
import { finishRun, measureShift, receivePage } from './activities';
import { batchDetails } from './details';
import { batchPublished, processBatch, yourTurn } from './processBatch';
import { SOURCE_ID } from './searchAttributes';

export interface IngestSourceInput {
  runId: string;
  sourceId: string;
  /** Number of the page to go on with; none to begin. */
  sequence?: number;
  /** What the batches before have come to. */
  report?: IngestReport;
}

/** What the run has come to so far: the batches that are through all stages. */
const progress = defineQuery<IngestReport>('progress');

/** Batches of one run under way at once: received and verified side by side, published one after another. */
const WINDOW = 4;

/** Reads a source to its end, batch by batch. */
export async function ingestSource({
  runId,
  sourceId,
  ...earlier
}: IngestSourceInput): Promise<IngestReport> {
  let report = earlier.report ?? emptyReport();
  setHandler(progress, () => report);
  const line = batchLine((batchReport) => {
    report = addReports(report, batchReport);
    setCurrentDetails(batchDetails(report));
  });

  if (earlier.sequence === undefined) await measureShift(runId);

  for (let sequence = earlier.sequence ?? 0; ; sequence += 1) {
    const batch = await receivePage(runId, sequence);
    if (batch.rowCount > 0) {
      await line.roomFor(WINDOW);
      const child = await startChild(processBatch, {
        workflowId: `batch/${batch.batchId}`,
        args: [{ batchId: batch.batchId, sourceId, waitsForTurn: true }],
        typedSearchAttributes: [{ key: SOURCE_ID, value: sourceId }],
        staticSummary: `${sourceId}, page ${sequence + 1}: ${batch.rowCount} rows`,
      });
      line.add(batch.batchId, child);
    }
    if (batch.isLast) break;
    if (workflowInfo().continueAsNewSuggested) {
      await line.drain();
      await continueAsNew<typeof ingestSource>({ runId, sourceId, sequence: sequence + 1, report });
    }
  }
  await line.drain();
  return await finishRun(runId);
}

/**
 * Batches in the order of the source. Each is told its turn when the one before is published, and leaves the line when it
 * is through; the first failure ends the run at the next step.
 */
function batchLine(onReport: (report: IngestReport) => void) {
  const published = new Set<string>();
  const underWay = new Set<string>();
  let failure: Error | undefined;
  let batchBefore: string | undefined;
  setHandler(batchPublished, (batchId) => void published.add(batchId));

  const isPast = (batchId: string) => published.has(batchId) || !underWay.has(batchId);
  const throwFailure = () => {
    if (failure !== undefined) throw failure;
  };

  async function follow(batchId: string, child: ChildWorkflowHandle<typeof processBatch>, before?: string) {
    try {
      if (before !== undefined) await condition(() => isPast(before));
      throwFailure();
      await child.signal(yourTurn);
      onReport(await child.result());
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
    } finally {
      underWay.delete(batchId);
      published.delete(batchId);
    }
  }

  return {
    add(batchId: string, child: ChildWorkflowHandle<typeof processBatch>): void {
      underWay.add(batchId);
      void follow(batchId, child, batchBefore);
      batchBefore = batchId;
    },
    /** Waits until fewer than `size` batches are under way. */
    async roomFor(size: number): Promise<void> {
      await condition(() => underWay.size < size || failure !== undefined);
      throwFailure();
    },
    async drain(): Promise<void> {
      await condition(() => underWay.size === 0 || failure !== undefined);
      throwFailure();
    },
  };
}
