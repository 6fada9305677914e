import { startWaitingBatches } from './activities';

/** Has the pushed batches processed that were stored and never started. */
export async function startPendingBatches(): Promise<{ waiting: number; started: number }> {
  return await startWaitingBatches();
}
