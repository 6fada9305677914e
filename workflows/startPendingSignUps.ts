import { startWaitingSignUps } from './activities';

/** Has the sign-ups taken further that were stored and never started, and forgets those of long ago. */
export async function startPendingSignUps(): Promise<{ waiting: number; started: number }> {
  return await startWaitingSignUps();
}
