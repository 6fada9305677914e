import { startWaitingErasures } from './activities';

/** Has the accounts erased whose erasure was asked for and never started. */
export async function startPendingErasures(): Promise<{ waiting: number; started: number }> {
  return await startWaitingErasures();
}
