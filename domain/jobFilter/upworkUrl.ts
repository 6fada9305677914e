import type { FieldFault } from '../errors';
import { parseJobType, parseUpworkJobType } from '../vocabulary';
import { DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET } from './filter';
import { addFault, type GivenParameter, type QueryDraft, singleValue } from './reading';
import { readUpworkAddress, type UpworkParameters } from './upworkAddress';
import { understand } from './upworkParameters';
import { translateUpworkSearch } from './upworkSearch';
import { parseWhole } from './values';

/** The parameter that stands for others. */
export const UPWORK_URL = 'upwork_url';
export const MAX_UPWORK_URL_LENGTH = 8000;

/** Parameters by the names of their rows. */
type GivenByName = ReadonlyMap<string, GivenParameter>;
type Implied = Map<string, GivenParameter>;

/** What one warning names at most. */
const MAX_NAMED = 10;
const MAX_SHOWN_LENGTH = 60;

/** Parameters that ask about the same thing: where the caller gives one, the address does not add another. */
const MEANINGS: readonly (readonly string[])[] = [
  ['job_type', 't'],
  ['duration_label', 'duration_v3'],
  ['engagement', 'workload'],
  ['category', 'category_group', 'subcategory2_uid'],
  ['country', 'location'],
  ['budget_min', 'budget_max', 'amount'],
  ['hourly_min', 'hourly_max', 'hourly_rate'],
  ['client_hires', 'buyer.total_assignments_min'],
];

interface Expansion {
  /** `upwork_url` as given. */
  address: GivenParameter;
  /** Parameters of Upwork's beside it, as an address brings along that was not escaped. */
  loose: ReadonlyMap<string, readonly string[]>;
  /** What the caller asks for by our own names. */
  given: GivenByName;
  /** Whether the grammar has a row of this name: some know no pages and no order. */
  hasRow: (name: string) => boolean;
}

/**
 * The parameters of ours that an address of a job search at Upwork stands for, beside what the caller gives. What is not understood
 * goes to the warnings; a fault is only an address of something else.
 */
export function expandUpworkUrl({ address, loose, given, hasRow }: Expansion, draft: QueryDraft): Implied {
  const parameters = readAddress(address, draft);
  if (!parameters) return new Map();
  for (const [name, values] of loose) {
    const key = name.toLowerCase();
    parameters.set(key, [...(parameters.get(key) ?? []), ...values]);
  }
  const implied = translated(parameters, draft);
  for (const name of [...implied.keys()]) {
    if (isGiven(name, given)) implied.delete(name);
  }
  splitSearch(implied, given, draft);
  reconcilePay(implied, given, draft);
  if (hasRow('offset')) addPage(implied, parameters, given, draft);
  return implied;
}

/** Tells what in a value of the address was not understood: it is Upwork's, not the caller's. */
export function warnOfFaults(draft: QueryDraft, faults: readonly FieldFault[]): void {
  for (const { parameter, message, did_you_mean: meant } of faults.slice(0, MAX_NAMED)) {
    const suggestion = meant === undefined ? '' : ` Did you mean ${meant}?`;
    warn(draft, parameter, `${message}${suggestion} It was left out.`);
  }
  const [first] = faults;
  const more = faults.length - MAX_NAMED;
  if (first && more > 0) warn(draft, first.parameter, `${more} more values were left out.`);
}

function warn(draft: QueryDraft, name: string, message: string): void {
  draft.warnings.push(`In ${UPWORK_URL}, ${name.slice(0, MAX_SHOWN_LENGTH)}: ${message}`);
}

function readAddress(given: GivenParameter, draft: QueryDraft): UpworkParameters | null {
  const text = singleValue(given, draft);
  if (text === null) return null;
  const parameters = text.length > MAX_UPWORK_URL_LENGTH ? null : readUpworkAddress(text);
  if (parameters) return parameters;
  addFault(draft, given, {
    message: `${UPWORK_URL} is no address of a job search at Upwork.`,
    received: text,
    expected: `an address such as https://www.upwork.com/nx/search/jobs/?q=python, at most ${MAX_UPWORK_URL_LENGTH} characters (ids takes those of single jobs)`,
  });
  return null;
}

/** Several names of Upwork's for one of our parameters add up. */
function translated(parameters: UpworkParameters, draft: QueryDraft): Implied {
  const implied: Implied = new Map();
  const unknown: string[] = [];
  for (const [name, values] of parameters) {
    const understood = understand(name, values);
    if (understood.kind === 'unknown') unknown.push(name.slice(0, MAX_SHOWN_LENGTH));
    if (understood.kind === 'unanswerable') warn(draft, name, `it has no effect, for ${understood.reason}`);
    if (understood.kind !== 'assignments') continue;
    for (const [parameter, added] of understood.assignments) {
      const before = implied.get(parameter);
      implied.set(parameter, {
        name: before?.name ?? name,
        values: [...new Set([...(before?.values ?? []), ...added])],
      });
    }
  }
  if (unknown.length > 0) {
    const more = unknown.length > MAX_NAMED ? ` and ${unknown.length - MAX_NAMED} more` : '';
    const names = unknown.slice(0, MAX_NAMED).join(', ');
    draft.warnings.push(`In ${UPWORK_URL}, ${names}${more}: not understood and left out.`);
  }
  return implied;
}

function isGiven(name: string, given: GivenByName): boolean {
  const meaning = MEANINGS.find((names) => names.includes(name)) ?? [name];
  return meaning.some((other) => given.has(other));
}

function splitSearch(implied: Implied, given: GivenByName, draft: QueryDraft): void {
  const search = implied.get('search');
  const [query, another] = search?.values ?? [];
  if (!search || query === undefined || another !== undefined) return;
  const { text, searchIn, warnings } = translateUpworkSearch(query);
  implied.set('search', { ...search, values: [text] });
  if (searchIn && !given.has('search_in')) implied.set('search_in', { ...search, values: [searchIn] });
  for (const warning of warnings) warn(draft, search.name, warning);
}

/** Any rate, any budget. */
const ANY_PAY = ['0-'];

/**
 * At Upwork a condition on the pay concerns jobs of its own type alone: `t=0,1&amount=500-` leaves hourly jobs as they are. Here it
 * would drop them, unless their pay may be any.
 */
function reconcilePay(implied: Implied, given: GivenByName, draft: QueryDraft): void {
  const types = jobTypesAsked(implied, given);
  const kinds = [
    { type: 1, parameter: 'hourly_rate', other: 'amount', others: 'fixed-price jobs' },
    { type: 2, parameter: 'amount', other: 'hourly_rate', others: 'hourly jobs' },
  ] as const;
  for (const { type, parameter, other, others } of kinds) {
    const condition = implied.get(parameter);
    if (!condition || types.size === 0) continue;
    if (!types.has(type)) {
      implied.delete(parameter);
      warn(draft, condition.name, 'it has no effect, for no jobs of this kind are asked for.');
    } else if (types.size === 2 && !implied.has(other) && !isGiven(other, given)) {
      implied.set(other, { name: condition.name, values: ANY_PAY });
      warn(
        draft,
        condition.name,
        `it leaves ${others} as they are, but those that state no pay are not found.`,
      );
      return;
    }
  }
}

function jobTypesAsked(implied: Implied, given: GivenByName): ReadonlySet<number> {
  const asked = isGiven('t', given) ? given : implied;
  const typesOf = (name: string, parse: (text: string) => number | null): (number | null)[] =>
    (asked.get(name)?.values ?? []).flatMap((value) => value.split(',')).map((text) => parse(text.trim()));
  const found = [...typesOf('job_type', parseJobType), ...typesOf('t', parseUpworkJobType)];
  return new Set(found.filter((type) => type !== null));
}

/** `page` counts pages of the limit in force, so that a walk by it skips nothing. */
function addPage(
  implied: Implied,
  parameters: UpworkParameters,
  given: GivenByName,
  draft: QueryDraft,
): void {
  // Who pages on his own is not sent elsewhere.
  if (given.has('offset')) return;
  const { page, skipped, size } = readPage(parameters, draft);
  const givenLimit = given.get('limit')?.values[0];
  const limit = givenLimit === undefined ? (size ?? DEFAULT_LIMIT) : parseWhole(givenLimit);
  if (givenLimit === undefined && size !== null)
    implied.set('limit', { name: 'per_page', values: [`${size}`] });
  if (limit === null || given.has('cursor')) return;

  const offset = page === null ? (skipped ?? 0) : (page - 1) * limit;
  if (offset === 0) return;
  if (offset > MAX_OFFSET) {
    warn(
      draft,
      'page',
      `pages end after ${MAX_OFFSET} jobs, and cursor goes on from there: this is the first page.`,
    );
  } else if (offset % limit !== 0) {
    warn(draft, 'paging', 'it begins within a page: this is the first page.');
  } else {
    implied.set('limit', { name: 'per_page', values: [`${limit}`] });
    implied.set('offset', { name: 'page', values: [`${offset}`] });
  }
}

interface AskedPage {
  /** From 1. */
  page: number | null;
  /** Jobs before the page, where the address counts jobs, not pages. */
  skipped: number | null;
  /** 1 to 50. */
  size: number | null;
}

/** Feeds write `paging=20;10` or `20-10`: jobs to skip, jobs to show. `NaN-undefined`, which Upwork itself has written, is none. */
function readPage(parameters: UpworkParameters, draft: QueryDraft): AskedPage {
  const [, skipped, shown] = /^(\d{1,9})[;-](\d{1,9})$/.exec(parameters.get('paging')?.at(-1) ?? '') ?? [];
  const count = positive('per_page', parameters, draft) ?? (shown === undefined ? null : Number(shown));
  if (count !== null && count > MAX_LIMIT) {
    warn(draft, 'per_page', `${count} is above the largest page: ${MAX_LIMIT} jobs are given.`);
  }
  return {
    page: positive('page', parameters, draft),
    skipped: skipped === undefined ? null : Number(skipped),
    size: count === null || count === 0 ? null : Math.min(count, MAX_LIMIT),
  };
}

/** Of a name that is there twice, the last counts. */
function positive(name: string, parameters: UpworkParameters, draft: QueryDraft): number | null {
  const text = parameters.get(name)?.at(-1);
  if (text === undefined) return null;
  const value = parseWhole(text);
  if (value !== null && value >= 1) return value;
  warn(draft, name, `'${text.slice(0, MAX_SHOWN_LENGTH)}' is no whole number above 0. It was left out.`);
  return null;
}
