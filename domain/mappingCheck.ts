import { FIELD_NAMES, JOB_FIELDS } from './job';
import { addReports, emptyReport, type IngestReport } from './outcome';
import type { RowVerdict } from './rowVerification';

const EXAMPLES = 3;
const MAX_EXAMPLE_LENGTH = 120;

/** How one field came through the mapping over all rows. */
export interface FieldCheck {
  /** Rows that give the field a value. */
  filled: number;
  /** Of these, rows whose value was understood. */
  parsed: number;
  /** Of these, rows whose value was not. */
  failed: number;
  /** Up to three values as understood, and up to three as received that were not. */
  examples: string[];
  failed_examples: string[];
}

/** What a run over these rows would come to, without storing anything. Identity across rows is not looked at. */
export interface MappingCheck {
  /** Rows per mapping; `none` for rows that no mapping was applied to. */
  mappings: Record<string, number>;
  report: IngestReport;
  fields: Record<string, FieldCheck>;
}

/** A check of no rows yet, with every field in its place. */
export function emptyCheck(): MappingCheck {
  const fields = JOB_FIELDS.map((field) => [FIELD_NAMES[field], emptyFieldCheck()] as const);
  return { mappings: {}, report: emptyReport(), fields: Object.fromEntries(fields) };
}

function emptyFieldCheck(): FieldCheck {
  return { filled: 0, parsed: 0, failed: 0, examples: [], failed_examples: [] };
}

/** Takes one more row into the check. */
export function countRow(check: MappingCheck, verdict: RowVerdict): void {
  const mapping = verdict.mapping?.document.name ?? 'none';
  check.mappings[mapping] = (check.mappings[mapping] ?? 0) + 1;
  check.report = addReports(check.report, rowReport(verdict));

  const { content, findings } = verdict.accepted ? verdict.posting : verdict;
  const failures = new Map(
    findings.flatMap(({ field, raw }) => (field === null || raw === null ? [] : [[field, raw] as const])),
  );
  for (const [field, raw] of failures) {
    const count = (check.fields[field] ??= emptyFieldCheck());
    count.filled += 1;
    count.failed += 1;
    addExample(count.failed_examples, raw);
  }
  for (const field of JOB_FIELDS) {
    const value = content?.[field] ?? null;
    const count = check.fields[FIELD_NAMES[field]];
    if (value === null || count === undefined || failures.has(FIELD_NAMES[field])) continue;
    count.filled += 1;
    count.parsed += 1;
    addExample(count.examples, typeof value === 'string' ? value : JSON.stringify(value));
  }
}

function rowReport(verdict: RowVerdict): IngestReport {
  if (verdict.accepted) return { ...emptyReport(), received: 1, accepted: 1 };
  return {
    ...emptyReport(),
    received: 1,
    rejected: 1,
    reasons: Object.fromEntries(verdict.rules.map((rule) => [rule, 1])),
  };
}

function addExample(examples: string[], value: string): void {
  const cut = value.slice(0, MAX_EXAMPLE_LENGTH).replace(/\s+/g, ' ');
  if (examples.length < EXAMPLES && !examples.includes(cut)) examples.push(cut);
}
