import type { z } from 'zod';
import { AppError } from '../errors';
import { compileDocument, reportUnknownField } from './compileDocument';
import { faultReport, nearestName, shown, type FaultReport } from './faultReport';
import { fieldNamed } from './fields';
import { isRecord } from './record';
import { mappingDocumentSchema, PARSE_KINDS, type MappingDocument } from './ruleSchema';

export { mappingDocumentSchema, type MappingDocument } from './ruleSchema';

type Issue = z.core.$ZodIssue;
type Keys = readonly PropertyKey[];

const DOCUMENT_KEYS = Object.keys(mappingDocumentSchema.shape);
const MATCH_KEYS = ['all', 'any', 'none'];
const CONDITION_KEYS = ['from', 'equals', 'in', 'matches', 'present', 'flags', 'not'];
const AMOUNT_KEYS = ['from', 'pattern', 'flags', 'group', 'remove', 'empty', 'currencyFrom'];
const RULE_KEYS = [
  ...AMOUNT_KEYS,
  ...[
    'constant',
    'when',
    'parse',
    'table',
    'format',
    'zone',
    'checkZoneBy',
    'separator',
    'separatorPattern',
    'currency',
  ],
  ...['min', 'max', 'single'],
];
const MAX_SUMMARISED = 3;

/**
 * Checks a mapping given by an operator.
 * @throws AppError `invalid_parameter` whose faults name each field by its path (`fields.budget[0].parse`), with what was received,
 * what is expected, and what was probably meant. Expressions, formats, zones, currencies and the targets of tables are checked too.
 */
export function parseMappingDocument(json: unknown): MappingDocument {
  const report = faultReport();
  const result = mappingDocumentSchema.safeParse(json);
  if (result.success) {
    compileDocument(result.data, report);
  } else {
    for (const issue of result.error.issues) reportIssue(issue, [], json, report);
    const fields = valueAt(json, ['fields']);
    const names = isRecord(fields) ? Object.keys(fields) : [];
    for (const name of names) if (fieldNamed(name) === null) reportUnknownField(name, report);
  }
  if (result.success && report.faults.length === 0) return result.data;
  throw invalidMapping(json, report);
}

export function invalidMapping(json: unknown, { faults }: FaultReport): AppError {
  const name = isRecord(json) && typeof json['name'] === 'string' ? ` "${shown(json['name'])}"` : '';
  const summary = faults
    .slice(0, MAX_SUMMARISED)
    .map(({ parameter, message }) => `${parameter}: ${message}`)
    .join(' ');
  const rest = faults.length > MAX_SUMMARISED ? ` And ${faults.length - MAX_SUMMARISED} more.` : '';
  return new AppError('invalid_parameter', `The mapping${name} cannot be used. ${summary}${rest}`, {
    faults: [...faults],
  });
}

/** A fault of shape in the document's own words. Of alternatives, the one that the value was meant for speaks. */
function reportIssue(issue: Issue, parents: Keys, json: unknown, report: FaultReport): void {
  const keys = [...parents, ...issue.path];
  const received = valueAt(json, keys);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) reportUnknownKey(key, keys, received, report);
    return;
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const meant = alternativeFor(issue.errors, received);
    if (meant) {
      for (const inner of meant) reportIssue(inner, keys, json, report);
      return;
    }
  }
  const isParse = keys.at(-1) === 'parse';
  const meant = isParse && typeof received === 'string' ? nearestName(received, PARSE_KINDS) : undefined;
  report.add(pathOf(keys), {
    message:
      received === undefined
        ? 'This is missing.'
        : `${isParse ? 'There is no such way of reading' : messageOf(issue)}.`,
    received,
    ...expectedOf(issue, isParse),
    ...(meant === undefined ? {} : { did_you_mean: meant }),
  });
}

/** The alternative for a list when a list was given, else the one for an object when an object was given; none for scalars. */
function alternativeFor(
  alternatives: readonly (readonly Issue[])[],
  received: unknown,
): readonly Issue[] | undefined {
  const isWrongShape = (issue: Issue) => issue.code === 'invalid_type' && issue.path.length === 0;
  if (typeof received !== 'object' || received === null) return undefined;
  return alternatives.find((issues) => !issues.some(isWrongShape));
}

function reportUnknownKey(key: string, parents: Keys, parent: unknown, report: FaultReport): void {
  const known = knownKeysAt(parents);
  const meant = nearestName(
    key,
    known.filter((name) => !(isRecord(parent) && name in parent)),
  );
  report.add(pathOf([...parents, key]), {
    message: 'There is no such key.',
    received: key,
    expected: known.join(', '),
    ...(meant === undefined ? {} : { did_you_mean: meant }),
  });
}

function knownKeysAt(parents: Keys): readonly string[] {
  const last = parents.filter((key) => typeof key === 'string').at(-1);
  if (parents.length === 0) return DOCUMENT_KEYS;
  if (last === 'match') return MATCH_KEYS;
  if (last === 'when') return CONDITION_KEYS;
  if ((last === 'min' || last === 'max') && parents.length > 2) return AMOUNT_KEYS;
  return RULE_KEYS;
}

function messageOf(issue: Issue): string {
  switch (issue.code) {
    case 'too_small':
      return 'This is too small or too short';
    case 'too_big':
      return 'This is too large or too long';
    case 'invalid_value':
      return 'This value is none of those possible';
    default:
      return 'This has the wrong form';
  }
}

function expectedOf(issue: Issue, isParse: boolean): { expected?: string } {
  if (isParse) return { expected: PARSE_KINDS.join(', ') };
  switch (issue.code) {
    case 'invalid_type':
      return { expected: issue.expected };
    case 'invalid_value':
      return { expected: issue.values.map(String).join(', ') };
    case 'too_small':
      return { expected: `at least ${issue.minimum}` };
    case 'too_big':
      return { expected: `at most ${issue.maximum}` };
    case 'invalid_format':
      return { expected: issue.message };
    case 'invalid_union': {
      const types = issue.errors
        .flat()
        .flatMap((inner) => (inner.code === 'invalid_type' ? [inner.expected] : []));
      return types.length > 0 ? { expected: [...new Set(types)].join(' or ') } : {};
    }
    default:
      return {};
  }
}

function valueAt(json: unknown, keys: Keys): unknown {
  let value: unknown = json;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** `fields.budget[0].parse`. */
function pathOf(keys: Keys): string {
  if (keys.length === 0) return 'document';
  return keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}
