import type { SourceRecord } from '../../domain/mapping/record';
import type { ReceivedRow } from '../jobSource';

const MIB = 1024 * 1024;

/** Longest text of one field, in characters. */
export const MAX_FIELD_LENGTH = MIB;
/** Longest row as received, in characters. */
export const MAX_ROW_LENGTH = 4 * MIB;
const MAX_BROKEN_TEXT_BYTES = 64 * 1024;
const MAX_SENTENCE_LENGTH = 500;
/** UTF-8 bytes for one UTF-16 unit. */
const MAX_BYTES_A_CHARACTER = 3;
/** Objects and lists inside each other; deeper ones overflow the stack of whatever walks them. */
const MAX_DEPTH = 64;

/** A row and about how much memory it takes, so that a page of huge rows can stay small. */
export interface ParsedRow {
  row: ReceivedRow;
  /** In characters. */
  length: number;
}

/** The longest beginning of `text` that fits 64 KiB of UTF-8. */
function cutText(text: string): string {
  if (text.length * MAX_BYTES_A_CHARACTER <= MAX_BROKEN_TEXT_BYTES) return text;
  const fitting = text.slice(0, MAX_BROKEN_TEXT_BYTES);
  const { read } = new TextEncoder().encodeInto(fitting, new Uint8Array(MAX_BROKEN_TEXT_BYTES));
  return fitting.slice(0, read);
}

/** A row that cannot be read, kept with its text and the cause (a sentence that names the place). */
export function brokenRow(text: string, broken: string): ParsedRow {
  const kept = cutText(text);
  // A parser's message may quote what it stumbled over, and Postgres takes no NUL in a text.
  const sentence = broken.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_SENTENCE_LENGTH);
  return { row: { record: null, text: kept, broken: sentence }, length: kept.length };
}

export function goodRow(record: SourceRecord, length: number): ParsedRow {
  return { row: { record, text: null, broken: null }, length };
}

/** Length of everything in `value` together, or what makes it too much to take in. */
function measure(value: unknown): { length: number } | { fault: string } {
  let length = 0;
  const pending: { value: unknown; depth: number }[] = [{ value, depth: 1 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next.value === 'string') {
      if (next.value.length > MAX_FIELD_LENGTH) return { fault: 'a field is longer than 1 MiB' };
      length += next.value.length;
    } else if (typeof next.value === 'object' && next.value !== null) {
      if (next.depth > MAX_DEPTH) return { fault: `it is nested deeper than ${MAX_DEPTH} levels` };
      for (const [key, inner] of Object.entries(next.value)) {
        length += key.length;
        pending.push({ value: inner, depth: next.depth + 1 });
      }
    }
    length += 4;
    if (length > MAX_ROW_LENGTH) return { fault: 'it is longer than 4 MiB' };
  }
  return { length };
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return `a ${typeof value}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The row of a parsed value: broken unless it is an object within the limits.
 * @param where the place for people, `Line 3`; @param text the value as received, asked for only when it is broken.
 */
export function rowOfValue(value: unknown, where: string, text: () => string): ParsedRow {
  if (!isObject(value)) {
    return brokenRow(text(), `${where}: expected an object, found ${kindOf(value)}.`);
  }
  const measured = measure(value);
  if ('fault' in measured) return brokenRow(text(), `${where}: ${measured.fault}.`);
  return goodRow(value, measured.length);
}
