import { resolveCategory, suggestCategory, type JobCategory } from '../categories';
import { findCountry } from '../countries';
import {
  CONTRACTOR_TIER_LABELS,
  DURATION_LABELS,
  JOB_TYPE_LABELS,
  PROPOSALS_TIERS,
  STATUS_LABELS,
  WORKLOADS,
} from '../job';
import { cleanLine, cleanText, MAX_DESCRIPTION_LENGTH, MAX_LINE_LENGTH, MAX_TITLE_LENGTH } from '../text';
import {
  parseBoolean,
  parseContractorTier,
  parseDuration,
  parseJobType,
  parseProposalsTier,
  parseStatus,
  parseWorkload,
} from '../vocabulary';
import {
  ABSENT,
  attempt,
  cut,
  failed,
  given,
  ofText,
  type Attempt,
  type Read,
  type ReadText,
} from './attempt';
import { nearestName, type FaultReport } from './faultReport';
import type { FieldKind } from './fields';
import { labelsOf, namesOf, parsePythonList } from './parsers/list';
import { parseCount, parseScore } from './parsers/number';
import { parsed, unparsed, type Parsed } from './parsers/parsed';
import { parseUid, parseUpworkUrl } from './parsers/upworkId';
import type { ParseKind, ValueRule } from './ruleSchema';
import { compileExpression, textOf } from './textSteps';

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

/** The words that a field of this kind takes; undefined when it takes any. */
export function wordsOf(kind: FieldKind): readonly string[] | undefined {
  return VOCABULARIES[kind]?.words;
}

/** Reads texts, numbers, yes and no, countries, categories and identities, each after its field. */
export function compileTextRead(kind: FieldKind, parse: ParseKind): ReadText {
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

/** Reads a text by the rule's table, then by the field's own words. */
export function compileEnumRead(rule: ValueRule, kind: FieldKind, path: string, report: FaultReport): Read {
  const vocabulary = VOCABULARIES[kind];
  if (rule.table === undefined && vocabulary === undefined) {
    report.add(`${path}.table`, {
      message: 'This field has no words of its own.',
      expected: 'a table beside parse "enum"',
    });
  }
  const readTarget = vocabulary
    ? (text: string): Attempt =>
        attempt(parsedOr(vocabulary.parse(text), `is none of ${vocabulary.words.join(', ')}`), text)
    : compileTextRead(kind, 'text');
  const table = new Map<string, Attempt>();
  for (const [text, target] of Object.entries(rule.table ?? {})) {
    const known = target === null ? ABSENT : readTarget(String(target), {}, { reference: null });
    const [fault] = known.faults;
    if (fault) {
      report.add(`${path}.table.${text}`, {
        message: `The field cannot take this value: it ${fault.message}.`,
        received: target,
        ...suggestionAmong(String(target), vocabulary?.words),
        ...(kind === 'category' ? meaning(suggestCategory(String(target))) : {}),
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

/** Reads a list, or a text that holds one. */
export function compileListRead(
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

function parsedOr<T>(value: T | null, message: string): Parsed<T> {
  return value === null ? unparsed(message) : parsed(value);
}

function foldedKey(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ');
}

/** Fields of a fault that says which words are possible and which was probably meant. */
export function suggestionAmong(
  word: string,
  words: readonly string[] | undefined,
): { expected?: string; did_you_mean?: string } {
  return words ? { expected: words.join(', '), ...meaning(nearestName(word, words) ?? null) } : {};
}

function meaning(word: string | null): { did_you_mean?: string } {
  return word === null ? {} : { did_you_mean: word };
}
