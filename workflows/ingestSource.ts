import {
  ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  defineQuery,
  executeChild,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { addReports, emptyReport, type IngestReport, MAPPING_MISMATCH } from '../domain/outcome';
import { failRun, finishRun, measureShift, openRun, receivePage } from './activities';
import { batchLine } from './batchLine';
import { batchDetails } from './details';
import { asShownFailure, describeFailure } from './failures';
import { processBatch } from './processBatch';
import { SOURCE_ID } from './searchAttributes';

export interface IngestSourceInput {
  sourceId: string;
  /** A run that the command line has opened, or that this one goes on with; none: a schedule starts one of its own. */
  runId?: string;
  /** Number of the page to go on with; none to begin. */
  sequence?: number;
  /** What the batches before have come to. */
  report?: IngestReport;
  /** What became of a batch left over from an earlier run, if it failed again. */
  leftOver?: string;
}

/** What the run has come to so far: the batches that are through all stages. */
const progress = defineQuery<IngestReport>('progress');

/**
 * Batches of one run under way at once: received and verified side by side, published one after another. More may wait to be
 * indexed, for an engine takes several at once the faster.
 */
const WINDOW = { unpublished: 4, all: 16 };

/** Reads a source to its end, or from where its last run stopped, batch by batch. */
export async function ingestSource(input: IngestSourceInput): Promise<IngestReport> {
  const run =
    input.runId === undefined ? await openScheduledRun(input.sourceId) : { ...input, runId: input.runId };
  try {
    return await readSource(run);
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    throw await closeAsFailed(run.runId, error);
  }
}

type OpenRun = IngestSourceInput & { runId: string };

async function readSource({ runId, sourceId, leftOver, ...earlier }: OpenRun): Promise<IngestReport> {
  let report = earlier.report ?? emptyReport();
  setHandler(progress, () => report);
  const line = batchLine((batchReport) => {
    report = addReports(report, batchReport);
    setCurrentDetails(batchDetails(report));
  });

  if (earlier.sequence === undefined) await measureShift(runId);

  for (let sequence = earlier.sequence ?? 0; ; sequence += 1) {
    const batch = await receivePage(runId, sequence).catch(async (error: unknown) => {
      // What has been received is published, though nothing more can be.
      await line.drain();
      throw error;
    });
    if (batch.rowCount > 0) {
      await line.roomFor(WINDOW);
      const child = await startChild(processBatch, {
        ...batchOptions(batch.batchId, sourceId, `page ${sequence + 1}: ${batch.rowCount} rows`),
        args: [{ batchId: batch.batchId, sourceId, waitsForTurn: true }],
      });
      line.add(batch.batchId, child);
    }
    if (batch.isLast) break;
    if (workflowInfo().continueAsNewSuggested) {
      await line.drain();
      await continueAsNew<typeof ingestSource>({ runId, sourceId, sequence: sequence + 1, report, leftOver });
    }
  }
  await line.drain();

  const { unmapped, ...total } = await finishRun(runId);
  if (unmapped !== undefined) throw ApplicationFailure.nonRetryable(unmapped, MAPPING_MISMATCH);
  if (leftOver !== undefined) throw ApplicationFailure.nonRetryable(leftOver, 'batch_failed');
  return total;
}

/** Opens the run of a schedule, and brings to an end what earlier ones have left half done. */
async function openScheduledRun(sourceId: string): Promise<OpenRun> {
  let opened;
  try {
    opened = await openRun(sourceId, workflowInfo().runId);
  } catch (error) {
    throw asShownFailure(error);
  }
  let leftOver: string | undefined;
  for (const batchId of opened.unpublishedBatches) {
    try {
      await executeChild(processBatch, {
        ...batchOptions(batchId, sourceId, 'left over from an earlier run'),
        args: [{ batchId, sourceId, waitsForTurn: false }],
      });
    } catch (error) {
      // One batch that cannot be mended does not keep the source from going on; the run ends by saying so.
      leftOver ??= describeFailure(error).message;
    }
  }
  return { runId: opened.runId, sourceId, sequence: 0, leftOver };
}

function batchOptions(batchId: string, sourceId: string, summary: string) {
  return {
    workflowId: `batch/${batchId}`,
    typedSearchAttributes: [{ key: SOURCE_ID, value: sourceId }],
    staticSummary: `${sourceId}, ${summary}`,
  };
}

/** Notes why the run ends, also when it is cancelled. Returns what to throw. */
async function closeAsFailed(runId: string, error: unknown): Promise<unknown> {
  await CancellationScope.nonCancellable(() => failRun(runId, describeFailure(error)));
  return asShownFailure(error);
}
