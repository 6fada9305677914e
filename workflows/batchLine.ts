import { type ChildWorkflowHandle, condition, setHandler } from '@temporalio/workflow';
import type { IngestReport } from '../domain/outcome';
import { batchPublished, type processBatch, yourTurn } from './processBatch';

type BatchHandle = ChildWorkflowHandle<typeof processBatch>;

/**
 * The batches of a run in the order of the source. Each is told its turn when the one before is published, and leaves the line
 * when it is through. When one fails, those whose turn had come go to their end, none is told its turn any more, and the
 * line throws what the batch failed with.
 */
export function batchLine(onReport: (report: IngestReport) => void) {
  const published = new Set<string>();
  const underWay = new Set<string>();
  let failure: Error | undefined;
  let batchBefore: string | undefined;
  setHandler(batchPublished, (batchId) => void published.add(batchId));

  const isPast = (batchId: string) => published.has(batchId) || !underWay.has(batchId);

  async function awaitResult(batchId: string, batch: BatchHandle) {
    try {
      onReport(await batch.result());
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
    } finally {
      underWay.delete(batchId);
      published.delete(batchId);
    }
  }

  async function callInTurn(batchId: string, batch: BatchHandle, before: string | undefined) {
    if (before !== undefined) await condition(() => isPast(before) || failure !== undefined);
    if (failure !== undefined) {
      // It is never called, and must not be waited for.
      underWay.delete(batchId);
      return;
    }
    // A batch that has failed already cannot be signalled; its own failure says why.
    await batch.signal(yourTurn).catch(() => undefined);
  }

  return {
    add(batchId: string, batch: BatchHandle): void {
      underWay.add(batchId);
      void awaitResult(batchId, batch);
      void callInTurn(batchId, batch, batchBefore);
      batchBefore = batchId;
    },
    /** Waits until fewer than `unpublished` batches are on their way to being published, and fewer than `all` under way. */
    async roomFor({ unpublished, all }: { unpublished: number; all: number }): Promise<void> {
      const hasRoom = () => underWay.size - published.size < unpublished && underWay.size < all;
      await condition(() => hasRoom() || failure !== undefined);
      if (failure !== undefined) await this.drain();
    },
    /** Waits until no batch is under way. */
    async drain(): Promise<void> {
      await condition(() => underWay.size === 0);
      if (failure !== undefined) throw failure;
    },
  };
}
