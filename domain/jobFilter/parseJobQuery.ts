import { distance } from 'fastest-levenshtein';
import { AppError, type FieldFault } from '../errors';
import type { Timestamp } from '../time';
import { DEFAULT_LIMIT, type JobFilter, type JobSort, MAX_LIMIT, MAX_OFFSET, type PageStart } from './filter';
import { PARAMETER_ROWS, type QueryParameter } from './parameters';
import { addFault, type GivenParameter, type QueryDraft } from './reading';

export interface ParsedJobQuery {
  filter: JobFilter;
  sort: JobSort;
  /** 1 to 50; 0 when only the total is asked for. */
  limit: number;
  start: PageStart;
  warnings: string[];
}

/** Every parameter of `GET /jobs`; documentation and the OpenAPI document are made from it. */
export const JOB_QUERY_PARAMETERS: readonly QueryParameter[] = PARAMETER_ROWS;

const MAX_PARAMETERS = 200;
const MAX_VALUES = 100;
const MAX_VALUE_LENGTH = 10_000;

const rowByName = new Map(
  PARAMETER_ROWS.flatMap((row) => [row.name, ...row.aliases].map((name) => [name, row] as const)),
);
const knownNames = [...rowByName.keys()];

/**
 * Reads the parameters of `GET /jobs`. Values are strings or lists of strings, as Express's simple query parser gives them;
 * numbers and booleans are taken too. Empty values are ignored. Relative times count back from `now`.
 *
 * @throws AppError `invalid_parameter` with every fault of the query.
 */
export function parseJobQuery(params: Readonly<Record<string, unknown>>, now: Timestamp): ParsedJobQuery {
  const draft: QueryDraft = { now, filter: {}, faults: [], warnings: [] };
  const givenByName = collect(params, draft);
  for (const row of PARAMETER_ROWS) {
    const given = givenByName.get(row.name);
    if (given) row.read(given, draft);
  }
  checkOrder(draft);
  if (draft.filter.searchIn && !draft.filter.search) {
    draft.warnings.push('search_in says where search looks, and there is no search: it has no effect.');
  }
  const limit = readLimit(draft);
  const start = readStart(draft, limit);
  if (draft.faults.length > 0) throw invalidQuery(draft.faults);
  return {
    filter: draft.filter,
    sort: draft.sort ?? 'posted_on_desc',
    limit: draft.countOnly ? 0 : limit,
    start,
    warnings: draft.warnings,
  };
}

/** The parameters given, by their own names; an alias beside its name is the same parameter given again. */
function collect(params: Readonly<Record<string, unknown>>, draft: QueryDraft): Map<string, GivenParameter> {
  const givenByName = new Map<string, GivenParameter>();
  const entries = Object.entries(params);
  if (entries.length > MAX_PARAMETERS) {
    const message = `There are ${entries.length} parameters, at most ${MAX_PARAMETERS} are allowed.`;
    throw new AppError('invalid_parameter', message);
  }
  for (const [name, raw] of entries) {
    const row = rowByName.get(name);
    if (!row) {
      const didYouMean = nearestName(name);
      addFault(
        draft,
        { name: name.slice(0, 100) },
        { message: 'There is no parameter of this name.', didYouMean },
      );
      continue;
    }
    const values = readRaw(name, raw, draft);
    if (values.length === 0) continue;
    const before = givenByName.get(row.name);
    givenByName.set(row.name, { name: before?.name ?? name, values: [...(before?.values ?? []), ...values] });
  }
  return givenByName;
}

function readRaw(name: string, raw: unknown, draft: QueryDraft): string[] {
  const items: unknown[] = Array.isArray(raw) ? raw : [raw];
  const values: string[] = [];
  if (items.length > MAX_VALUES) {
    addFault(draft, { name }, { message: `${name} is given more than ${MAX_VALUES} times.` });
    return [];
  }
  for (const item of items) {
    if (item === undefined || item === null) continue;
    if (typeof item !== 'string' && typeof item !== 'number' && typeof item !== 'boolean') {
      addFault(draft, { name }, { message: `${name} is not a text.`, expected: 'text, or a list of texts' });
      continue;
    }
    const text = String(item).trim();
    if (text.length > MAX_VALUE_LENGTH) {
      const expected = `at most ${MAX_VALUE_LENGTH} characters`;
      addFault(draft, { name }, { message: `${name} is too long.`, received: text, expected });
    } else if (text.includes('\0')) {
      addFault(draft, { name }, { message: `${name} holds a NUL character.`, expected: 'text without NUL' });
    } else if (text !== '') {
      values.push(text);
    }
  }
  return values;
}

function nearestName(name: string): string | null {
  const wanted = name
    .slice(0, 100)
    .toLowerCase()
    .replace(/\[\w*\]$/, '')
    .replaceAll('-', '_');
  const [nearest] = knownNames
    .map((known) => ({ known, edits: distance(wanted, known.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  if (!nearest) return null;
  // Two letters are near to every short name.
  const allowed = Math.min(3, Math.floor(wanted.length / 3));
  return nearest.edits <= allowed ? nearest.known : null;
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

function readLimit(draft: QueryDraft): number {
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

function readStart(draft: QueryDraft, limit: number): PageStart {
  const { cursor, offset } = draft;
  if (cursor !== undefined) {
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

function didYouMean({ did_you_mean: meant }: FieldFault): string {
  return meant === undefined ? '' : ` Did you mean ${meant}?`;
}

function invalidQuery(faults: FieldFault[]): AppError {
  const names = [...new Set(faults.map(({ parameter }) => parameter))];
  const [only] = faults;
  const message =
    faults.length === 1 && only
      ? `The parameter ${only.parameter} is not valid: ${only.message}${didYouMean(only)}`
      : `${faults.length} faults in the parameters ${names.slice(0, 20).join(', ')}${names.length > 20 ? ' ...' : ''}.`;
  return new AppError('invalid_parameter', message, { faults });
}
