import type { Db } from '../db/connection';
import { removeExpiredAnswers } from '../db/idempotencyKeys';
import type { Timestamp } from '../domain/time';

export interface AnswerServices {
  db: Db;
  now: () => Timestamp;
}

const REMOVED_AT_ONCE = 1_000;
/** Removed in one run; the next goes on with the rest. */
const MOST_REMOVED = 100_000;

export type AnswerActivities = ReturnType<typeof createAnswerActivities>;

export function createAnswerActivities({ db, now }: AnswerServices) {
  /** Removes the answers that were kept under an Idempotency-Key for their time, with the keys that some of them hold. */
  async function forgetExpiredAnswers(): Promise<{ removed: number }> {
    let removed = 0;
    while (removed < MOST_REMOVED) {
      const some = await removeExpiredAnswers(db, { now: now(), most: REMOVED_AT_ONCE });
      removed += some;
      if (some < REMOVED_AT_ONCE) break;
    }
    return { removed };
  }

  return { forgetExpiredAnswers };
}
