import type { Db } from '../db/connection';
import { isDatabaseUnavailable } from '../db/errors';
import type { JobFacet, PageStart } from '../domain/jobFilter';
import type { SearchExpression } from '../domain/searchExpression';
import { withSpellings } from '../domain/searchSpelling';
import { findBlockingFilters, type FilterHint } from './hints';
import type { FacetResult, JobSearch, SearchRequest, SearchResult } from './searchIndex';
import {
  findSpellings,
  readableSpellings,
  searchBySpellings,
  type Spellings,
  type Suggestion,
} from './spelling';

export interface FindRequest extends SearchRequest {
  /** Words are not read as what they may mean. */
  isExact: boolean;
  facets: readonly JobFacet[];
}

/** What a caller may do about a result that is empty. */
export interface EmptyResultHints {
  filters: FilterHint[];
  spelling: Suggestion[];
}

export interface FoundJobs extends SearchResult {
  /** What was searched for in the end: as asked, or with misspelt words read as what they may mean. */
  expression?: SearchExpression;
  /** How words were read; null when all were taken as they are. */
  relaxed: Suggestion[] | null;
  facets: FacetResult | null;
  hints: EmptyResultHints | null;
}

const NO_SPELLINGS: Spellings = new Map();

/**
 * Searches; where nothing is found, searches again with words that stand nowhere read as words that are spelt nearly like them, and
 * where that finds nothing either, looks for what keeps the jobs out.
 */
export async function findJobs(
  services: { db: Db; search: JobSearch },
  { isExact, facets, ...request }: FindRequest,
): Promise<FoundJobs> {
  const { search } = services;
  const asked = await search.search(request);
  // A walk that began with words read otherwise goes on so: its cursor knows the total alone.
  const isEmpty = asked.total === 0 || (asked.jobs.length === 0 && 'cursor' in request.start);
  const spellings =
    isEmpty && request.filter.search
      ? await findSpellings(services, request).catch(noneWhileAway)
      : NO_SPELLINGS;
  const relaxed = isExact ? null : await searchBySpellings(search, request, spellings);
  const result = relaxed ?? asked;
  const expression =
    relaxed && request.filter.search
      ? withSpellings(request.filter.search, spellings)
      : request.filter.search;
  const counted = { filter: { ...request.filter, search: expression }, scope: request.scope, facets };
  const suggestions = isEmpty ? await readableSpellings(search, spellings, request.scope) : [];
  return {
    ...result,
    expression,
    relaxed: relaxed ? suggestions : null,
    facets: facets.length > 0 ? await search.facets(counted) : null,
    hints:
      result.total === 0 && isBeginning(request.start)
        ? { filters: await findBlockingFilters(search, request), spelling: suggestions }
        : null,
  };
}

/** Searches to the letter: no word is read as another, and an empty result is all there is to say. */
export async function findExactly(
  search: JobSearch,
  { facets, ...request }: Omit<FindRequest, 'isExact'>,
): Promise<FoundJobs> {
  const { filter, scope } = request;
  return {
    ...(await search.search(request)),
    expression: filter.search,
    relaxed: null,
    facets: facets.length > 0 ? await search.facets({ filter, scope, facets }) : null,
    hints: null,
  };
}

/** What words there are is known to Postgres alone: without it the result stands as it is. */
function noneWhileAway(error: unknown): Spellings {
  if (isDatabaseUnavailable(error)) return NO_SPELLINGS;
  throw error;
}

function isBeginning(start: PageStart): boolean {
  return 'offset' in start && start.offset === 0;
}
