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
  /** JSON text on one line. */
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
  /** What the source's first page is to be asked by next time; undefined leaves what is known. */
  validators?: Readonly<Record<string, unknown>> | null;
}

/**
 * Stores a page as a batch and moves the run's cursor past it, both or neither; so too the cursor of a source that has a
 * schedule, which is back at the beginning after the last page. A second arrival of the same page (a retry
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
    await insertRawPostings(transaction, batch.id, batch.rows);
    await transaction.raw(`update ingest_runs set cursor = :cursor where id = :runId`, {
      cursor: JSON.stringify(batch.cursor),
      runId: batch.runId,
    });
    await transaction.raw(
      `update sources s
       set cursor = cast(:cursor as jsonb),
           validators = case when :keepsValidators then s.validators else cast(:validators as jsonb) end
       from ingest_runs r
       where r.id = :runId and r.is_scheduled and s.id = r.source_id
         and (s.location, s.mapping) is not distinct from (r.location, r.mapping)`,
      {
        cursor: batch.isLast ? null : JSON.stringify(batch.cursor),
        keepsValidators: batch.validators === undefined,
        validators: batch.validators ? JSON.stringify(batch.validators) : null,
        runId: batch.runId,
      },
    );
  });
}

const MAX_UNPUBLISHED = 100;

/** Batches of scheduled runs of the source that have not got as far as being published, oldest first; at most 100. */
export async function findUnpublishedBatches(db: Db, sourceId: string): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select b.id from batches b join ingest_runs r on r.id = b.run_id
     where b.source_id = :sourceId and b.published_at is null and b.row_count > 0 and r.is_scheduled
     order by b.received_at, b.sequence
     limit :limit`,
    { sourceId, limit: MAX_UNPUBLISHED },
  );
  return rows.map(({ id }) => id);
}

/** Batches that are published and were left unindexed, or are just being indexed, oldest first; at most so many. */
export async function findUnindexedBatches(db: Db, limit: number): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select id from batches where published_at is not null and indexed_at is null order by published_at, id limit :limit`,
    { limit },
  );
  return rows.map(({ id }) => id);
}

/** A batch that no mapping would take a single row of. */
export interface UnmappedBatch {
  sequence: number;
  rowCount: number;
  /** Why its first row was refused. */
  message: string;
}

/** The first batch of a run all of whose rows were refused for want of a mapping that fits. */
export async function findUnmappedBatch(db: Db, runId: string): Promise<UnmappedBatch | null> {
  const { rows } = await db.raw<{ rows: { sequence: number; row_count: number; message: string }[] }>(
    `select b.sequence, b.row_count, first.findings->0->>'message' as message
     from batches b
     join posting_outcomes first on first.batch_id = b.id and first.row_number = 1
     where b.run_id = :runId and not exists (
       select 1 from posting_outcomes o
       where o.batch_id = b.id and not o.rules && cast(:rules as text[])
     )
     order by b.sequence limit 1`,
    { runId, rules: ['mapping_mismatch', 'mapping_missing'] },
  );
  const row = rows[0];
  return row ? { sequence: row.sequence, rowCount: row.row_count, message: row.message } : null;
}

/** Stores the rows of a batch as received. */
export async function insertRawPostings(db: Db, batchId: string, rows: readonly RawPosting[]): Promise<void> {
  await db.raw(
    `insert into raw_postings (batch_id, row_number, payload, broken)
     select :batchId, r.row_number, cast(r.payload as json), r.broken
     from unnest(
       cast(:rowNumbers as int[]), string_to_array(:payloads, chr(10)), cast(:broken as text[])
     ) as r (row_number, payload, broken)`,
    {
      batchId,
      rowNumbers: rows.map((row) => row.rowNumber),
      // One text rather than an array, every element of which would have to be quoted: JSON has no line breaks of its own.
      payloads: rows.map((row) => row.payload).join('\n'),
      broken: rows.map((row) => row.broken),
    },
  );
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
