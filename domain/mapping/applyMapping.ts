import { emptyContent, FIELD_NAMES, type JobContent, type JobField } from '../job';
import type { Timestamp } from '../time';
import type { Finding } from '../verificationRules';
import { compileDocument } from './compileDocument';
import type { Attempt, RowContext } from './attempt';
import type { CompiledRule } from './compileRule';
import { faultReport } from './faultReport';
import type { MappedField } from './fields';
import { invalidMapping, type MappingDocument } from './mappingDocument';
import type { SourceRecord } from './record';

const POSTING_TIME = FIELD_NAMES.postedOn;

/** What a mapping made of one row. */
export interface MappedPosting {
  mappingName: string;
  /** Upwork's number, as the row states it. */
  uid: string | null;
  /** As the row states it, by itself or in its address. */
  ciphertext: string | null;
  /** Normalised: clean texts, lower-case labels, alpha-2 countries, minor units, times in UTC. */
  content: JobContent;
  /** When the row itself says it was seen or modified. */
  observedAt: Timestamp | null;
  /** Whether this kind of row has a description at all. */
  providesDescription: boolean;
  /** What could not be read, is unknown or contradicts itself. */
  findings: Finding[];
}

interface MappingContext {
  /** When the rows were seen, where a row does not say itself; relative times relate to it. */
  scrapedAt: Timestamp | null;
}

export interface CompiledMapping {
  document: MappingDocument;
  apply(record: SourceRecord, context: MappingContext): MappedPosting;
  /** Whether this is a row of the mapping's shape. */
  matches(record: SourceRecord): boolean;
  /** The required columns or fields that the row lacks, and those that it should lack; empty when it matches. */
  missing(record: SourceRecord): string[];
}

/**
 * Makes a mapping ready for many rows.
 * @throws AppError `invalid_parameter` for a document that `parseMappingDocument` refuses.
 */
export function compileMapping(document: MappingDocument): CompiledMapping {
  const report = faultReport();
  const compiled = compileDocument(document, report);
  if (report.faults.length > 0) throw invalidMapping(document, report);
  const { all, any, none, fields, observedAt, relativeTo } = compiled;
  const providesDescription = fields.some(({ field }) => field === 'description');

  const missing = (record: SourceRecord): string[] => {
    const absent = all.filter((path) => !path.exists(record)).map(({ source }) => source);
    const lacksAny = any.length > 0 && !any.some((path) => path.exists(record));
    const unwanted = none.filter((path) => path.exists(record));
    return [
      ...absent,
      ...(lacksAny ? [any.map(({ source }) => source).join(' or ')] : []),
      ...unwanted.map(({ source }) => `no ${source}`),
    ];
  };

  return {
    document,
    missing,
    matches: (record) => missing(record).length === 0,
    apply: (record, { scrapedAt }) => {
      const findings: Finding[] = [];
      const seenAt = resolve(observedAt, 'observed_at', record, { reference: null }, findings);
      const rowObservedAt = typeof seenAt === 'string' ? seenAt : null;
      const context: RowContext = { reference: rowObservedAt ?? scrapedAt ?? relativeTo };
      const values = new Map<MappedField, unknown>();
      for (const { field, name, rules } of fields)
        values.set(field, resolve(rules, name, record, context, findings));
      return {
        mappingName: document.name,
        ...identityAndContent(values, findings),
        observedAt: rowObservedAt,
        providesDescription,
        findings,
      };
    },
  };
}

function identityAndContent(
  values: Map<MappedField, unknown>,
  findings: Finding[],
): Pick<MappedPosting, 'uid' | 'ciphertext' | 'content'> {
  const textAt = (field: MappedField): string | null => {
    const value = values.get(field);
    return typeof value === 'string' ? value : null;
  };
  const uid = textAt('uid');
  const stated = textAt('ciphertext');
  const inUrl = textAt('url');
  if (stated !== null && inUrl !== null && stated !== inUrl && stated.slice(0, 3) === inUrl.slice(0, 3)) {
    findings.push({
      rule: 'identity_conflict',
      field: 'url',
      raw: inUrl,
      message: `url names the posting ${inUrl}, the ciphertext is ${stated}`,
    });
  }
  const ciphertext = stated ?? inUrl;
  values.delete('uid');
  values.delete('url');
  // Only as stated: one made of the uid would take the place of a `~01` that another row states.
  values.set('ciphertext', ciphertext);
  const content = emptyContent();
  Object.assign(content, Object.fromEntries(values as Map<JobField, unknown>));
  return { uid, ciphertext, content };
}

/**
 * The value of the first rule that yields one. Faults of the rules before it are kept, unless the value was read from the very same
 * text: then that text was only tried in several ways.
 */
function resolve(
  rules: readonly CompiledRule[],
  name: string,
  record: SourceRecord,
  context: RowContext,
  findings: Finding[],
): unknown {
  let tentative: Attempt | null = null;
  const failures: Attempt[] = [];
  let found: Attempt | null = null;
  for (const rule of rules) {
    const attempt = rule(record, context);
    if (attempt.value === null) {
      if (attempt.faults.length > 0) failures.push(attempt);
    } else if (attempt.isTentative) {
      tentative ??= attempt;
    } else {
      found = attempt;
      break;
    }
  }
  const chosen = found ?? tentative;
  for (const failure of failures) {
    if (chosen && chosen.raw === failure.raw) continue;
    for (const { rule, raw, message } of failure.faults) {
      // Only where the posting time hangs on it does a time that cannot be resolved reject the posting.
      const isSoft = rule === 'posting_time_unresolvable' && (name !== POSTING_TIME || chosen !== null);
      addFinding(findings, {
        rule: isSoft ? 'value_unparsed' : rule,
        field: name,
        raw,
        message: `${name} ${message}`,
      });
    }
  }
  for (const { rule, raw, message } of chosen?.faults ?? []) {
    addFinding(findings, { rule, field: name, raw, message: `${name} ${message}` });
  }
  return chosen?.value ?? null;
}

/** Two rules that fail alike on the same text say it once. */
function addFinding(findings: Finding[], finding: Finding): void {
  const isKnown = findings.some(
    (known) => known.field === finding.field && known.rule === finding.rule && known.raw === finding.raw,
  );
  if (!isKnown) findings.push(finding);
}
