import type { FaultReport } from './faultReport';
import { compilePath, isPath, type CompiledPath } from './path';
import type { SourceRecord } from './record';
import type { AmountRule, Condition } from './ruleSchema';

/** Longer texts are cut before an expression runs over them. */
const MAX_TEXT_LENGTH = 200_000;

/** A scalar as text, without blanks around it; null for what is nothing, a list or an object. */
export function textOf(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
      return value.length > MAX_TEXT_LENGTH ? value.slice(0, MAX_TEXT_LENGTH).trim() : value.trim();
    case 'number':
      return Number.isFinite(value) ? String(value) : null;
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return null;
  }
}

/** Whether a value says nothing: absent, null, blank, or a list of such. */
function isBlank(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'number' && Number.isNaN(value);
}

/** An element that a feed repeats comes as a list: where one value is wanted, the first one counts. */
function firstOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const list: readonly unknown[] = value;
  return list.find((item) => !isBlank(item));
}

export function compileExpression(
  source: string,
  flags: string | undefined,
  path: string,
  report: FaultReport,
): RegExp | null {
  // Without these two, a match depends on the one before.
  const usedFlags = (flags ?? '').replace(/[gy]/g, '');
  try {
    return new RegExp(source, usedFlags);
  } catch (error) {
    report.add(path, {
      message: `This is no regular expression: ${error instanceof Error ? error.message : String(error)}.`,
      received: source,
      expected: 'a regular expression as JavaScript writes it, without slashes around it',
    });
    return null;
  }
}

export function compileCheckedPath(source: string, path: string, report: FaultReport): CompiledPath {
  if (!isPath(source)) {
    report.add(path, {
      message: 'This is no path.',
      received: source,
      expected: 'a column name, or a path such as client.location.country or skills[].name',
    });
  }
  return compilePath(source);
}

/** Whether a row meets a condition, or every condition of a list. */
export function compileConditions(
  conditions: Condition | readonly Condition[],
  path: string,
  report: FaultReport,
): (record: SourceRecord) => boolean {
  const isList = Array.isArray(conditions);
  const list: readonly Condition[] = isList
    ? (conditions as readonly Condition[])
    : [conditions as Condition];
  const tests = list.map((condition, index) =>
    compileCondition(condition, isList ? `${path}[${index}]` : path, report),
  );
  return (record) => tests.every((test) => test(record));
}

function compileCondition(
  condition: Condition,
  path: string,
  report: FaultReport,
): (record: SourceRecord) => boolean {
  const at = compileCheckedPath(condition.from, `${path}.from`, report);
  const fold = (value: unknown) => String(value).trim().toLowerCase();
  const tests: ((value: unknown) => boolean)[] = [];
  if (condition.equals !== undefined) {
    const wanted = fold(condition.equals);
    tests.push((value) => fold(textOf(firstOf(value)) ?? '') === wanted);
  }
  if (condition.in !== undefined) {
    const wanted = new Set(condition.in.map(fold));
    tests.push((value) => wanted.has(fold(textOf(firstOf(value)) ?? '')));
  }
  if (condition.matches !== undefined) {
    const expression = compileExpression(
      condition.matches,
      condition.flags ?? 'i',
      `${path}.matches`,
      report,
    );
    tests.push((value) => expression?.test(textOf(firstOf(value)) ?? '') ?? false);
  }
  if (condition.present !== undefined) {
    const wanted = condition.present;
    tests.push((value) => !(isBlank(value) || (Array.isArray(value) && value.length === 0)) === wanted);
  }
  if (tests.length === 0) {
    report.add(path, {
      message: 'The condition asks nothing.',
      expected: 'one of equals, in, matches, present beside from',
    });
  }
  const negated = condition.not === true;
  return (record) => {
    const value = at.read(record);
    return tests.every((test) => test(value)) !== negated;
  };
}

/** A value picked out of a row: as text, or as the list that it is. */
export type Picked =
  | { kind: 'nothing' }
  | { kind: 'text'; text: string; isUnsafe: boolean }
  | { kind: 'list'; items: readonly unknown[] }
  | { kind: 'object'; value: unknown };

export const NOTHING: Picked = { kind: 'nothing' };

/**
 * The steps from a row to a piece of text: the first of the paths that gives something, the expression's group, what is cut out,
 * and what counts as not given.
 */
export function compilePick(
  rule: Pick<AmountRule, 'pattern' | 'flags' | 'group' | 'remove' | 'empty'> & { from: string | string[] },
  { wantsList }: { wantsList: boolean },
  path: string,
  report: FaultReport,
): (record: SourceRecord) => Picked {
  const paths = Array.isArray(rule.from)
    ? rule.from.map((from, index) => compileCheckedPath(from, `${path}.from[${index}]`, report))
    : [compileCheckedPath(rule.from, `${path}.from`, report)];
  const expression =
    rule.pattern === undefined
      ? null
      : compileExpression(rule.pattern, rule.flags, `${path}.pattern`, report);
  const group = rule.group ?? defaultGroup(rule.pattern);
  if (rule.group !== undefined && rule.pattern === undefined) {
    report.add(`${path}.group`, {
      message: 'A group needs a pattern.',
      received: rule.group,
      expected: 'a pattern beside it',
    });
  }
  if (expression !== null && !hasGroup(expression, group)) {
    report.add(`${path}.group`, {
      message: 'The pattern has no such group.',
      received: group,
      expected: 'the number or the name of a group in the pattern, or 0 for the whole match',
    });
  }
  const removed = (rule.remove ?? []).flatMap((source, index) => {
    const found = compileExpression(source, rule.flags, `${path}.remove[${index}]`, report);
    return found ? [new RegExp(found.source, `${found.flags}g`)] : [];
  });
  const isNotGiven = compileEmpty(rule.empty ?? []);

  const refine = (text: string): string | null => {
    if (text === '' || isNotGiven(text)) return null;
    let rest = text;
    if (expression) {
      const match = expression.exec(text);
      const piece =
        match === null ? undefined : typeof group === 'number' ? match[group] : match.groups?.[group];
      if (piece === undefined) return null;
      rest = piece;
    }
    for (const cut of removed) rest = rest.replace(cut, '');
    rest = rest.trim();
    return rest === '' || isNotGiven(rest) ? null : rest;
  };

  return (record) => {
    for (const at of paths) {
      const found = at.read(record);
      if (wantsList && Array.isArray(found)) return { kind: 'list', items: found as readonly unknown[] };
      const value = firstOf(found);
      if (isBlank(value)) continue;
      const text = textOf(value);
      if (text === null) return { kind: 'object', value };
      const refined = refine(text);
      if (refined === null) continue;
      const isUnsafe = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
      return { kind: 'text', text: refined, isUnsafe };
    }
    return NOTHING;
  };
}

/** The first group where the pattern has one, else the whole match. */
function defaultGroup(pattern: string | undefined): number {
  if (pattern === undefined) return 0;
  try {
    return hasGroup(new RegExp(pattern), 1) ? 1 : 0;
  } catch {
    return 0;
  }
}

/** Run over an alternative that always matches, an expression tells its groups. */
function hasGroup(expression: RegExp, group: number | string): boolean {
  const match = new RegExp(`${expression.source}|`, expression.flags).exec('');
  if (!match) return false;
  return typeof group === 'number' ? group < match.length : Object.hasOwn(match.groups ?? {}, group);
}

/** Values that mean "not given": by their text, case aside; numbers also by their amount (`0` is `0.00` and `$0`). */
function compileEmpty(values: readonly string[]): (text: string) => boolean {
  if (values.length === 0) return () => false;
  const texts = new Set(values.map((value) => value.trim().toLowerCase()));
  const numbers = new Set(values.filter((value) => /^-?\d+(?:\.\d+)?$/.test(value.trim())).map(Number));
  return (text) => {
    if (texts.has(text.toLowerCase())) return true;
    if (numbers.size === 0 || text.length > 40) return false;
    const amount = text.replace(/[\p{Sc},\s]/gu, '');
    return /^-?\d+(?:\.\d+)?$/.test(amount) && numbers.has(Number(amount));
  };
}
