import { resolveCategory, suggestCategory, type JobCategory } from '../categories';
import { findCountry } from '../countries';
import {
  CONTRACTOR_TIER_LABELS,
  DURATION_LABELS,
  JOB_TYPE_LABELS,
  PROPOSALS_TIERS,
  STATUS_LABELS,
  WORKLOADS,
  type Money,
  type MoneyRange,
} from '../job';
import { isCurrency } from '../money';
import { cleanLine, cleanText, MAX_DESCRIPTION_LENGTH, MAX_LINE_LENGTH, MAX_TITLE_LENGTH } from '../text';
import { HOUR_MS, toMillis, type Timestamp } from '../time';
import type { RuleId } from '../verificationRules';
import {
  parseBoolean,
  parseContractorTier,
  parseDuration,
  parseJobType,
  parseProposalsTier,
  parseStatus,
  parseWorkload,
} from '../vocabulary';
import { nearestName, type FaultReport } from './faultReport';
import { PARSE_KINDS_OF, type FieldKind } from './fields';
import { labelsOf, namesOf, parsePythonList } from './parsers/list';
import { currencyNamed, parseMoney, parseMoneyRange } from './parsers/money';
import { parseCount, parseScore } from './parsers/number';
import { parsed, unparsed, type Parsed } from './parsers/parsed';
import { parseRelativeTime } from './parsers/relativeTime';
import { DEFAULT_TIME_FORMATS, faultOfTimeFormat, isZone, parseTime, timeReader } from './parsers/time';
import { parseUid, parseUpworkUrl, timeOfId } from './parsers/upworkId';
import type { SourceRecord } from './record';
import type { AmountRule, ParseKind, ValueRule } from './ruleSchema';
import {
  compileCheckedPath,
  compileConditions,
  compileExpression,
  compilePick,
  NOTHING,
  textOf,
  type Picked,
} from './textSteps';

/** A finding before it knows its field. */
export interface RuleFault {
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

/** One rule made ready. */
export type CompiledRule = (record: SourceRecord, context: RowContext) => Attempt;

/** What the document says for all its rules. */
export interface DocumentDefaults {
  currency: string;
  currencyFrom: string | undefined;
}

type Read = (picked: Picked, record: SourceRecord, context: RowContext) => Attempt;

const ABSENT: Attempt = { value: null, raw: null, faults: [] };
const MAX_RAW_LENGTH = 200;
/** How far a published time may lie from the creation time for both to be the same moment in two zones. */
const ZONE_TOLERANCE_MS = 2_000;
const MAX_ZONE_HOURS = 14;

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

/** The value of a field by its own words, and the words that it takes. */
const VOCABULARIES: Readonly<
  Partial<Record<FieldKind, { parse: (text: string) => unknown; words: readonly string[] }>>
> = {
  jobType: { parse: parseJobType, words: Object.values(JOB_TYPE_LABELS) },
  status: { parse: parseStatus, words: Object.values(STATUS_LABELS) },
  contractorTier: { parse: parseContractorTier, words: Object.values(CONTRACTOR_TIER_LABELS) },
  duration: { parse: parseDuration, words: DURATION_LABELS },
  workload: { parse: parseWorkload, words: WORKLOADS },
  proposalsTier: { parse: parseProposalsTier, words: PROPOSALS_TIERS },
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
      expected: oneOf(allowed),
    });
    return () => ABSENT;
  }
  checkOptions(rule, parse, path, report);

  const wantsList = parse === 'list' || parse === 'python-list';
  const pick = compileSource(rule, parse, wantsList, path, report);
  const holds = rule.when === undefined ? null : compileConditions(rule.when, `${path}.when`, report);
  const read = compileRead(rule, kind, parse, defaults, path, report);
  checkConstant(rule, read, path, report);
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
  const picked: Picked =
    constant === undefined
      ? NOTHING
      : Array.isArray(constant)
        ? { kind: 'list', items: constant }
        : { kind: 'text', text: String(constant).trim(), isUnsafe: false };
  return () => picked;
}

function checkOptions(rule: ValueRule, parse: ParseKind, path: string, report: FaultReport): void {
  for (const [option, owners] of Object.entries(OPTION_OWNERS)) {
    if (rule[option as keyof ValueRule] === undefined || owners.includes(parse)) continue;
    report.add(`${path}.${option}`, {
      message: `This option means nothing to parse "${parse}".`,
      received: rule[option as keyof ValueRule],
      expected: `parse ${oneOf(owners)}`,
    });
  }
  if (rule.currency !== undefined) checkCurrency(rule.currency, `${path}.currency`, report);
}

/** A constant is read like a text of the row; one that cannot be read is a fault of the document. */
function checkConstant(rule: ValueRule, read: Read, path: string, report: FaultReport): void {
  const { constant } = rule;
  if (constant === undefined) return;
  const picked: Picked = Array.isArray(constant)
    ? { kind: 'list', items: constant }
    : { kind: 'text', text: String(constant).trim(), isUnsafe: false };
  const [fault] = read(picked, {}, { reference: null }).faults;
  if (fault)
    report.add(`${path}.constant`, {
      message: `The field cannot take this value: it ${fault.message}.`,
      received: constant,
    });
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

type ReadText = (text: string, record: SourceRecord, context: RowContext) => Attempt;

/** For readers of one text: nothing gives nothing, a list or an object where a text belongs is a fault. */
function ofText(read: ReadText): Read {
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

function compileTextRead(kind: FieldKind, parse: ParseKind): ReadText {
  const from = parse === 'html' ? 'html' : 'text';
  switch (kind) {
    case 'uid':
      return (text) => attempt(parseUid(text), text);
    case 'ciphertext':
      return (text) => attempt(parseUpworkUrl(text), text);
    case 'count':
      return (text) => attempt(parseCount(text), text);
    case 'score':
      return (text) => attempt(parseScore(text), text);
    case 'boolean':
      return (text) => attempt(parsedOr(parseBoolean(text), 'is neither yes nor no'), text);
    case 'country':
      return (text) => countryAttempt(cleanLine(text, { from, maxLength: MAX_LINE_LENGTH }));
    case 'category':
      return (text) => categoryAttempt(cleanLine(text, { from, maxLength: MAX_LINE_LENGTH }));
    case 'description':
      return (text) => given(cleanText(text, { from, maxLength: MAX_DESCRIPTION_LENGTH }), text);
    case 'title':
      return (text) => given(cleanLine(text, { from, maxLength: MAX_TITLE_LENGTH }), text);
    default:
      return (text) => given(cleanLine(text, { from, maxLength: MAX_LINE_LENGTH }), text);
  }
}

function compileEnumRead(rule: ValueRule, kind: FieldKind, path: string, report: FaultReport): Read {
  const vocabulary = VOCABULARIES[kind];
  if (rule.table === undefined && vocabulary === undefined) {
    report.add(`${path}.table`, {
      message: 'This field has no words of its own.',
      expected: 'a table beside parse "enum"',
    });
  }
  const readTarget = vocabulary
    ? (text: string): Attempt =>
        attempt(parsedOr(vocabulary.parse(text), `is none of ${oneOf(vocabulary.words)}`), text)
    : compileTextRead(kind, 'text');
  const table = new Map<string, Attempt>();
  for (const [text, target] of Object.entries(rule.table ?? {})) {
    const known = target === null ? ABSENT : readTarget(String(target), {}, { reference: null });
    const [fault] = known.faults;
    if (fault) {
      report.add(`${path}.table.${text}`, {
        message: `The field cannot take this value: it ${fault.message}.`,
        received: target,
        ...(vocabulary
          ? { expected: oneOf(vocabulary.words), ...suggestion(String(target), vocabulary.words) }
          : {}),
        ...(kind === 'category' ? suggestionOf(suggestCategory(String(target))) : {}),
      });
    }
    table.set(foldedKey(text), known);
  }
  return ofText((text, record, context) => {
    const known = table.get(foldedKey(text));
    if (known) return { ...known, raw: text };
    return vocabulary
      ? readTarget(text, record, context)
      : failed(text, 'is not in the table of the mapping');
  });
}

function compileListRead(
  rule: ValueRule,
  kind: FieldKind,
  parse: ParseKind,
  path: string,
  report: FaultReport,
): Read {
  const clean = kind === 'labels' ? labelsOf : namesOf;
  const expression =
    rule.separatorPattern === undefined
      ? null
      : compileExpression(rule.separatorPattern, rule.flags, `${path}.separatorPattern`, report);
  const separator = expression ?? (rule.separator === undefined ? ',' : rule.separator);
  const split = (text: string): Parsed<string[]> => {
    if (parse === 'python-list') return parsePythonList(text);
    return parsed(separator === null ? [text] : text.split(separator));
  };
  return (picked) => {
    if (picked.kind === 'nothing') return ABSENT;
    if (picked.kind === 'object')
      return failed(JSON.stringify(picked.value), 'is an object where a list belongs');
    if (picked.kind === 'text') {
      const entries = split(picked.text);
      return attempt(entries.ok ? parsed(clean(entries.value)) : entries, picked.text);
    }
    const texts = picked.items.map(textOf);
    const raw = JSON.stringify(picked.items);
    if (texts.length > 0 && texts.every((text) => text === null))
      return failed(raw, 'is a list of objects; the path must name what to take of each');
    return { value: clean(texts.filter((text) => text !== null)), raw, faults: [] };
  };
}

/** The currency of a row: what it states where the mapping says, else the mapping's own. */
function compileCurrency(
  { currency, currencyFrom }: Pick<ValueRule, 'currency' | 'currencyFrom'>,
  defaults: DocumentDefaults,
  path: string,
  report: FaultReport,
): (record: SourceRecord) => Parsed<string> {
  const fallback = parsed(currency ?? defaults.currency);
  const from = currencyFrom ?? (currency === undefined ? defaults.currencyFrom : undefined);
  if (from === undefined) return () => fallback;
  const at = compileCheckedPath(from, `${path}.currencyFrom`, report);
  return (record) => {
    const stated = textOf(at.read(record));
    if (stated === null || stated === '') return fallback;
    const code = currencyNamed(stated);
    return code === null
      ? unparsed(`is in the currency ${stated.slice(0, 20)}, which is not known`, 'currency_unknown')
      : parsed(code);
  };
}

export function checkCurrency(code: string, path: string, report: FaultReport): void {
  if (isCurrency(code)) return;
  report.add(path, {
    message: 'This is no currency.',
    received: code,
    expected: 'an ISO 4217 code in capitals, such as USD',
    ...(isCurrency(code.toUpperCase()) ? { did_you_mean: code.toUpperCase() } : {}),
  });
}

function compileMoneyRead(
  rule: Pick<ValueRule, 'currency' | 'currencyFrom'>,
  defaults: DocumentDefaults,
  path: string,
  report: FaultReport,
): Read {
  const currencyOf = compileCurrency(rule, defaults, path, report);
  return ofText((text, record) => {
    const currency = currencyOf(record);
    return attempt(currency.ok ? parseMoney(text, { currency: currency.value }) : currency, text);
  });
}

function compileRangeRead(
  rule: ValueRule,
  defaults: DocumentDefaults,
  path: string,
  report: FaultReport,
): Read {
  if (rule.min === undefined && rule.max === undefined) {
    const single = rule.single ?? 'both';
    const currencyOf = compileCurrency(rule, defaults, path, report);
    return ofText((text, record) => {
      const currency = currencyOf(record);
      return attempt(
        currency.ok ? parseMoneyRange(text, { currency: currency.value, single }) : currency,
        text,
      );
    });
  }
  const end = (amount: AmountRule | undefined, name: 'min' | 'max'): Read => {
    if (amount === undefined) return () => ABSENT;
    const at = `${path}.${name}`;
    const pick = compilePick(amount, { wantsList: false }, at, report);
    const currencyFrom = amount.currencyFrom ?? rule.currencyFrom;
    const readMoney = compileMoneyRead({ currency: rule.currency, currencyFrom }, defaults, at, report);
    return (_picked, record, context) => readMoney(pick(record), record, context);
  };
  const readMin = end(rule.min, 'min');
  const readMax = end(rule.max, 'max');
  return (picked, record, context) => {
    const min = readMin(picked, record, context);
    const max = readMax(picked, record, context);
    const raw = [min.raw, max.raw].filter((text) => text !== null).join(' - ') || null;
    const faults = [...min.faults, ...max.faults];
    if (faults.length > 0) return { value: null, raw, faults };
    return rangeOf(min.value as Money | null, max.value as Money | null, raw);
  };
}

function rangeOf(min: Money | null, max: Money | null, raw: string | null): Attempt {
  const currency = min?.currency ?? max?.currency;
  if (currency === undefined) return ABSENT;
  if (min && max && min.currency !== max.currency) return failed(raw, 'names two currencies');
  const range: MoneyRange = {
    minMinor: min?.amountMinor ?? null,
    maxMinor: max?.amountMinor ?? null,
    currency,
  };
  return { value: range, raw, faults: [] };
}

function compileTimeRead(rule: ValueRule, path: string, report: FaultReport): Read {
  const zone = rule.zone ?? 'UTC';
  if (!isZone(zone)) {
    report.add(`${path}.zone`, {
      message: 'This is no time zone.',
      received: zone,
      expected: 'a name such as Europe/Berlin, or UTC, or an offset such as UTC-6',
    });
  }
  const isList = Array.isArray(rule.format);
  const formats: readonly string[] =
    rule.format === undefined
      ? DEFAULT_TIME_FORMATS
      : Array.isArray(rule.format)
        ? rule.format
        : [rule.format];
  const usable = formats.filter((format, index) => {
    const fault = faultOfTimeFormat(format);
    if (fault === null) return true;
    report.add(isList ? `${path}.format[${index}]` : `${path}.format`, {
      message: `This is no format for a time: ${fault}.`,
      received: format,
      expected: "iso, rfc822, epoch, epochMillis, or Luxon's letters such as M/d/yyyy h:mma",
      ...suggestion(format, ['iso', 'rfc822', 'epoch', 'epochMillis']),
    });
    return false;
  });
  const readers = usable.map((format) => timeReader(format, zone));
  const idAt =
    rule.checkZoneBy === undefined
      ? null
      : compileCheckedPath(rule.checkZoneBy, `${path}.checkZoneBy`, report);

  return ofText((text, record) => {
    const time = parseTime(text, readers);
    if (!time.ok || idAt === null) return attempt(time, text);
    const created = timeOfId(textOf(idAt.read(record)) ?? '');
    if (created === null) return attempt(time, text);
    const hours = hoursApart(time.value, created);
    if (hours === 0) return attempt(time, text);
    return {
      value: created,
      raw: text,
      faults: [
        {
          rule: 'posting_time_zone_corrected',
          raw: cut(text),
          message: `is ${hours} h off the creation time in the id, which was taken instead`,
        },
      ],
    };
  });
}

/** Whole hours by which two statements of the same moment differ; 0 when they are equal or different moments. */
function hoursApart(stated: Timestamp, created: Timestamp): number {
  const apart = toMillis(stated) - toMillis(created);
  const hours = Math.round(apart / HOUR_MS);
  const isWhole = Math.abs(apart - hours * HOUR_MS) <= ZONE_TOLERANCE_MS;
  return isWhole && Math.abs(hours) <= MAX_ZONE_HOURS ? hours : 0;
}

function countryAttempt(text: string): Attempt {
  const code = findCountry(text);
  if (code !== null) return given(code, text);
  return {
    value: null,
    raw: text,
    faults: [{ rule: 'country_unknown', raw: cut(text), message: 'is no country that is known' }],
  };
}

function categoryAttempt(text: string): Attempt {
  if (text === '') return ABSENT;
  const { category, known }: { category: JobCategory; known: boolean } = resolveCategory(text);
  if (known) return given(category, text);
  return {
    value: category,
    raw: text,
    faults: [{ rule: 'category_unknown', raw: cut(text), message: 'is no category that is known' }],
    isTentative: true,
  };
}

function given(value: unknown, raw: string): Attempt {
  return { value: value === '' ? null : value, raw, faults: [] };
}

function attempt(result: Parsed<unknown>, raw: string): Attempt {
  if (result.ok) return given(result.value, raw);
  return { value: null, raw, faults: [{ rule: result.rule, raw: cut(raw), message: result.message }] };
}

function failed(raw: string | null, message: string): Attempt {
  return {
    value: null,
    raw,
    faults: [{ rule: 'value_unparsed', raw: raw === null ? null : cut(raw), message }],
  };
}

function parsedOr<T>(value: T | null, message: string): Parsed<T> {
  return value === null ? unparsed(message) : parsed(value);
}

function cut(text: string): string {
  return text.length > MAX_RAW_LENGTH ? text.slice(0, MAX_RAW_LENGTH) : text;
}

function foldedKey(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ');
}

function oneOf(words: readonly string[]): string {
  return words.join(', ');
}

function suggestion(word: string, known: readonly string[]): { did_you_mean?: string } {
  return suggestionOf(nearestName(word, known) ?? null);
}

function suggestionOf(word: string | null): { did_you_mean?: string } {
  return word === null ? {} : { did_you_mean: word };
}
