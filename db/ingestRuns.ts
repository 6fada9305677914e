import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import type { SourceKind } from './sources';

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
  /** Started by the source's schedule: its cursor is the source's too. */
  isScheduled: boolean;
  kind: SourceKind;
  /** How the source's pages follow each other. */
  options: Readonly<Record<string, unknown>>;
  /** By which the source's first page is asked whether it has changed. */
  validators: Readonly<Record<string, unknown>> | null;
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

/**
 * Opens the run of a scheduled source under its workflow's run id: it goes on where the source's cursor stands. A run that is
 * open already stays as it is; one that was ended from outside, and could not say so, is closed as failed.
 * @returns false when no operator has such a source (any more)
 */
export async function openScheduledRun(
  db: Db,
  { runId, sourceId, now }: { runId: string; sourceId: string; now: Timestamp },
): Promise<boolean> {
  return await db.transaction(async (transaction) => {
    const { rows } = await transaction.raw<{ rows: { id: string }[] }>(
      `insert into ingest_runs as r (id, source_id, location, mapping, cursor, is_scheduled)
       select :runId, id, location, mapping, cursor, true from sources
       where id = :sourceId and location is not null and added_at is not null and removed_at is null
       on conflict (id) do update set source_id = r.source_id
       returning id`,
      { runId, sourceId },
    );
    if (rows.length === 0) return false;
    await transaction.raw(
      `update ingest_runs
       set failed_at = :now, failure_type = 'interrupted', failure = 'The run was ended from outside before it was through.'
       where source_id = :sourceId and id <> :runId and is_scheduled and finished_at is null and failed_at is null`,
      { runId, sourceId, now },
    );
    return true;
  });
}

interface IngestRunRow {
  id: string;
  source_id: string;
  is_sample: boolean;
  is_scheduled: boolean;
  kind: SourceKind;
  options: Readonly<Record<string, unknown>>;
  validators: Readonly<Record<string, unknown>> | null;
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
    `select r.id, r.source_id, s.is_sample, r.is_scheduled, s.kind, s.options, s.validators, r.location, r.mapping,
            r.scraped_at, r.shift_to, r.shift_ms, r.cursor, r.created_at
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
    isScheduled: row.is_scheduled,
    kind: row.kind,
    options: row.options,
    validators: row.validators,
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

/** Closes a run that cannot go on, with the sentence that says why. What it has received stays. */
export async function failIngestRun(
  db: Db,
  { runId, type, message, now }: { runId: string; type: string; message: string; now: Timestamp },
): Promise<void> {
  await db.raw(
    `update ingest_runs
     set failed_at = coalesce(failed_at, :now), failure_type = :type, failure = :message, finished_at = null
     where id = :runId`,
    { runId, type, message, now },
  );
}
