import type { Hash } from './identity';
import type { CompiledMapping } from './mapping/applyMapping';
import { pickMapping } from './mapping/pickMapping';
import type { SourceRecord } from './mapping/record';
import type { Identity } from './identity';
import type { JobContent } from './job';
import { newJobId } from './publishing';
import { storableText } from './text';
import { addMillis, type Timestamp } from './time';
import { verify } from './verification';
import { type Finding, type RuleId, RULES } from './verificationRules';

export interface RowContext {
  mappings: readonly CompiledMapping[];
  /** The mapping was given for this run: it alone applies, and a row it does not fit is refused. */
  given: boolean;
  now: Timestamp;
  sourceId: string;
  /** `--scraped-at`: when the rows were observed, where they do not say. */
  scrapedAt: Timestamp | null;
  /** File modification time or response date: the last resort for the same. */
  seenAt: Timestamp;
  /** Moves the times of all postings; the newest is then at `to`. */
  shift: { ms: number; to: Timestamp } | null;
  hash: Hash;
}

export interface AcceptedPosting {
  mappingName: string;
  observedAt: Timestamp;
  identities: Identity[];
  content: JobContent;
  flags: string[];
  qualityScore: number;
  findings: Finding[];
}

export type RowVerdict =
  | { accepted: true; posting: AcceptedPosting; mapping: CompiledMapping }
  | {
      accepted: false;
      rules: RuleId[];
      findings: Finding[];
      /** The job it would have become; null when it states no identity. */
      jobId: string | null;
      /** What the mapping made of the row, and which mapping it was; null where none was applied. */
      content: JobContent | null;
      mapping: CompiledMapping | null;
    };

/** From a row as received to a posting that may be published, or to the reasons why it may not. */
export function verifyRow(
  row: { record: SourceRecord | null; broken: string | null },
  context: RowContext,
): RowVerdict {
  if (row.record === null) return refuse('row_malformed', row.broken ?? RULES.row_malformed.summary);
  if (isEmptyRecord(row.record)) return refuse('row_empty', RULES.row_empty.summary);
  const mapping = pickMapping(context.mappings, row.record);
  if (!mapping) return refuseUnmapped(row.record, context);

  const mapped = mapping.apply(row.record, { scrapedAt: context.scrapedAt });
  const verification = verify(mapped, {
    now: context.now,
    sourceId: context.sourceId,
    shiftMs: context.shift?.ms ?? 0,
    hash: context.hash,
  });
  const findings = verification.findings.map(storable);
  if (!verification.accepted) {
    const rules = [...new Set(findings.map((finding) => finding.rule))].filter((rule) => RULES[rule].hard);
    const { identities, content } = verification;
    const jobId = identities.length > 0 ? newJobId(identities) : null;
    return { accepted: false, rules, findings, jobId, content, mapping };
  }
  return {
    accepted: true,
    mapping,
    posting: {
      mappingName: mapping.document.name,
      observedAt: observationTime(mapped.observedAt, context),
      identities: verification.identities,
      content: verification.content,
      flags: verification.flags,
      qualityScore: verification.qualityScore,
      findings,
    },
  };
}

/**
 * A shifted run moves its observations along. Nothing was observed in the future: such a time would keep every real observation
 * after it from being newer.
 */
function observationTime(stated: Timestamp | null, { now, scrapedAt, seenAt, shift }: RowContext): Timestamp {
  const observedAt = stated ?? scrapedAt ?? seenAt;
  const latest = shift?.to ?? now;
  const shifted = shift ? addMillis(observedAt, shift.ms) : observedAt;
  return shifted < latest ? shifted : latest;
}

const MAX_NAMES_SHOWN = 30;

function refuseUnmapped(record: SourceRecord, { mappings, given }: RowContext): RowVerdict {
  const [mapping] = mappings;
  if (given && mapping) {
    const missing = mapping.missing(record).slice(0, MAX_NAMES_SHOWN).join(', ');
    return refuse(
      'mapping_mismatch',
      `The row lacks what mapping ${mapping.document.name} needs: ${missing}.`,
    );
  }
  const names = Object.keys(record).slice(0, MAX_NAMES_SHOWN).join(', ');
  return refuse('mapping_missing', `No mapping knows a row with these fields: ${names}.`);
}

function refuse(rule: RuleId, message: string): RowVerdict {
  return {
    accepted: false,
    rules: [rule],
    findings: [storable({ rule, field: null, raw: null, message })],
    jobId: null,
    content: null,
    mapping: null,
  };
}

/** Findings quote what was received: without what no database takes as text (NUL, halves of surrogate pairs). */
function storable({ rule, field, raw, message }: Finding): Finding {
  return { rule, field, raw: raw === null ? null : storableText(raw), message: storableText(message) };
}

function isEmptyRecord(record: SourceRecord): boolean {
  return Object.values(record).every(
    (value) => value === null || value === undefined || (typeof value === 'string' && value.trim() === ''),
  );
}
