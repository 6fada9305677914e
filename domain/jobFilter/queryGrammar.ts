import { AppError, type FieldFault } from '../errors';
import { nearestName } from '../names';
import type { Timestamp } from '../time';
import type { ParameterRow, QueryParameter } from './parameters';
import { addFault, type GivenParameter, type QueryDraft } from './reading';
import { isUpworkParameter } from './upworkParameters';
import { expandUpworkUrl, UPWORK_URL, warnOfFaults } from './upworkUrl';

/** What a query may say, and how it is read. */
export interface QueryGrammar<Query> {
  parameters: readonly QueryParameter[];
  /**
   * Values are strings or lists of strings, as Express's simple query parser gives them; numbers and booleans are taken too.
   * Empty values are ignored. Relative times count back from `now`.
   * @throws AppError `invalid_parameter` with every fault of the query.
   */
  parse: (given: Readonly<Record<string, unknown>>, now: Timestamp) => Query;
}

const MAX_PARAMETERS = 200;
const MAX_VALUES = 100;
/** Of any value, in characters; most have bounds of their own. */
export const MAX_VALUE_LENGTH = 10_000;

interface GrammarOptions<Draft extends QueryDraft, Query> {
  /** In the order in which they are read. */
  rows: readonly ParameterRow<Draft>[];
  /** Parameters of others that callers may try here, with why they have no place: a sentence for each name. */
  refusals?: ReadonlyMap<string, string>;
  createDraft: (empty: QueryDraft) => Draft;
  /** Makes the query of what was read; may add faults, upon which its result is not used. */
  finish: (draft: Draft) => Query;
}

/** A grammar of the parameters in the rows. */
export function createQueryGrammar<Draft extends QueryDraft, Query>({
  rows,
  refusals = new Map(),
  createDraft,
  finish,
}: GrammarOptions<Draft, Query>): QueryGrammar<Query> {
  const rowByName = new Map(
    rows.flatMap((row) => [row.name, ...row.aliases].map((name) => [name, row] as const)),
  );
  return {
    parameters: rows,
    parse: (params, now) => {
      const draft = createDraft({ now, filter: {}, movingBounds: {}, faults: [], warnings: [] });
      const { givenByName, looseByName } = collect(params, { rowByName, refusals }, draft);
      const address = givenByName.get(UPWORK_URL);
      const hasRow = (name: string): boolean => rowByName.has(name);
      const impliedByName = address
        ? expandUpworkUrl({ address, loose: looseByName, given: givenByName, hasRow }, draft)
        : undefined;
      for (const row of rows) {
        const given = givenByName.get(row.name);
        const implied = impliedByName?.get(row.name);
        if (given) row.read(given, draft);
        else if (implied) readImplied(row, implied, draft);
      }
      const query = finish(draft);
      if (draft.faults.length > 0) throw invalidQuery(draft.faults);
      return query;
    },
  };
}

/** Reads what an address of Upwork's says: its faults are warnings. */
function readImplied<Draft extends QueryDraft>(
  row: ParameterRow<Draft>,
  implied: GivenParameter,
  draft: Draft,
): void {
  const before = draft.faults.length;
  row.read(implied, draft);
  warnOfFaults(draft, draft.faults.splice(before));
}

interface Collected {
  /** The parameters given, by their own names; an alias beside its name is the same parameter given again. */
  givenByName: Map<string, GivenParameter>;
  /** Parameters that only Upwork has, of an address that was not escaped. */
  looseByName: Map<string, string[]>;
}

function collect(
  params: Readonly<Record<string, unknown>>,
  {
    rowByName,
    refusals,
  }: { rowByName: ReadonlyMap<string, QueryParameter>; refusals: ReadonlyMap<string, string> },
  draft: QueryDraft,
): Collected {
  const givenByName = new Map<string, GivenParameter>();
  const unknown: [string, unknown][] = [];
  const entries = Object.entries(params);
  if (entries.length > MAX_PARAMETERS) {
    const message = `There are ${entries.length} parameters, at most ${MAX_PARAMETERS} are allowed.`;
    throw new AppError('invalid_parameter', message);
  }
  for (const [name, raw] of entries) {
    const row = rowByName.get(name);
    const refusal = refusals.get(name);
    if (refusal !== undefined) {
      if (readRaw(name, raw, draft).length > 0) addFault(draft, { name }, { message: refusal });
      continue;
    }
    if (!row) {
      unknown.push([name, raw]);
      continue;
    }
    const values = readRaw(name, raw, draft);
    if (values.length === 0) continue;
    const before = givenByName.get(row.name);
    givenByName.set(row.name, { name: before?.name ?? name, values: [...(before?.values ?? []), ...values] });
  }
  const looseByName = new Map<string, string[]>();
  for (const [name, raw] of unknown) {
    if (givenByName.has(UPWORK_URL) && isUpworkParameter(name)) {
      const values = readRaw(name, raw, draft);
      if (values.length > 0) looseByName.set(name, values);
      continue;
    }
    const didYouMean = nearestName(name, [...rowByName.keys()]);
    addFault(
      draft,
      { name: name.slice(0, 100) },
      { message: 'There is no parameter of this name.', didYouMean },
    );
  }
  return { givenByName, looseByName };
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
