import type { Timestamp } from '../time';
import type { RuleId } from '../verificationRules';
import type { Parsed } from './parsers/parsed';
import type { SourceRecord } from './record';
import type { Picked } from './textSteps';

const MAX_RAW_LENGTH = 200;

/** A finding before it knows its field. */
interface RuleFault {
  rule: RuleId;
  raw: string | null;
  message: string;
}

/** What one rule made of one row. */
export interface Attempt {
  /** Null when the row does not give it. */
  value: unknown;
  /** The text that was read; null when there was none. */
  raw: string | null;
  faults: readonly RuleFault[];
  /** A value that stands only while no other rule finds a better one: an unknown category. */
  isTentative?: boolean;
}

export interface RowContext {
  /** What relative times relate to; null when nothing says so. */
  reference: Timestamp | null;
}

/** Reads what was picked out of a row. */
export type Read = (picked: Picked, record: SourceRecord, context: RowContext) => Attempt;
/** The same for readers of one text. */
export type ReadText = (text: string, record: SourceRecord, context: RowContext) => Attempt;

/** What a rule makes of a row that does not give the value. */
export const ABSENT: Attempt = { value: null, raw: null, faults: [] };

/** For readers of one text: nothing gives nothing, a list or an object where a text belongs is a fault. */
export function ofText(read: ReadText): Read {
  return (picked, record, context) => {
    switch (picked.kind) {
      case 'nothing':
        return ABSENT;
      case 'text':
        return picked.isUnsafe
          ? failed(picked.text, 'is a number too large for JSON to carry exactly; it must be a string')
          : read(picked.text, record, context);
      case 'list':
        return failed(JSON.stringify(picked.items), 'is a list where one value belongs');
      case 'object':
        return failed(JSON.stringify(picked.value), 'is an object where one value belongs');
    }
  };
}

/** A value that was read; an empty text counts as not given. */
export function given(value: unknown, raw: string): Attempt {
  return { value: value === '' ? null : value, raw, faults: [] };
}

/** What a parser made of a text. */
export function attempt(result: Parsed<unknown>, raw: string): Attempt {
  if (result.ok) return given(result.value, raw);
  return { value: null, raw, faults: [{ rule: result.rule, raw: cut(raw), message: result.message }] };
}

/** A text that could not be read. */
export function failed(raw: string | null, message: string): Attempt {
  return {
    value: null,
    raw,
    faults: [{ rule: 'value_unparsed', raw: raw === null ? null : cut(raw), message }],
  };
}

/** The beginning of a text, as findings show it. */
export function cut(text: string): string {
  return text.length > MAX_RAW_LENGTH ? text.slice(0, MAX_RAW_LENGTH) : text;
}
