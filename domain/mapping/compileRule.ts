import { ABSENT, attempt, ofText, type Attempt, type Read, type RowContext } from './attempt';
import type { FaultReport } from './faultReport';
import { PARSE_KINDS_OF, type FieldKind } from './fields';
import { parseRelativeTime } from './parsers/relativeTime';
import { timeOfId } from './parsers/upworkId';
import { checkCurrency, compileMoneyRead, compileRangeRead, type DocumentDefaults } from './readMoney';
import { compileTimeRead } from './readTime';
import { compileEnumRead, compileListRead, compileTextRead, suggestionAmong, wordsOf } from './readWords';
import type { SourceRecord } from './record';
import type { ParseKind, ValueRule } from './ruleSchema';
import { compileConditions, compilePick, NOTHING, type Picked } from './textSteps';

/** One rule made ready. */
export type CompiledRule = (record: SourceRecord, context: RowContext) => Attempt;

/** Options that only mean something to some ways of reading. */
const OPTION_OWNERS: Readonly<Partial<Record<keyof ValueRule, readonly ParseKind[]>>> = {
  table: ['enum'],
  format: ['time'],
  zone: ['time'],
  checkZoneBy: ['time'],
  separator: ['list'],
  separatorPattern: ['list'],
  currency: ['money', 'moneyRange'],
  currencyFrom: ['money', 'moneyRange'],
  min: ['moneyRange'],
  max: ['moneyRange'],
  single: ['moneyRange'],
};

/**
 * Makes a rule of a field ready: paths, expressions, formats and tables are compiled once. What is wrong with the rule goes to
 * `report` under `path`; the compiled rule is only to be used when nothing was reported.
 */
export function compileRule(
  rule: ValueRule,
  kind: FieldKind,
  defaults: DocumentDefaults,
  path: string,
  report: FaultReport,
): CompiledRule {
  const allowed = PARSE_KINDS_OF[kind];
  const parse = rule.parse ?? allowed[0] ?? 'text';
  if (!allowed.includes(parse)) {
    report.add(`${path}.parse`, {
      message: 'This field cannot be read in this way.',
      received: parse,
      expected: allowed.join(', '),
    });
    return () => ABSENT;
  }
  checkOptions(rule, parse, path, report);

  const wantsList = parse === 'list' || parse === 'python-list';
  const pick = compileSource(rule, parse, wantsList, path, report);
  const holds = rule.when === undefined ? null : compileConditions(rule.when, `${path}.when`, report);
  const read = compileRead(rule, kind, parse, defaults, path, report);
  checkConstant(rule, kind, read, path, report);
  return (record, context) =>
    holds === null || holds(record) ? read(pick(record), record, context) : ABSENT;
}

function compileSource(
  rule: ValueRule,
  parse: ParseKind,
  wantsList: boolean,
  path: string,
  report: FaultReport,
): (record: SourceRecord) => Picked {
  const { from, constant } = rule;
  const hasEnds = parse === 'moneyRange' && (rule.min !== undefined || rule.max !== undefined);
  const sources = [from, constant, hasEnds ? true : undefined].filter(
    (source) => source !== undefined,
  ).length;
  if (sources !== 1) {
    report.add(path, {
      message: sources === 0 ? 'The rule names no source.' : 'The rule names more than one source.',
      expected: parse === 'moneyRange' ? 'one of from, constant, min and max' : 'one of from, constant',
    });
  }
  if (from !== undefined) return compilePick({ ...rule, from }, { wantsList }, path, report);
  const picked = constant === undefined ? NOTHING : pickedConstant(constant);
  return () => picked;
}

function checkOptions(rule: ValueRule, parse: ParseKind, path: string, report: FaultReport): void {
  for (const [option, owners] of Object.entries(OPTION_OWNERS)) {
    if (rule[option as keyof ValueRule] === undefined || owners.includes(parse)) continue;
    report.add(`${path}.${option}`, {
      message: `This option means nothing to parse "${parse}".`,
      received: rule[option as keyof ValueRule],
      expected: `parse ${owners.join(', ')}`,
    });
  }
  if (rule.currency !== undefined) checkCurrency(rule.currency, `${path}.currency`, report);
}

function pickedConstant(constant: NonNullable<ValueRule['constant']>): Picked {
  if (Array.isArray(constant)) return { kind: 'list', items: constant };
  return { kind: 'text', text: String(constant).trim(), isUnsafe: false };
}

/** A constant is read like a text of the row; one that cannot be read is a fault of the document. */
function checkConstant(
  rule: ValueRule,
  kind: FieldKind,
  read: Read,
  path: string,
  report: FaultReport,
): void {
  const { constant } = rule;
  if (constant === undefined) return;
  const [fault] = read(pickedConstant(constant), {}, { reference: null }).faults;
  if (fault) {
    report.add(`${path}.constant`, {
      message: `The field cannot take this value: it ${fault.message}.`,
      received: constant,
      ...suggestionAmong(String(constant), wordsOf(kind)),
    });
  }
}

function compileRead(
  rule: ValueRule,
  kind: FieldKind,
  parse: ParseKind,
  defaults: DocumentDefaults,
  path: string,
  report: FaultReport,
): Read {
  switch (parse) {
    case 'list':
    case 'python-list':
      return compileListRead(rule, kind, parse, path, report);
    case 'money':
      return compileMoneyRead(rule, defaults, path, report);
    case 'moneyRange':
      return compileRangeRead(rule, defaults, path, report);
    case 'time':
      return compileTimeRead(rule, path, report);
    case 'relativeTime':
      return ofText((text, _record, { reference }) => attempt(parseRelativeTime(text, reference), text));
    case 'idTime':
      return ofText((text) => ({ value: timeOfId(text), raw: text, faults: [] }));
    case 'enum':
      return compileEnumRead(rule, kind, path, report);
    default:
      return ofText(compileTextRead(kind, parse));
  }
}
