import type { Identity } from '../domain/identity';
import { fullContent, type JobContent, knownContent } from '../domain/job';
import { duplicateBands } from '../domain/nearDuplicate';
import type { Outcome } from '../domain/outcome';
import type { SignalHit } from '../domain/screening/signals';
import type { Timestamp } from '../domain/time';
import type { Finding } from '../domain/verificationRules';
import type { Db } from './connection';
import { writeInSlices } from './slices';

/** A posting that passed verification, waiting to be published. */
export interface VerifiedPosting {
  rowNumber: number;
  mappingName: string;
  observedAt: Timestamp;
  identities: Identity[];
  content: JobContent;
  flags: string[];
  findings: Finding[];
}

/** A verified posting with the bands by which its near duplicates are found. */
export interface StoredPosting extends VerifiedPosting {
  textBands: string[];
}

export interface PostingOutcome {
  rowNumber: number;
  outcome: Outcome;
  /** The job it belongs to, or would have become; null when it has no identity. */
  jobId: string | null;
  rules: string[];
  findings: Finding[];
}

export async function insertVerifiedPostings(
  db: Db,
  batchId: string,
  postings: VerifiedPosting[],
): Promise<void> {
  await writeInSlices(postings, toVerifiedRecord, (records) =>
    db.raw(
      `insert into verified_postings
         (batch_id, row_number, mapping_name, observed_at, identities, content, flags, findings, text_bands)
       select :batchId, p.* from json_to_recordset(cast(:records as json)) as p
         (row_number int, mapping_name text, observed_at timestamptz, identities json, content json, flags text[],
          findings json, text_bands text[])`,
      { batchId, records },
    ),
  );
}

function toVerifiedRecord(posting: VerifiedPosting): object {
  const { title, description } = posting.content;
  return {
    row_number: posting.rowNumber,
    mapping_name: posting.mappingName,
    observed_at: posting.observedAt,
    identities: posting.identities,
    content: knownContent(posting.content),
    flags: posting.flags,
    findings: posting.findings,
    text_bands: duplicateBands({ title: title ?? '', description }),
  };
}

interface VerifiedPostingRow {
  row_number: number;
  mapping_name: string;
  observed_at: Timestamp;
  identities: Identity[];
  content: Partial<JobContent>;
  flags: string[];
  findings: Finding[];
  text_bands: string[];
}

/** The batch's verified postings that have no outcome yet, in the order of the source. */
export async function readUndecidedPostings(db: Db, batchId: string): Promise<StoredPosting[]> {
  const { rows } = await db.raw<{ rows: VerifiedPostingRow[] }>(
    `select v.row_number, v.mapping_name, v.observed_at, v.identities, v.content, v.flags, v.findings,
            v.text_bands
     from verified_postings v
     left join posting_outcomes o on o.batch_id = v.batch_id and o.row_number = v.row_number
     where v.batch_id = :batchId and o.batch_id is null
     order by v.row_number`,
    { batchId },
  );
  return rows.map(toPosting);
}

function toPosting(row: VerifiedPostingRow): StoredPosting {
  return {
    rowNumber: row.row_number,
    mappingName: row.mapping_name,
    observedAt: row.observed_at,
    identities: row.identities,
    content: fullContent(row.content),
    flags: row.flags,
    findings: row.findings,
    textBands: row.text_bands,
  };
}

export async function insertOutcomes(
  db: Db,
  batchId: string,
  outcomes: PostingOutcome[],
  decidedAt: Timestamp,
): Promise<void> {
  if (outcomes.length === 0) return;
  await db.raw(
    `insert into posting_outcomes (batch_id, row_number, outcome, job_id, rules, findings, decided_at)
     select :batchId, o.*, cast(:decidedAt as timestamptz) from json_to_recordset(cast(:outcomes as json)) as o
       (row_number int, outcome text, job_id text, rules text[], findings json)`,
    {
      batchId,
      decidedAt,
      outcomes: JSON.stringify(
        outcomes.map(({ rowNumber, outcome, jobId, rules, findings }) => ({
          row_number: rowNumber,
          outcome,
          job_id: jobId,
          rules,
          findings,
        })),
      ),
    },
  );
}

/** Rows per outcome, and refused or held rows per rule: sums over what is stored. */
export async function countOutcomes(
  db: Db,
  scope: { batchId: string } | { runId: string } | 'everything',
): Promise<{ outcomes: { outcome: Outcome; rows: number }[]; reasons: { rule: string; rows: number }[] }> {
  const [condition, value] =
    scope === 'everything'
      ? ['true', null]
      : 'batchId' in scope
        ? ['o.batch_id = :value', scope.batchId]
        : ['o.batch_id in (select id from batches where run_id = :value)', scope.runId];
  const bindings = value === null ? {} : { value };
  const outcomes = await db.raw<{ rows: { outcome: Outcome; rows: number }[] }>(
    `select outcome, count(*) as rows from posting_outcomes o where ${condition} group by outcome`,
    bindings,
  );
  const reasons = await db.raw<{ rows: { rule: string; rows: number }[] }>(
    `select rule, count(*) as rows from posting_outcomes o, unnest(o.rules) as rule
     where ${condition} and o.outcome in ('rejected', 'quarantined', 'duplicate')
     group by rule order by rows desc, rule`,
    bindings,
  );
  return { outcomes: outcomes.rows, reasons: reasons.rows };
}

/**
 * Jobs of the batch's postings, those folded with them and those it changed besides, whose present version the index does not
 * hold, whoever made that version.
 */
export async function jobIdsToIndex(db: Db, batchId: string): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `with touched as (
       select id, duplicate_of from jobs
       where id in (select job_id from posting_outcomes where batch_id = :batchId and job_id is not null)
     ), concerned as (
       select id from touched
       union select duplicate_of from touched where duplicate_of is not null
       union select jobs.id from jobs join touched on jobs.duplicate_of = touched.id
       -- Jobs of other batches that publishing this one changed: flagged, hidden, shown again.
       union select jobs.id from jobs join batches on jobs.updated_at = batches.published_at where batches.id = :batchId
     )
     select j.id from jobs j
     join concerned on concerned.id = j.id
     left join job_index_state s on s.job_id = j.id
     where s.indexed_version is distinct from j.version
     order by j.id`,
    { batchId },
  );
  return rows.map((row) => row.id);
}

export interface VerdictRow {
  batchId: string;
  rowNumber: number;
  sourceId: string;
  outcome: Outcome;
  rules: string[];
  findings: Finding[];
  decidedAt: Timestamp;
  observedAt: Timestamp | null;
  mappingName: string | null;
  /** What screening saw in it; null when it saw nothing. */
  screening: { verdict: string; score: number; modelVersion: string; signals: SignalHit[] } | null;
}

/** Every verdict on the postings of a job, or on those that did not become one, oldest first; at most 1,000. */
export async function readVerdicts(db: Db, jobIds: readonly string[]): Promise<VerdictRow[]> {
  const { rows } = await db.raw<{
    rows: {
      batch_id: string;
      row_number: number;
      source_id: string;
      outcome: Outcome;
      rules: string[];
      findings: Finding[];
      decided_at: Timestamp;
      observed_at: Timestamp | null;
      mapping_name: string | null;
      screening: VerdictRow['screening'];
    }[];
  }>(
    `select o.batch_id, o.row_number, b.source_id, o.outcome, o.rules, o.findings, o.decided_at, v.observed_at,
            v.mapping_name,
            case when s.batch_id is not null then json_build_object(
              'verdict', s.verdict, 'score', s.score, 'modelVersion', s.model_version, 'signals', s.signals
            ) end as screening
     from posting_outcomes o
     join batches b on b.id = o.batch_id
     left join verified_postings v on v.batch_id = o.batch_id and v.row_number = o.row_number
     left join screening_verdicts s on s.batch_id = o.batch_id and s.row_number = o.row_number
     where o.job_id = any(cast(:jobIds as text[]))
     order by o.decided_at, o.batch_id, o.row_number
     limit 1000`,
    { jobIds },
  );
  return rows.map((row) => ({
    batchId: row.batch_id,
    rowNumber: row.row_number,
    sourceId: row.source_id,
    outcome: row.outcome,
    rules: row.rules,
    findings: row.findings,
    decidedAt: row.decided_at,
    observedAt: row.observed_at,
    mappingName: row.mapping_name,
    screening: row.screening,
  }));
}

/** A verified posting, whatever its outcome; null when the row did not pass verification. */
export async function readPosting(db: Db, batchId: string, rowNumber: number): Promise<StoredPosting | null> {
  const { rows } = await db.raw<{ rows: VerifiedPostingRow[] }>(
    `select row_number, mapping_name, observed_at, identities, content, flags, findings, text_bands
     from verified_postings where batch_id = :batchId and row_number = :rowNumber`,
    { batchId, rowNumber },
  );
  return rows[0] ? toPosting(rows[0]) : null;
}

/** Takes a row's outcome back, for another to be decided in the same transaction. */
export async function deleteOutcome(db: Db, batchId: string, rowNumber: number): Promise<void> {
  await db.raw(`delete from posting_outcomes where batch_id = :batchId and row_number = :rowNumber`, {
    batchId,
    rowNumber,
  });
}
