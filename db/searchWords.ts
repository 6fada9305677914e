import type { Db } from './connection';

const MAX_WORDS_LIKE = 200;

/** Adds the words of these jobs to those known. */
export async function learnWords(db: Db, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length === 0) return;
  await db.raw(
    `insert into search_words
     select word from ts_stat(format('select search_vector from jobs where id = any(%L::text[])', cast(:jobIds as text[])))
     where length(word) between 4 and 40 and word !~ '[^[:alpha:]]'
     order by word
     on conflict do nothing`,
    { jobIds },
  );
}

/** Words known that begin like this one and differ from it in at most so many letters (a swap counts two), 200 at most. */
export async function findWordsLike(db: Db, word: string, maxEdits: number): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { word: string }[] }>(
    `select word from (
       select word, levenshtein_less_equal(word, :word, :maxEdits) as edits from search_words
       where left(word, 1) = left(:word, 1)
         and length(word) between length(:word) - :maxEdits and length(:word) + :maxEdits
     ) as near
     where edits <= :maxEdits order by edits, word limit :limit`,
    { word, maxEdits, limit: MAX_WORDS_LIKE },
  );
  return rows.map((row) => row.word);
}
