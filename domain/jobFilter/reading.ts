import type { FieldFault } from '../errors';
import type { Timestamp } from '../time';
import type { JobFacet, JobFilter, JobSort, MovingBounds, TimeBound } from './filter';
import { MAX_LIST_LENGTH, MAX_NUMBER } from './filter';
import { lookUpList, parseDecimal, parseSpan, parseTime } from './values';

/** One parameter as the caller gave it: values trimmed, empty ones left out, at least one left. */
export interface GivenParameter {
  /** As the caller wrote it: an alias stays one. */
  name: string;
  values: string[];
}

/** What has been read of a query so far; readers add to it. */
export interface QueryDraft {
  now: Timestamp;
  filter: JobFilter;
  /** Of the filter's bounds, those that move. */
  movingBounds: MovingBounds;
  faults: FieldFault[];
  warnings: string[];
}

/** Of a query that asks for a page of jobs. */
export interface PageDraft extends QueryDraft {
  sort?: JobSort;
  limit?: number;
  countOnly?: boolean;
  offset?: number;
  cursor?: string;
  isExact?: boolean;
  highlight?: boolean;
  facets?: JobFacet[];
  fields?: string[];
}

/** Reads one parameter into the draft; what is wrong goes to its faults. */
export type Reader<Draft extends QueryDraft = QueryDraft> = (given: GivenParameter, draft: Draft) => void;

const MAX_RECEIVED_LENGTH = 100;

export function addFault(
  draft: QueryDraft,
  given: Pick<GivenParameter, 'name'>,
  fault: { message: string; received?: string; expected?: string; didYouMean?: string | null },
): void {
  const { message, received, expected, didYouMean } = fault;
  draft.faults.push({
    parameter: given.name,
    message,
    ...(received === undefined ? {} : { received: received.slice(0, MAX_RECEIVED_LENGTH) }),
    ...(expected === undefined ? {} : { expected }),
    ...(didYouMean ? { did_you_mean: didYouMean } : {}),
  });
}

/** The only value of a parameter that is no list; a fault and null when there are several. */
export function singleValue(given: GivenParameter, draft: QueryDraft): string | null {
  const [value, second] = given.values;
  if (second === undefined) return value ?? null;
  addFault(draft, given, {
    message: `${given.name} is given more than once.`,
    received: given.values.join(', '),
    expected: 'one value',
  });
  return null;
}

/** Reads a single value with `parse`; null means that the value is none. */
export function scalar<T, Draft extends QueryDraft = QueryDraft>(
  parse: (text: string, now: Timestamp) => T | null,
  expected: string,
  assign: (draft: Draft, value: T) => void,
  suggest?: (text: string) => string | null,
): Reader<Draft> {
  return (given, draft) => {
    const text = singleValue(given, draft);
    if (text === null) return;
    const value = parse(text, draft.now);
    if (value === null) {
      const message = `${given.name} is not ${expected}.`;
      addFault(draft, given, { message, received: text, expected, didYouMean: suggest?.(text) });
    } else {
      assign(draft, value);
    }
  };
}

/** Reads a number from 0 to 1e12. */
export function number(assign: (filter: JobFilter, value: number) => void): Reader {
  const expected = 'a number from 0 to 1000000000000, with a decimal point if any';
  return scalar(
    (text) => {
      const value = parseDecimal(text);
      return value !== null && value >= 0 && value <= MAX_NUMBER ? value : null;
    },
    expected,
    (draft, value) => assign(draft.filter, value),
  );
}

export function time(bound: TimeBound): Reader {
  return scalar(
    (text, now) => {
      const value = parseTime(text, now);
      return value === null ? null : { value, span: parseSpan(text) };
    },
    'an ISO 8601 date or time between 1970 and 2999 (2026-01-20, 2026-01-20T12:00:00Z) or a span back from now (-30m, -24h, -7d, -2w)',
    ({ filter, movingBounds }, { value, span }) => {
      filter[bound] = value;
      if (span !== null) movingBounds[bound] = span;
    },
  );
}

interface ListOptions<T, Draft extends QueryDraft> {
  /** The canonical value that a text stands for, or null. */
  parse: (text: string) => T | null;
  /** What a value is, as a noun: `a job type: hourly, fixed-price`. */
  expected: string;
  suggest?: (text: string) => string | null;
  assign: (draft: Draft, values: T[]) => void;
  maxLength?: number;
  /** Whether a value may be a name with commas in it. */
  namesHoldCommas?: boolean;
}

/** Reads a comma list into the filter, each value once. */
export function list<T>({
  assign,
  ...options
}: Omit<ListOptions<T, QueryDraft>, 'assign'> & {
  assign: (filter: JobFilter, values: T[]) => void;
}): Reader {
  return draftList({ ...options, assign: (draft: QueryDraft, values: T[]) => assign(draft.filter, values) });
}

/** Reads a comma list into the draft, each value once. */
export function draftList<T, Draft extends QueryDraft>({
  parse,
  expected,
  suggest,
  assign,
  maxLength = MAX_LIST_LENGTH,
  namesHoldCommas = false,
}: ListOptions<T, Draft>): Reader<Draft> {
  return (given, draft) => {
    const parts = given.values.flatMap((value) => value.split(',')).filter((part) => part.trim() !== '');
    if (parts.length === 0) return;
    if (parts.length > maxLength) {
      addFault(draft, given, {
        message: `${given.name} has ${parts.length} values, at most ${maxLength} are allowed.`,
        expected: `at most ${maxLength} values`,
      });
      return;
    }
    const onUnknown = (text: string): void =>
      addFault(draft, given, {
        message: `'${text.slice(0, MAX_RECEIVED_LENGTH)}' is not ${expected}.`,
        received: text,
        expected,
        didYouMean: suggest?.(text),
      });
    const values = lookUpList(parts, parse, onUnknown, { namesHoldCommas });
    // An empty list would hold for no job, where of an address of Upwork's what is not understood is left out.
    if (values.length > 0) assign(draft, unique(values));
  };
}

function unique<T>(values: readonly T[]): T[] {
  const byText = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...byText.values()];
}

/** Values that both lists hold; where only one is there, that one. Two parameters on one field must both hold. */
export function narrow<T>(before: readonly T[] | undefined, values: readonly T[]): T[] {
  return before ? before.filter((value) => values.includes(value)) : [...values];
}
