import { countVocabularyAnew } from './activities';

/** Keeps the counts of skills and categories fresh. */
export async function refreshVocabulary(): Promise<{ counted: boolean }> {
  return await countVocabularyAnew();
}
