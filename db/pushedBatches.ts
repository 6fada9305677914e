import { insertRawPostings, type RawPosting } from './batches';
import type { Db } from './connection';
import { insertVerdicts, type JudgedRow } from './verdicts';
import type { Timestamp } from '../domain/time';

/** Where the runs that collect pushed batches say that they read. */
const PUSHED = 'push';

/** A posting as it was pushed, with what verification made of it. */
export type PushedRow = RawPosting & JudgedRow;

export interface NewPushedBatch {
  sourceId: string;
  /** The source's own mapping document, noted with the run; null when it has none. */
  mapping: unknown;
  rows: readonly PushedRow[];
  /** When the postings arrived: they count as received, seen and verified then. */
  now: Timestamp;
}

/** A pushed batch as the process that takes it further needs to know it. */
export interface PushedBatch {
  batchId: string;
  sourceId: string;
  rowCount: number;
}

/**
 * Stores what one call has pushed as a verified batch; belongs into a transaction. What a source pushes in a day (UTC) is one run,
 * finished as of the last push, whose row is held until the transaction ends: pushes of one source are stored one after another.
 */
export async function insertPushedBatch(
  db: Db,
  { sourceId, mapping, rows, now }: NewPushedBatch,
): Promise<PushedBatch> {
  const runId = `push-${sourceId}-${now.slice(0, 10)}`;
  const sequence = await takeSequence(db, { runId, sourceId, mapping, now });
  const batchId = `${runId}-${String(sequence).padStart(5, '0')}`;
  await db.raw(
    `insert into batches (id, run_id, source_id, sequence, row_count, is_last, seen_at, received_at, verified_at)
     values (:batchId, :runId, :sourceId, :sequence, :rowCount, false, :now, :now, :now)`,
    { batchId, runId, sourceId, sequence, rowCount: rows.length, now },
  );
  await insertRawPostings(db, batchId, rows);
  await insertVerdicts(db, batchId, rows, now);
  return { batchId, sourceId, rowCount: rows.length };
}

/** Number of the run's next batch. */
async function takeSequence(
  db: Db,
  { runId, sourceId, mapping, now }: { runId: string; sourceId: string; mapping: unknown; now: Timestamp },
): Promise<number> {
  const { rows } = await db.raw<{ rows: { pushed_batches: number }[] }>(
    `insert into ingest_runs (id, source_id, location, mapping, created_at, finished_at, pushed_batches)
     values (:runId, :sourceId, :location, :mapping, :now, :now, 1)
     on conflict (id) do update
       set pushed_batches = ingest_runs.pushed_batches + 1, mapping = excluded.mapping,
           finished_at = excluded.finished_at
     returning pushed_batches`,
    { runId, sourceId, location: PUSHED, mapping: mapping === null ? null : JSON.stringify(mapping), now },
  );
  if (!rows[0]) throw new Error(`Run ${runId} could not be opened.`);
  return rows[0].pushed_batches - 1;
}

/** Batches of the source that are not published yet, counted up to `most`. */
export async function countUnpublished(db: Db, sourceId: string, most: number): Promise<number> {
  const { rows } = await db.raw<{ rows: { count: number }[] }>(
    `select count(*) as count from (
       select from batches
       where source_id = :sourceId and published_at is null and row_count > 0 limit cast(:most as int)
     ) as unpublished`,
    { sourceId, most },
  );
  return rows[0]?.count ?? 0;
}

/**
 * Pushed batches that arrived before `receivedBefore` and are not published, oldest first, at most `most`, in order of `id` after
 * `afterId` (`''` to begin).
 */
export async function listUnpublishedPushes(
  db: Db,
  { receivedBefore, afterId, most }: { receivedBefore: Timestamp; afterId: string; most: number },
): Promise<PushedBatch[]> {
  const { rows } = await db.raw<{ rows: { id: string; source_id: string; row_count: number }[] }>(
    `select b.id, b.source_id, b.row_count
     from batches b join ingest_runs r on r.id = b.run_id
     where b.published_at is null and b.row_count > 0 and b.received_at < :receivedBefore
       and r.location = :location and b.id > :afterId
     order by b.id limit :most`,
    { receivedBefore, location: PUSHED, afterId, most },
  );
  return rows.map((row) => ({ batchId: row.id, sourceId: row.source_id, rowCount: row.row_count }));
}
