import { z } from 'zod';
import { AppError } from '../domain/errors';
import type { WalkSort } from '../domain/jobFilter';

type PlaceValue = string | number | null;

/** Where a row stands in an order: the value it is ordered by, then its id. The same whichever engine gave the page. */
export type Place = PlaceValue[];

const idSchema = z.string().regex(/^[^\0]{1,200}$/);
/** A day that exists, in a year that Postgres has. */
const timeSchema = z.iso.datetime({ precision: 3 }).regex(/^(?!0000)/);
const byTime = z.tuple([timeSchema, idSchema]);
const byBudget = z.tuple([z.number().nullable(), idSchema]);

const PLACES: Readonly<Record<WalkSort, z.ZodType<Place>>> = {
  posted_on_desc: byTime,
  posted_on_asc: byTime,
  last_visited_desc: byTime,
  last_visited_asc: byTime,
  budget_desc: byBudget,
  budget_asc: byBudget,
  ingested_asc: z.tuple([z.string().regex(/^\d{1,19}$/), z.int().min(0)]),
};

const MAX_CURSOR_LENGTH = 1000;
const cursorSchema = z.strictObject({
  sort: z.string(),
  after: z.array(z.unknown()),
  total: z.int().min(0).optional(),
  exact: z.boolean().optional(),
});

/** The total as it was when a walk began: its pages need not count again. */
export interface WalkTotal {
  total: number;
  totalIsExact: boolean;
}

interface WalkPosition {
  place: Place;
  /** Null for cursors that hold none. */
  total: WalkTotal | null;
}

/** A place in an order as opaque text, safe in a URL. A walk may go on in another engine than it began in. */
export function encodeCursor(sort: WalkSort, place: Place, { total, totalIsExact }: WalkTotal): string {
  return Buffer.from(JSON.stringify({ sort, after: place, total, exact: totalIsExact })).toString(
    'base64url',
  );
}

/** @throws AppError `invalid_parameter` on `cursor` when it is not ours or belongs to another sort. */
export function decodeCursor(sort: WalkSort, cursor: string): WalkPosition {
  const content = cursorSchema.safeParse(parseBase64Json(cursor));
  if (!content.success) throw invalidCursor(cursor, 'The cursor is not one that a page ended with.');
  if (content.data.sort !== sort) {
    throw invalidCursor(
      cursor,
      `The cursor belongs to sort=${content.data.sort.slice(0, 40)}, not to sort=${sort}.`,
    );
  }
  const place = PLACES[sort].safeParse(content.data.after);
  if (!place.success) throw invalidCursor(cursor, 'The cursor is not one that a page ended with.');
  const { total, exact } = content.data;
  return {
    place: place.data,
    total: total === undefined || exact === undefined ? null : { total, totalIsExact: exact },
  };
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
