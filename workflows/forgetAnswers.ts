import { forgetExpiredAnswers } from './activities';

/** Forgets the answers that requests got a day ago, lest a key outlives its time in one of them. */
export async function forgetAnswers(): Promise<{ removed: number }> {
  return await forgetExpiredAnswers();
}
