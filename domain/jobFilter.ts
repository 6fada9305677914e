// The grammar of what a caller can ask for, in one place: the API parses queries into it, saved searches store it, the
// webhook matcher evaluates it, the search adapters compile it, documentation is made from it.
export { EXPORT_QUERY_GRAMMAR, type ExportStart, type ParsedExportQuery } from './jobFilter/exportParameters';
export {
  advancedParametersUsed,
  type CategoryCondition,
  FILTER_PARAMETERS,
  identityValues,
  type JobFacet,
  type JobFilter,
  type JobSort,
  MAX_LIST_LENGTH,
  type NumberRange,
  type PageStart,
  type WalkSort,
} from './jobFilter/filter';
export { type FacetCount, facetCounts } from './jobFilter/facets';
export { holdsUntil, type KeptFilter, timelessQuery } from './jobFilter/passingTime';
export { jobFacts } from './jobFilter/jobFacts';
export {
  type ParsedTrendsQuery,
  SIMILAR_QUERY_GRAMMAR,
  SKILLS_QUERY_GRAMMAR,
  TRENDS_QUERY_GRAMMAR,
} from './jobFilter/marketQueries';
export { matchesFilter, matchesPrepared, prepareJob } from './jobFilter/matchesFilter';
export type { QueryParameter } from './jobFilter/parameters';
export { CHANGES_QUERY_GRAMMAR, FRESH_START, type ParsedChangesQuery } from './jobFilter/parseChangesQuery';
export { JOB_QUERY_GRAMMAR, type ParsedJobQuery, parseJobQuery } from './jobFilter/parseJobQuery';
export { MAX_VALUE_LENGTH, type QueryGrammar } from './jobFilter/queryGrammar';
export { PROPOSALS_BOUNDS } from './jobFilter/proposals';
export {
  SAVED_SEARCH_GRAMMAR,
  SAVED_SEARCH_PAGE_ROWS,
  SAVED_SEARCHES_QUERY_GRAMMAR,
  savedSearchPageGrammar,
} from './jobFilter/savedSearchQueries';
