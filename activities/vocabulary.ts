import type { Db } from '../db/connection';
import { countVocabulary } from '../db/vocabulary';
import type { Timestamp } from '../domain/time';

export interface VocabularyServices {
  db: Db;
  now: () => Timestamp;
}

export type VocabularyActivities = ReturnType<typeof createVocabularyActivities>;

export function createVocabularyActivities({ db, now }: VocabularyServices) {
  /** Counts anew how many jobs have each skill, category and word, unless that was done a short while ago. */
  function countVocabularyAnew(): Promise<{ counted: boolean }> {
    return countVocabulary(db, now());
  }

  return { countVocabularyAnew };
}
