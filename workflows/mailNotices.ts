import { mailWaitingNotices } from './activities';

/** Mails what accounts are to be told of. */
export async function mailNotices(): Promise<{ mailed: number; refused: number; failed: number }> {
  return await mailWaitingNotices();
}
