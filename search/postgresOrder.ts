import { z } from 'zod';
import type { StoredJobRow } from '../db/jobRows';
import type { Condition } from '../db/readScope';
import { AppError } from '../domain/errors';
import type { JobSort } from '../domain/jobFilter';

/** A row of a page: the job, and what else its place in an order is made of. */
export interface PageRow extends StoredJobRow {
  budget_amount: number | null;
  /** An xid8: as text, for it needs 64 bits. */
  ingested_transaction: string;
  ingested_number: number;
}

type CursorValue = string | number | null;

/** Rows that follow one another in an order: a condition, and the order among them as an index has it. */
interface Part extends Condition {
  orderBy: string;
}

interface Order {
  /** Always total: ends with a unique column. */
  orderBy: string;
  /** On rows that this order may show at all. */
  restriction: string | null;
  /** What of a row the cursor keeps. */
  place: (row: PageRow) => CursorValue[];
  placeSchema: z.ZodType<CursorValue[]>;
  /**
   * The rows behind a place (all rows, without one), as parts one after the other. Each can be read off its own index, and
   * only when those before it do not fill the page.
   */
  parts: (place: CursorValue[] | null) => Part[];
}

const EVERY_ROW: Condition = { sql: 'true', bindings: [] };

const idSchema = z.string().regex(/^[^\0]{1,200}$/);
const timeSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .refine((text) => !Number.isNaN(Date.parse(text)));

function byTime(column: 'posted_on' | 'last_visited_at', direction: 'asc' | 'desc'): Order {
  const sign = direction === 'desc' ? '<' : '>';
  const orderBy = `${column} ${direction}, id ${direction}`;
  return {
    orderBy,
    restriction: null,
    place: (row) => [row[column], row.id],
    placeSchema: z.tuple([timeSchema, idSchema]),
    parts: (place) => {
      const behind = { sql: `(${column}, id) ${sign} (?::timestamptz, ?)`, bindings: place ?? [] };
      return [{ ...(place ? behind : EVERY_ROW), orderBy }];
    },
  };
}

function byBudget(direction: 'asc' | 'desc'): Order {
  const sign = direction === 'desc' ? '<' : '>';
  const known = { sql: 'budget_amount is not null', orderBy: `budget_amount ${direction}, id ${direction}` };
  const unknown = { sql: 'budget_amount is null', orderBy: `id ${direction}` };
  return {
    orderBy: `budget_amount ${direction} nulls last, id ${direction}`,
    restriction: null,
    place: (row) => [row.budget_amount, row.id],
    placeSchema: z.tuple([z.number().nullable(), idSchema]),
    parts: (place) => {
      const allUnknown = { ...unknown, bindings: [] };
      if (!place) return [{ ...known, bindings: [] }, allUnknown];
      const [amount = null, id = null] = place;
      if (amount === null) return [{ ...unknown, sql: `${unknown.sql} and id ${sign} ?`, bindings: [id] }];
      const behind = `${known.sql} and (budget_amount, id) ${sign} (?::numeric, ?)`;
      return [{ ...known, sql: behind, bindings: [amount, id] }, allUnknown];
    },
  };
}

function byIngestion(): Order {
  const orderBy = 'ingested_transaction, ingested_number';
  return {
    orderBy,
    // Below the oldest transaction still open nothing can appear any more: no walk misses a job that commits late.
    restriction: 'ingested_transaction < pg_snapshot_xmin(pg_current_snapshot())',
    place: (row) => [row.ingested_transaction, row.ingested_number],
    placeSchema: z.tuple([z.string().regex(/^\d{1,19}$/), z.int().min(0)]),
    parts: (place) => {
      const behind = {
        sql: '(ingested_transaction, ingested_number) > (?::xid8, ?::bigint)',
        bindings: place ?? [],
      };
      return [{ ...(place ? behind : EVERY_ROW), orderBy }];
    },
  };
}

export const ORDERS: Readonly<Record<JobSort, Order>> = {
  posted_on_desc: byTime('posted_on', 'desc'),
  posted_on_asc: byTime('posted_on', 'asc'),
  last_visited_desc: byTime('last_visited_at', 'desc'),
  last_visited_asc: byTime('last_visited_at', 'asc'),
  budget_desc: byBudget('desc'),
  budget_asc: byBudget('asc'),
  ingested_asc: byIngestion(),
};

const MAX_CURSOR_LENGTH = 1000;
const cursorSchema = z.strictObject({ sort: z.string(), after: z.array(z.unknown()) });

/** The place of a row in an order as opaque text, safe in a URL. */
export function encodeCursor(sort: JobSort, row: PageRow): string {
  return Buffer.from(JSON.stringify({ sort, after: ORDERS[sort].place(row) })).toString('base64url');
}

/** @throws AppError `invalid_parameter` on `cursor` when it is not ours or belongs to another sort. */
export function decodeCursor(sort: JobSort, cursor: string): CursorValue[] {
  const content = cursorSchema.safeParse(parseBase64Json(cursor));
  if (!content.success) throw invalidCursor(cursor, 'The cursor is not one that a page ended with.');
  if (content.data.sort !== sort) {
    throw invalidCursor(
      cursor,
      `The cursor belongs to sort=${content.data.sort.slice(0, 40)}, not to sort=${sort}.`,
    );
  }
  const place = ORDERS[sort].placeSchema.safeParse(content.data.after);
  if (!place.success) throw invalidCursor(cursor, 'The cursor is not one that a page ended with.');
  return place.data;
}

function parseBase64Json(text: string): unknown {
  if (text.length > MAX_CURSOR_LENGTH || !/^[\w-]+$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function invalidCursor(cursor: string, message: string): AppError {
  const fault = {
    parameter: 'cursor',
    message,
    received: cursor.slice(0, 100),
    expected: 'next_cursor of an earlier page of the same search and sort',
  };
  return new AppError('invalid_parameter', message, { faults: [fault] });
}
