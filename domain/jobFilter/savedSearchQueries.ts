import { parseSavedSearchPlace, type SavedSearchPlace } from '../savedSearchPlace';
import { type LimitDraft, limitRow } from './limitRow';
import { exactRow, PAGE_ROWS } from './pageParameters';
import { FILTER_ROWS, type ParameterRow, type QueryParameter, row, yesNo } from './parameters';
import { checkFilter, finishPage, type ParsedJobQuery } from './parseJobQuery';
import { filterAt, type KeptFilter } from './passingTime';
import { createQueryGrammar, type QueryGrammar } from './queryGrammar';
import { type PageDraft, type QueryDraft, scalar } from './reading';

interface ParsedSavedSearch extends KeptFilter {
  warnings: string[];
}

const IDS = 'ids';

const FILTERS_ONLY =
  'A saved search holds filters only. How its jobs are shown is said when they are asked for: GET /saved-searches/{id}/jobs.';

function refusalsOf(rows: readonly QueryParameter[], why: string): ReadonlyMap<string, string> {
  return new Map(rows.flatMap(({ name, aliases }) => [name, ...aliases].map((each) => [each, why] as const)));
}

/** The filters of a saved search: those of `GET /jobs`, but for `ids`. */
export const SAVED_SEARCH_GRAMMAR: QueryGrammar<ParsedSavedSearch> = createQueryGrammar({
  rows: [
    ...FILTER_ROWS.filter(({ name }) => name !== IDS),
    {
      ...exactRow,
      description: 'Taken so that a query of `GET /jobs` can be saved: a saved search is exact always.',
      read: yesNo((draft: QueryDraft) =>
        draft.warnings.push('exact has no effect: a saved search finds what matches to the letter.'),
      ),
    },
  ],
  refusals: new Map([
    ...refusalsOf(
      PAGE_ROWS.filter(({ name }) => name !== exactRow.name),
      FILTERS_ONLY,
    ),
    [IDS, 'A saved search is for jobs to come, whose ids nobody knows yet. GET /jobs takes ids.'],
  ]),
  createDraft: (empty): QueryDraft => empty,
  finish: (draft) => {
    checkFilter(draft);
    const { filter, movingBounds, warnings } = draft;
    return { filter, movingBounds, warnings };
  },
});

/** What `GET /saved-searches/{id}/jobs` takes. */
export const SAVED_SEARCH_PAGE_ROWS: readonly ParameterRow<PageDraft>[] = PAGE_ROWS.map((each) =>
  each.name === exactRow.name
    ? {
        ...each,
        description: 'The jobs match to the letter whatever is said here: taken as `GET /jobs` takes it.',
      }
    : each,
);

const FILTERS_ARE_KEPT = refusalsOf(
  FILTER_ROWS,
  'The filters are those of the saved search. Change it, or ask GET /jobs.',
);

/** A page of the jobs that a saved search finds, in the form of a query of `GET /jobs`. */
export function savedSearchPageGrammar(search: KeptFilter): QueryGrammar<ParsedJobQuery> {
  return createQueryGrammar({
    rows: SAVED_SEARCH_PAGE_ROWS,
    refusals: FILTERS_ARE_KEPT,
    createDraft: (empty): PageDraft => ({
      ...empty,
      filter: filterAt(search, empty.now),
      movingBounds: search.movingBounds,
    }),
    finish: finishPage,
  });
}

const MAX_LISTED = 100;
const DEFAULT_LISTED = 50;
const MAX_CURSOR_LENGTH = 100;

interface ListDraft extends LimitDraft {
  after?: SavedSearchPlace;
}

interface ParsedSavedSearchesQuery {
  /** 1 to 100. */
  limit: number;
  /** Where an earlier page ended; null: from the beginning. */
  after: SavedSearchPlace | null;
}

/** `GET /saved-searches` */
export const SAVED_SEARCHES_QUERY_GRAMMAR: QueryGrammar<ParsedSavedSearchesQuery> = createQueryGrammar({
  rows: [
    limitRow({ noun: 'Saved searches', most: MAX_LISTED, standard: DEFAULT_LISTED }),
    row<ListDraft>('cursor', 'text', {
      description: 'Where an earlier page ended: its next_cursor.',
      example: '1768899600000.6f1c2a0e-5b1d-4c3e-9a43-0d8f6f1f2b11',
      maximum: MAX_CURSOR_LENGTH,
      read: scalar(
        parseSavedSearchPlace,
        'a next_cursor of an earlier page',
        (draft: ListDraft, value) => (draft.after = value),
      ),
    }),
  ],
  createDraft: (empty): ListDraft => empty,
  finish: ({ limit = DEFAULT_LISTED, after = null }) => ({ limit, after }),
});
