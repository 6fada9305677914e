import type { Db } from '../db/connection';
import type { JobFacet, PageStart } from '../domain/jobFilter';
import type { SearchExpression } from '../domain/searchExpression';
import { withSpellings } from '../domain/searchSpelling';
import { findBlockingFilters, type FilterHint } from './hints';
import type { FacetResult, JobSearch, SearchRequest, SearchResult } from './searchIndex';
import { findSpellings, readableSpellings, searchBySpellings, type Spellings } from './spelling';

export interface FindRequest extends SearchRequest {
  /** Words are not read as what they may mean. */
  isExact: boolean;
  facets: readonly JobFacet[];
}

/** What a caller may do about a result that is empty. */
export interface EmptyResultHints {
  filters: FilterHint[];
  spelling: { word: string; suggestions: string[] }[];
}

export interface FoundJobs extends SearchResult {
  /** What was searched for in the end: as asked, or with misspelt words read as what they may mean. */
  expression?: SearchExpression;
  /** Null when all words were taken as they are. */
  relaxed: Spellings | null;
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
  const spellings =
    asked.total === 0 && request.filter.search ? await findSpellings(services, request) : NO_SPELLINGS;
  const relaxed = isExact ? null : await searchBySpellings(search, request, spellings);
  const result = relaxed ?? asked;
  const expression =
    relaxed && request.filter.search
      ? withSpellings(request.filter.search, spellings)
      : request.filter.search;
  const counted = { filter: { ...request.filter, search: expression }, scope: request.scope, facets };
  return {
    ...result,
    expression,
    relaxed: relaxed ? spellings : null,
    facets: facets.length > 0 ? await search.facets(counted) : null,
    hints:
      result.total === 0 && isBeginning(request.start)
        ? {
            filters: await findBlockingFilters(search, request),
            spelling: await readableSpellings(search, spellings, request.scope),
          }
        : null,
  };
}

function isBeginning(start: PageStart): boolean {
  return 'offset' in start && start.offset === 0;
}
