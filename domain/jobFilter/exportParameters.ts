import { DEFAULT_EXPORT_ROWS, EXPORT_FORMATS, type ExportFormat, MAX_EXPORT_ROWS } from '../jobExport';
import { type JobFilter, JOB_SORTS, type WalkSort } from './filter';
import { nearestOf } from './nearest';
import { cursorRow, exactRow, fieldsRow, sortRow } from './pageParameters';
import { choice, FILTER_ROWS, row } from './parameters';
import { checkFilter } from './parseJobQuery';
import { createQueryGrammar, type QueryGrammar } from './queryGrammar';
import { addFault, type PageDraft, type Reader, scalar } from './reading';
import { parseWhole } from './values';

/** Where an export begins: at the first row, behind a page of `GET /jobs`, or behind a row of an earlier export. */
export type ExportStart = 'first' | { cursor: string } | { afterId: string };

export interface ParsedExportQuery {
  filter: JobFilter;
  format: ExportFormat;
  sort: WalkSort;
  start: ExportStart;
  /** 1 to 1,000,000. */
  maxRows: number;
  /** Fields of the view to be written, in this order; null for all. */
  fields: string[] | null;
  warnings: string[];
}

interface ExportDraft extends PageDraft {
  format?: ExportFormat;
  maxRows?: number;
  afterId?: string;
  walkSort?: WalkSort;
}

const WALK_SORTS = JOB_SORTS.filter((sort) => sort !== 'relevance');

const readWalkSort: Reader<ExportDraft> = (given, draft) => {
  sortRow.read(given, draft);
  if (draft.sort === 'relevance') {
    const message =
      'sort=relevance ranks the best matches; an export holds all of them, and has no such order.';
    const expected = choice('an order', WALK_SORTS);
    addFault(draft, given, { message, received: draft.sort, expected });
  } else {
    draft.walkSort = draft.sort;
  }
};

const EXPORT_ROWS = [
  row<ExportDraft>('format', 'enum', {
    description:
      'The kind of file: one JSON object a line, a table with a line of headings, or Apache Parquet.',
    example: 'ndjson',
    values: EXPORT_FORMATS,
    default: 'ndjson',
    read: scalar(
      (text) => EXPORT_FORMATS.find((format) => format === text.toLowerCase()) ?? null,
      choice('a format', EXPORT_FORMATS),
      (draft: ExportDraft, value) => (draft.format = value),
      nearestOf(EXPORT_FORMATS),
    ),
  }),
  row<ExportDraft>('max_rows', 'integer', {
    description: 'Rows at most. `X-Export-More` says whether others follow.',
    example: '5000',
    minimum: 1,
    maximum: MAX_EXPORT_ROWS,
    default: DEFAULT_EXPORT_ROWS,
    read: scalar(
      (text) => {
        const rows = parseWhole(text);
        return rows !== null && rows >= 1 && rows <= MAX_EXPORT_ROWS ? rows : null;
      },
      `a whole number from 1 to ${MAX_EXPORT_ROWS}`,
      (draft: ExportDraft, value) => (draft.maxRows = value),
    ),
  }),
  {
    ...sortRow,
    values: WALK_SORTS,
    description:
      'Order of the rows. With the posted_on orders and ingested_asc an export that is resumed holds every job once; with the ' +
      'others one that changed meanwhile may be there twice or not at all. publish_time_desc, publish_time_asc and recency are ' +
      'other names of the posted_on orders.',
    read: readWalkSort,
  },
  row<ExportDraft>('after_id', 'text', {
    description:
      'Goes on behind the row of this id, with the same filters and sort: the last whole row of an export that broke off, or that ' +
      'max_rows ended.',
    example: '1880000000000000001',
    maximum: 200,
    read: scalar(
      (text) => (text.length <= 200 ? text : null),
      'an id of a job as an export writes it',
      (draft: ExportDraft, value) => (draft.afterId = value),
    ),
  }),
  {
    ...cursorRow,
    description:
      'Goes on where a page of `GET /jobs` ended: its next_cursor, with the same filters and sort.',
  },
  fieldsRow,
  {
    ...exactRow,
    description:
      'An export holds exact matches whatever is said here: taken so that a query of `GET /jobs` can be used again.',
  },
];

/** `GET /jobs/export`: the filters of `GET /jobs`, and what is to be written of the jobs that match. */
export const EXPORT_QUERY_GRAMMAR: QueryGrammar<ParsedExportQuery> = createQueryGrammar({
  rows: [...FILTER_ROWS, ...EXPORT_ROWS],
  createDraft: (empty): ExportDraft => empty,
  finish: (draft) => {
    checkFilter(draft);
    return {
      filter: draft.filter,
      format: draft.format ?? 'ndjson',
      sort: draft.walkSort ?? 'posted_on_desc',
      start: readStart(draft),
      maxRows: draft.maxRows ?? DEFAULT_EXPORT_ROWS,
      fields: draft.fields ?? null,
      warnings: draft.warnings,
    };
  },
});

function readStart(draft: ExportDraft): ExportStart {
  const { cursor, afterId } = draft;
  if (cursor !== undefined && afterId !== undefined) {
    const message = 'after_id and cursor cannot be used together.';
    addFault(draft, { name: 'after_id' }, { message, expected: 'one of the two' });
  }
  if (afterId !== undefined) return { afterId };
  return cursor === undefined ? 'first' : { cursor };
}
