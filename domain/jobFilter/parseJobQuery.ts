import {
  DEFAULT_LIMIT,
  type JobFacet,
  type JobFilter,
  type JobSort,
  MAX_LIMIT,
  MAX_OFFSET,
  type MovingBounds,
  type PageStart,
} from './filter';
import { PAGE_ROWS } from './pageParameters';
import { FILTER_ROWS } from './parameters';
import { createQueryGrammar, type QueryGrammar } from './queryGrammar';
import { addFault, type PageDraft, type QueryDraft } from './reading';

export interface ParsedJobQuery {
  filter: JobFilter;
  movingBounds: MovingBounds;
  sort: JobSort;
  /** 1 to 50; 0 when only the total is asked for. */
  limit: number;
  start: PageStart;
  /** No second pass for words spelt nearly like those of the search. */
  isExact: boolean;
  highlight: boolean;
  facets: JobFacet[];
  /** Fields of the view to be shown; null for all. */
  fields: string[] | null;
  warnings: string[];
}

/** `GET /jobs`, and its twin that takes the same as JSON. */
export const JOB_QUERY_GRAMMAR: QueryGrammar<ParsedJobQuery> = createQueryGrammar({
  rows: [...FILTER_ROWS, ...PAGE_ROWS],
  createDraft: (empty): PageDraft => empty,
  finish: (draft) => {
    checkFilter(draft);
    return finishPage(draft);
  },
});

/** Reads the parameters of `GET /jobs`. @throws AppError `invalid_parameter` with every fault of the query. */
export const parseJobQuery = JOB_QUERY_GRAMMAR.parse;

/** Makes the query of a draft whose filter is as it should be. */
export function finishPage(draft: PageDraft): ParsedJobQuery {
  const limit = readLimit(draft);
  const sort = readOrder(draft);
  return {
    filter: draft.filter,
    movingBounds: draft.movingBounds,
    sort,
    limit: draft.countOnly ? 0 : limit,
    start: readStart(draft, sort, limit),
    isExact: draft.isExact ?? false,
    highlight: draft.highlight ?? false,
    facets: draft.facets ?? [],
    fields: draft.fields ?? null,
    warnings: draft.warnings,
  };
}

/** What only several parameters together show to be wrong or without effect. */
export function checkFilter(draft: QueryDraft): void {
  checkOrder(draft);
  if (draft.filter.searchIn && !draft.filter.search) {
    draft.warnings.push('search_in says where search looks, and there is no search: it has no effect.');
  }
}

/** Without a search there is nothing to rank: the newest come first then, which is what Upwork shows, too. */
function readOrder({ sort = 'posted_on_desc', filter, warnings }: PageDraft): JobSort {
  if (sort !== 'relevance' || filter.search) return sort;
  warnings.push('sort=relevance ranks what a search finds, and there is no search: the newest come first.');
  return 'posted_on_desc';
}

const BOUND_PAIRS: readonly [string, string, (filter: JobFilter) => readonly [unknown, unknown]][] = [
  ['budget_min', 'budget_max', ({ budget }) => [budget?.min, budget?.max]],
  ['hourly_min', 'hourly_max', ({ hourly }) => [hourly?.min, hourly?.max]],
  ['posted_after', 'posted_before', ({ postedAfter, postedBefore }) => [postedAfter, postedBefore]],
];

function checkOrder(draft: QueryDraft): void {
  for (const [lowName, highName, bounds] of BOUND_PAIRS) {
    const [low, high] = bounds(draft.filter);
    const inOrder =
      typeof low === 'number' && typeof high === 'number'
        ? low <= high
        : typeof low !== 'string' || typeof high !== 'string' || low <= high;
    if (inOrder) continue;
    addFault(
      draft,
      { name: lowName },
      {
        message: `${lowName} is above ${highName}.`,
        received: `${String(low)} and ${String(high)}`,
        expected: `at most ${highName}`,
      },
    );
  }
}

function readLimit(draft: PageDraft): number {
  const { limit, offset, filter } = draft;
  if (limit === undefined) return Math.max(DEFAULT_LIMIT, filter.ids?.length ?? 0);
  const fault = { received: String(limit), expected: `a whole number from 1 to ${MAX_LIMIT}` };
  if (limit < 1) {
    addFault(draft, { name: 'limit' }, { message: 'limit is below 1.', ...fault });
    return DEFAULT_LIMIT;
  }
  if (limit <= MAX_LIMIT) return limit;
  if (offset !== undefined && offset > 0) {
    const message = `limit is above ${MAX_LIMIT}, and with an offset a smaller page would skip jobs.`;
    addFault(draft, { name: 'limit' }, { message, ...fault });
  } else {
    draft.warnings.push(`limit ${limit} is above the largest page: ${MAX_LIMIT} jobs are given.`);
  }
  return MAX_LIMIT;
}

function readStart(draft: PageDraft, sort: JobSort, limit: number): PageStart {
  const { cursor, offset } = draft;
  if (cursor !== undefined) {
    if (sort === 'relevance') {
      const message = 'sort=relevance pages by offset; it has no cursor.';
      addFault(draft, { name: 'cursor' }, { message, expected: 'offset, or another sort' });
    }
    if (offset !== undefined) {
      const message = 'offset and cursor cannot be used together.';
      addFault(draft, { name: 'offset' }, { message, expected: 'one of the two' });
    }
    return { cursor };
  }
  if (offset === undefined) return { offset: 0 };
  const received = String(offset);
  if (offset < 0 || offset > MAX_OFFSET) {
    const message = `offset is not between 0 and ${MAX_OFFSET}; cursor reaches any depth.`;
    addFault(draft, { name: 'offset' }, { message, received, expected: `0 to ${MAX_OFFSET}` });
  } else if (
    offset % limit !== 0 &&
    (draft.limit === undefined || (draft.limit >= 1 && draft.limit <= MAX_LIMIT))
  ) {
    const message = `offset is not a multiple of limit (${limit}).`;
    addFault(draft, { name: 'offset' }, { message, received, expected: `a multiple of ${limit}` });
  }
  return { offset };
}
