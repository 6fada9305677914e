import { FILTER_PARAMETERS, type JobFilter } from '../domain/jobFilter';
import type { JobSearch, SearchRequest } from './searchIndex';

/** Each costs a search. */
const MAX_FILTERS_TRIED = 12;

/** How many jobs there would be without one of the filters. */
export interface FilterHint {
  /** Names of the parameters that make the filter. */
  parameters: readonly string[];
  total: number;
  totalIsExact: boolean;
}

/** Of a request that found nothing: which of its filters keeps how many jobs out. Those that keep out the most come first. */
export async function findBlockingFilters(
  search: JobSearch,
  { filter, scope }: Pick<SearchRequest, 'filter' | 'scope'>,
): Promise<FilterHint[]> {
  const hints: FilterHint[] = [];
  const keys = (Object.keys(filter) as (keyof JobFilter)[]).filter((key) => key !== 'searchIn');
  for (const key of keys.slice(0, MAX_FILTERS_TRIED)) {
    const { total, totalIsExact } = await search.search({
      filter: without(filter, key),
      sort: 'posted_on_desc',
      scope,
      limit: 0,
      start: { offset: 0 },
    });
    hints.push({ parameters: FILTER_PARAMETERS[key], total, totalIsExact });
  }
  return hints.sort((left, right) => right.total - left.total);
}

function without(filter: JobFilter, key: keyof JobFilter): JobFilter {
  const others = Object.entries(filter).filter(
    ([name]) => name !== key && !(key === 'search' && name === 'searchIn'),
  );
  return Object.fromEntries(others);
}
