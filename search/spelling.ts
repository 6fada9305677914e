import type { Db } from '../db/connection';
import { findWordsLike } from '../db/searchWords';
import type { JobFilter } from '../domain/jobFilter';
import type { ReadScope } from '../domain/readScope';
import { soughtWords, withSpellings } from '../domain/searchSpelling';
import { allowedEdits, nearSpellings } from '../domain/spelling';
import { tokenize } from '../domain/tokenizer';
import type { JobSearch, SearchRequest, SearchResult } from './searchIndex';

/** Of one search; nobody misspells more. */
const MAX_WORDS_LOOKED_UP = 10;
/** A swap of two letters counts two where Postgres counts. */
const MAX_EDITS = 2;
const MAX_SUGGESTIONS = 3;

/** A word that no job holds, and words that jobs hold and it may mean, the nearest first; tokens all. */
export type Spellings = ReadonlyMap<string, readonly string[]>;

/** A word that no job holds, as a token, and words that people write and it may mean. */
export interface Suggestion {
  word: string;
  suggestions: string[];
}

export interface SpellingServices {
  db: Db;
  search: JobSearch;
}

/** What the words of a search may mean that stand in no job in sight, whatever the other filters. */
export async function findSpellings(
  { db, search }: SpellingServices,
  { filter, scope }: Pick<SearchRequest, 'filter' | 'scope'>,
): Promise<Spellings> {
  const spellings = new Map<string, readonly string[]>();
  const words = filter.search ? soughtWords(filter.search).slice(0, MAX_WORDS_LOOKED_UP) : [];
  for (const word of words) {
    if (allowedEdits(word) === 0 || (await findHolder(search, word, scope))) continue;
    const near = nearSpellings(word, await findWordsLike(db, word, MAX_EDITS));
    if (near.length > 0) spellings.set(word, near);
  }
  return spellings;
}

/** The same search with misspelt words read as what they may mean; null when that finds nothing either. */
export async function searchBySpellings(
  search: JobSearch,
  request: SearchRequest,
  spellings: Spellings,
): Promise<SearchResult | null> {
  const { search: expression } = request.filter;
  if (!expression || spellings.size === 0) return null;
  const filter: JobFilter = { ...request.filter, search: withSpellings(expression, spellings) };
  const result = await search.search({ ...request, filter });
  return result.total > 0 ? result : null;
}

/** The suggestions as words that people write: each as a job in sight that holds it writes it. */
export async function readableSpellings(
  search: JobSearch,
  spellings: Spellings,
  scope: ReadScope,
): Promise<Suggestion[]> {
  const readable = [];
  for (const [word, candidates] of spellings) {
    const suggestions = new Set<string>();
    for (const candidate of candidates.slice(0, MAX_SUGGESTIONS)) {
      const holder = await findHolder(search, candidate, scope);
      if (holder) suggestions.add(asWritten(candidate, `${holder.title} ${holder.description ?? ''}`));
    }
    if (suggestions.size > 0) readable.push({ word, suggestions: [...suggestions] });
  }
  return readable;
}

async function findHolder(search: JobSearch, token: string, scope: ReadScope) {
  const { jobs } = await search.search({
    filter: { search: { kind: 'word', token } },
    sort: 'posted_on_desc',
    scope,
    limit: 1,
    start: { offset: 0 },
  });
  return jobs[0];
}

/** The first word of the text that is the token; the token itself where it stands in another part of the job. */
function asWritten(token: string, text: string): string {
  for (const [word] of text.matchAll(/[\p{L}\p{M}]+/gu)) {
    if (tokenize(word)[0] === token) return word.toLowerCase();
  }
  return token;
}
