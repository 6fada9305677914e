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

export function emptyCheck(): MappingCheck {
  return { mappings: {}, report: emptyReport(), fields: {} };
}

/** Takes one more row into the check. */
export function countRow(check: MappingCheck, verdict: RowVerdict): void {
  const mapping = verdict.mapping?.document.name ?? 'none';
  check.mappings[mapping] = (check.mappings[mapping] ?? 0) + 1;
  check.report = addReports(check.report, rowReport(verdict));
  const findings = verdict.accepted ? verdict.posting.findings : verdict.findings;
  if (verdict.accepted) {
    for (const field of JOB_FIELDS) {
      const value = verdict.posting.content[field];
      if (value === null || findings.some((finding) => finding.field === FIELD_NAMES[field])) continue;
      const count = fieldOf(check, FIELD_NAMES[field]);
      count.filled += 1;
      count.parsed += 1;
      addExample(count.examples, typeof value === 'string' ? value : JSON.stringify(value));
    }
  }
  for (const field of new Set(findings.filter(({ raw }) => raw !== null).map((finding) => finding.field))) {
    if (field === null) continue;
    const count = fieldOf(check, field);
    count.filled += 1;
    count.failed += 1;
    addExample(count.failed_examples, findings.find((finding) => finding.field === field)?.raw ?? '');
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

function fieldOf(check: MappingCheck, name: string): FieldCheck {
  return (check.fields[name] ??= { filled: 0, parsed: 0, failed: 0, examples: [], failed_examples: [] });
}

function addExample(examples: string[], value: string): void {
  const cut = value.slice(0, MAX_EXAMPLE_LENGTH);
  if (examples.length < EXAMPLES && !examples.includes(cut)) examples.push(cut);
}
