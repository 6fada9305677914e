import { JOB_VIEW_FIELDS } from '../jobView';
import { DEFAULT_LIMIT, JOB_FACETS, JOB_SORTS, type JobSort, MAX_LIMIT, MAX_OFFSET } from './filter';
import { nearestOf } from './nearest';
import { choice, MAX_TEXT_LENGTH, type ParameterRow, row, yesNo } from './parameters';
import { addFault, draftList, type PageDraft, type Reader, scalar, singleValue } from './reading';
import { parseWhole } from './values';

const sortByName = new Map<string, JobSort>([
  ...JOB_SORTS.map((sort) => [sort, sort] as const),
  ['publish_time_desc', 'posted_on_desc'],
  ['publish_time_asc', 'posted_on_asc'],
  ['recency', 'posted_on_desc'],
  ['recency+desc', 'posted_on_desc'],
  ['recency+asc', 'posted_on_asc'],
  ['relevance+desc', 'relevance'],
  // Older names of Upwork's for its order by time.
  ['create_time+desc', 'posted_on_desc'],
  ['create_time+asc', 'posted_on_asc'],
  ['renew_time_int+desc', 'posted_on_desc'],
]);

/** Upwork's orders by what clients have spent and how they are rated: we have none of them. */
const CLIENT_SORT = /^client_(?:spend|total_charge|rating)(?:\+(?:asc|desc))?$/;

const readSort: Reader<PageDraft> = (given, draft) => {
  const text = singleValue(given, draft);
  if (text === null) return;
  // A `+` that was not escaped in the URL arrives as a blank.
  const name = text.toLowerCase().replace(' ', '+');
  const sort = sortByName.get(name);
  if (sort) {
    draft.sort = sort;
  } else if (CLIENT_SORT.test(name)) {
    draft.sort = 'posted_on_desc';
    draft.warnings.push(
      `There is no order by client: ${name} gives the newest jobs first. buyer.total_spent_min chooses clients by what they spent.`,
    );
  } else {
    const expected = choice('an order', JOB_SORTS);
    const message = `${given.name} is not ${expected}.`;
    addFault(draft, given, { message, received: text, expected, didYouMean: nearestOf(JOB_SORTS)(text) });
  }
};

function whole(assign: (draft: PageDraft, value: number) => void): Reader<PageDraft> {
  return scalar(parseWhole, 'a whole number', assign);
}

export const sortRow = row<PageDraft>('sort', 'enum', {
  description:
    'Order of the results. Jobs without a budget come last in both budget orders. publish_time_desc, publish_time_asc and recency ' +
    'are other names of the posted_on orders. relevance ranks what a search finds, newest first among equals.',
  example: 'posted_on_desc',
  values: JOB_SORTS,
  default: 'posted_on_desc',
  read: readSort,
});

export const cursorRow = row<PageDraft>('cursor', 'text', {
  description: 'Where an earlier page ended: its next_cursor, with the same sort.',
  example:
    'eyJzb3J0IjoicG9zdGVkX29uX2Rlc2MiLCJhZnRlciI6WyIyMDI2LTAxLTIwVDA5OjAwOjAwLjAwMFoiLCIxODgwMDAwMDAwMDAwMDAwMDAxIl19',
  maximum: MAX_TEXT_LENGTH,
  read: scalar(
    (text) => (text.length <= MAX_TEXT_LENGTH ? text : null),
    'a next_cursor of an earlier page',
    (draft: PageDraft, value) => (draft.cursor = value),
  ),
});

export const exactRow = row<PageDraft>('exact', 'boolean', {
  description:
    'No second look for words that are spelt nearly like the given ones, when nothing matches them exactly.',
  example: 'true',
  read: yesNo((draft: PageDraft, value) => (draft.isExact = value)),
});

export const fieldsRow = row<PageDraft>('fields', 'list', {
  description: 'Only these fields of each job.',
  example: 'id,title,url,posted_on',
  values: JOB_VIEW_FIELDS,
  read: draftList({
    parse: (text) => JOB_VIEW_FIELDS.find((field) => field === text.toLowerCase()) ?? null,
    suggest: nearestOf(JOB_VIEW_FIELDS),
    expected: 'a field of a job as this API returns it',
    assign: (draft: PageDraft, values) => (draft.fields = values),
  }),
});

/** Which of the jobs that match are shown, in which order and how. */
export const PAGE_ROWS: readonly ParameterRow<PageDraft>[] = [
  exactRow,
  row<PageDraft>('limit', 'integer', {
    description: `Jobs on a page. Above ${MAX_LIMIT} it is taken as ${MAX_LIMIT}, with a warning.`,
    example: '20',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    read: whole((draft, value) => (draft.limit = value)),
  }),
  row<PageDraft>('count_only', 'boolean', {
    description: 'The total alone, without rows.',
    example: 'true',
    read: yesNo((draft: PageDraft, value) => (draft.countOnly = value)),
  }),
  row<PageDraft>('offset', 'integer', {
    description: 'Jobs to skip, a multiple of limit. Not together with cursor.',
    example: '40',
    minimum: 0,
    maximum: MAX_OFFSET,
    default: 0,
    read: whole((draft, value) => (draft.offset = value)),
  }),
  cursorRow,
  sortRow,
  row<PageDraft>('facets', 'list', {
    description: 'How many of the jobs that match have each value of these, in `facets`.',
    example: 'category_group,country',
    values: JOB_FACETS,
    advanced: true,
    read: draftList({
      parse: (text) => JOB_FACETS.find((facet) => facet === text.toLowerCase()) ?? null,
      suggest: nearestOf(JOB_FACETS),
      expected: choice('a facet', JOB_FACETS),
      assign: (draft: PageDraft, values) => (draft.facets = values),
    }),
  }),
  fieldsRow,
  row<PageDraft>('highlight', 'boolean', {
    description: 'The words that matched, in `_highlight` of each job between `<em>` and `</em>`.',
    example: 'true',
    read: yesNo((draft: PageDraft, value) => (draft.highlight = value)),
  }),
];
