import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

export interface NewIngestRun {
  id: string;
  sourceId: string;
  /** Path or address, as the worker reaches it. */
  location: string;
  /** Mapping document given for this run; null when those shipped are picked row by row. */
  mapping: unknown;
  scrapedAt: Timestamp | null;
  shiftTo: Timestamp | null;
}

export interface IngestRun extends NewIngestRun {
  shiftMs: number | null;
  isSample: boolean;
  cursor: Readonly<Record<string, unknown>> | null;
  createdAt: Timestamp;
}

export async function insertIngestRun(db: Db, run: NewIngestRun): Promise<void> {
  await db.raw(
    `insert into ingest_runs (id, source_id, location, mapping, scraped_at, shift_to)
     values (:id, :sourceId, :location, :mapping, :scrapedAt, :shiftTo)`,
    { ...run, mapping: run.mapping === null ? null : JSON.stringify(run.mapping) },
  );
}

interface IngestRunRow {
  id: string;
  source_id: string;
  is_sample: boolean;
  location: string;
  mapping: unknown;
  scraped_at: Timestamp | null;
  shift_to: Timestamp | null;
  shift_ms: number | null;
  cursor: Readonly<Record<string, unknown>> | null;
  created_at: Timestamp;
}

/** @throws Error when there is no such run. */
export async function readIngestRun(db: Db, id: string): Promise<IngestRun> {
  const { rows } = await db.raw<{ rows: IngestRunRow[] }>(
    `select r.id, r.source_id, s.is_sample, r.location, r.mapping, r.scraped_at, r.shift_to, r.shift_ms, r.cursor,
            r.created_at
     from ingest_runs r join sources s on s.id = r.source_id
     where r.id = :id`,
    { id },
  );
  const row = rows[0];
  if (!row) throw new Error(`There is no ingest run ${id}.`);
  return {
    id: row.id,
    sourceId: row.source_id,
    isSample: row.is_sample,
    location: row.location,
    mapping: row.mapping,
    scrapedAt: row.scraped_at,
    shiftTo: row.shift_to,
    shiftMs: row.shift_ms,
    cursor: row.cursor,
    createdAt: row.created_at,
  };
}

/**
 * Shift of an earlier run of the same source over postings with the same newest time, made after `since`: a repeat keeps
 * it, so that repeating an ingest changes nothing.
 */
export async function findEarlierShift(
  db: Db,
  { sourceId, newestPostedOn, since }: { sourceId: string; newestPostedOn: Timestamp; since: Timestamp },
): Promise<number | null> {
  const { rows } = await db.raw<{ rows: { shift_ms: number }[] }>(
    `select shift_ms from ingest_runs
     where source_id = :sourceId and newest_posted_on = :newestPostedOn and shift_ms is not null and created_at > :since
     order by created_at desc limit 1`,
    { sourceId, newestPostedOn, since },
  );
  return rows[0]?.shift_ms ?? null;
}

export async function recordShift(
  db: Db,
  { runId, shiftMs, newestPostedOn }: { runId: string; shiftMs: number; newestPostedOn: Timestamp | null },
): Promise<void> {
  await db.raw(
    `update ingest_runs set shift_ms = :shiftMs, newest_posted_on = :newestPostedOn where id = :runId`,
    { runId, shiftMs, newestPostedOn },
  );
}

export async function finishIngestRun(
  db: Db,
  { runId, now }: { runId: string; now: Timestamp },
): Promise<void> {
  await db.raw(`update ingest_runs set finished_at = coalesce(finished_at, :now) where id = :runId`, {
    runId,
    now,
  });
}
