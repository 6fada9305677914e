import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

export interface Batch {
  id: string;
  runId: string;
  sourceId: string;
  rowCount: number;
  isLast: boolean;
  /** When its rows were seen, where a row does not say itself. */
  seenAt: Timestamp;
  verifiedAt: Timestamp | null;
  publishedAt: Timestamp | null;
}

interface BatchRow {
  id: string;
  run_id: string;
  source_id: string;
  row_count: number;
  is_last: boolean;
  seen_at: Timestamp;
  verified_at: Timestamp | null;
  published_at: Timestamp | null;
}

const BATCH_COLUMNS = 'id, run_id, source_id, row_count, is_last, seen_at, verified_at, published_at';

function toBatch(row: BatchRow): Batch {
  return {
    id: row.id,
    runId: row.run_id,
    sourceId: row.source_id,
    rowCount: row.row_count,
    isLast: row.is_last,
    seenAt: row.seen_at,
    verifiedAt: row.verified_at,
    publishedAt: row.published_at,
  };
}

/** A row as it was received: its JSON, or the text of one that could not be read, with the reason. */
export interface RawPosting {
  rowNumber: number;
  /** JSON text. */
  payload: string;
  broken: string | null;
}

/** The batch of a run with this number, if it was received before. */
export async function findBatch(db: Db, runId: string, sequence: number): Promise<Batch | null> {
  const { rows } = await db.raw<{ rows: BatchRow[] }>(
    `select ${BATCH_COLUMNS} from batches where run_id = :runId and sequence = :sequence`,
    { runId, sequence },
  );
  return rows[0] ? toBatch(rows[0]) : null;
}

/** @throws Error when there is no such batch. */
export async function readBatch(db: Db, id: string, { lock = false } = {}): Promise<Batch> {
  const { rows } = await db.raw<{ rows: BatchRow[] }>(
    `select ${BATCH_COLUMNS} from batches where id = :id ${lock ? 'for update' : ''}`,
    { id },
  );
  if (!rows[0]) throw new Error(`There is no batch ${id}.`);
  return toBatch(rows[0]);
}

export interface NewBatch {
  id: string;
  runId: string;
  sourceId: string;
  sequence: number;
  isLast: boolean;
  seenAt: Timestamp;
  rows: RawPosting[];
  /** Where the source goes on after this batch. */
  cursor: Readonly<Record<string, unknown>>;
}

/**
 * Stores a page as a batch and moves the run's cursor past it, both or neither. A second arrival of the same page (a retry
 * whose first answer was lost) leaves everything as it is.
 */
export async function insertBatch(db: Db, batch: NewBatch): Promise<void> {
  await db.transaction(async (transaction) => {
    const { rowCount } = await transaction.raw<{ rowCount: number }>(
      `insert into batches (id, run_id, source_id, sequence, row_count, is_last, seen_at)
       values (:id, :runId, :sourceId, :sequence, :rowCount, :isLast, :seenAt)
       on conflict do nothing`,
      {
        id: batch.id,
        runId: batch.runId,
        sourceId: batch.sourceId,
        sequence: batch.sequence,
        rowCount: batch.rows.length,
        isLast: batch.isLast,
        seenAt: batch.seenAt,
      },
    );
    if (rowCount === 0) return;
    await transaction.raw(
      `insert into raw_postings (batch_id, row_number, payload, broken)
       select :batchId, r.row_number, r.payload::json, r.broken
       from unnest(cast(:rowNumbers as int[]), cast(:payloads as text[]), cast(:broken as text[])) as r (row_number, payload, broken)`,
      {
        batchId: batch.id,
        rowNumbers: batch.rows.map((row) => row.rowNumber),
        payloads: batch.rows.map((row) => row.payload),
        broken: batch.rows.map((row) => row.broken),
      },
    );
    await transaction.raw(`update ingest_runs set cursor = :cursor where id = :runId`, {
      cursor: JSON.stringify(batch.cursor),
      runId: batch.runId,
    });
  });
}

export interface StoredRawPosting {
  rowNumber: number;
  payload: unknown;
  broken: string | null;
}

export async function readRawPostings(db: Db, batchId: string): Promise<StoredRawPosting[]> {
  const { rows } = await db.raw<{ rows: { row_number: number; payload: unknown; broken: string | null }[] }>(
    `select row_number, payload, broken from raw_postings where batch_id = :batchId order by row_number`,
    { batchId },
  );
  return rows.map((row) => ({ rowNumber: row.row_number, payload: row.payload, broken: row.broken }));
}

/** Marks a stage of a batch as done, in the transaction that did it. */
export async function markBatch(
  db: Db,
  batchId: string,
  stage: 'verified_at' | 'published_at' | 'indexed_at',
  now: Timestamp,
): Promise<void> {
  await db.raw(`update batches set ?? = ? where id = ?`, [stage, now, batchId]);
}
