import type { RowVerdict } from '../domain/rowVerification';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import {
  insertOutcomes,
  insertVerifiedPostings,
  type PostingOutcome,
  type VerifiedPosting,
} from './postings';

/** What verification made of a row of a batch. */
export interface JudgedRow {
  rowNumber: number;
  verdict: RowVerdict;
}

/**
 * Stores what verification made of a batch's rows: those that passed wait to be published, those refused get their outcome
 * with all reasons. Belongs into the transaction that sets the batch's `verified_at`.
 */
export async function insertVerdicts(
  db: Db,
  batchId: string,
  rows: readonly JudgedRow[],
  decidedAt: Timestamp,
): Promise<void> {
  const verified: VerifiedPosting[] = [];
  const refused: PostingOutcome[] = [];
  for (const { rowNumber, verdict } of rows) {
    if (verdict.accepted) {
      verified.push({ rowNumber, ...verdict.posting });
      continue;
    }
    const { jobId, rules, findings } = verdict;
    refused.push({ rowNumber, outcome: 'rejected', jobId, rules, findings });
  }
  await insertVerifiedPostings(db, batchId, verified);
  await insertOutcomes(db, batchId, refused, decidedAt);
}

/** Rows of a verified batch that passed and that were refused. */
export async function countVerdicts(
  db: Db,
  batchId: string,
): Promise<{ verified: number; rejected: number }> {
  const { rows } = await db.raw<{ rows: { verified: number; rejected: number }[] }>(
    `select v.verified, b.row_count - v.verified as rejected
     from batches b, (select count(*) as verified from verified_postings where batch_id = :batchId) as v
     where b.id = :batchId`,
    { batchId },
  );
  return rows[0] ?? { verified: 0, rejected: 0 };
}
