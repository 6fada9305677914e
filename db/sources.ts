import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

export type SourceKind = 'file' | 'http' | 'upwork' | 'push';

type Json = Readonly<Record<string, unknown>>;

export interface Source {
  id: string;
  kind: SourceKind;
  /** Its postings are samples: seen by test keys, and by live keys only under `npm start`. */
  isSample: boolean;
}

/** A source as an operator added it. */
export interface AddedSource extends Source {
  /** Path or address that its runs read; null for push. */
  location: string | null;
  intervalSeconds: number;
  /** Its own mapping document; null: picked from those shipped, row by row. */
  mapping: unknown;
  /** How its pages follow each other (http). */
  options: Json;
  paused: boolean;
  addedAt: Timestamp;
}

interface SourceRow {
  id: string;
  kind: SourceKind;
  is_sample: boolean;
  location: string | null;
  interval_seconds: number;
  mapping: unknown;
  options: Json;
  paused: boolean;
  added_at: Timestamp;
}

const ADDED_COLUMNS = 'id, kind, is_sample, location, interval_seconds, mapping, options, paused, added_at';

function toAddedSource(row: SourceRow): AddedSource {
  return {
    id: row.id,
    kind: row.kind,
    isSample: row.is_sample,
    location: row.location,
    intervalSeconds: row.interval_seconds,
    mapping: row.mapping,
    options: row.options,
    paused: row.paused,
    addedAt: row.added_at,
  };
}

/**
 * Registers a source under its name. A name that is there already keeps its nature as a sample, and its kind too while an
 * operator has it added.
 */
export async function registerSource(db: Db, { id, kind, isSample }: Source): Promise<Source> {
  await db.raw(
    `insert into sources as s (id, kind, is_sample) values (:id, :kind, :isSample)
     on conflict (id) do update set kind = excluded.kind where s.added_at is null or s.removed_at is not null`,
    { id, kind, isSample },
  );
  const { rows } = await db.raw<{ rows: { id: string; kind: SourceKind; is_sample: boolean }[] }>(
    `select id, kind, is_sample from sources where id = :id`,
    { id },
  );
  const row = rows[0];
  if (!row) throw new Error(`Source ${id} vanished while it was registered.`);
  return { id: row.id, kind: row.kind, isSample: row.is_sample };
}

export type NewSource = Omit<AddedSource, 'isSample' | 'paused' | 'addedAt'> & { now: Timestamp };

/**
 * Adds a source, or changes the one of that name to what is given here. Where it is read from, or how, having changed, the
 * next run begins at the beginning; a pause stays, unless the source had been removed.
 */
export async function putSource(db: Db, { now, ...source }: NewSource): Promise<AddedSource> {
  const { rows } = await db.raw<{ rows: SourceRow[] }>(
    `insert into sources as s (id, kind, location, interval_seconds, mapping, options, added_at)
     values (:id, :kind, :location, :intervalSeconds, cast(:mapping as jsonb), cast(:options as jsonb), :now)
     on conflict (id) do update set
       kind = excluded.kind,
       location = excluded.location,
       interval_seconds = excluded.interval_seconds,
       mapping = excluded.mapping,
       options = excluded.options,
       cursor = case when
         (s.kind, s.location, s.mapping, s.options) is not distinct from
         (excluded.kind, excluded.location, excluded.mapping, excluded.options)
         and s.removed_at is null then s.cursor end,
       validators = case when
         (s.kind, s.location, s.mapping, s.options) is not distinct from
         (excluded.kind, excluded.location, excluded.mapping, excluded.options)
         and s.removed_at is null then s.validators end,
       paused = s.paused and s.removed_at is null,
       added_at = case when s.removed_at is null then coalesce(s.added_at, excluded.added_at) else excluded.added_at end,
       removed_at = null
     returning ${ADDED_COLUMNS}`,
    {
      id: source.id,
      kind: source.kind,
      location: source.location,
      intervalSeconds: source.intervalSeconds,
      mapping: source.mapping === null ? null : JSON.stringify(source.mapping),
      options: JSON.stringify(source.options),
      now,
    },
  );
  if (!rows[0]) throw new Error(`Source ${source.id} vanished while it was added.`);
  return toAddedSource(rows[0]);
}

/** The source of that name, if an operator added it and has not removed it. */
export async function findAddedSource(db: Db, id: string): Promise<AddedSource | null> {
  const { rows } = await db.raw<{ rows: SourceRow[] }>(
    `select ${ADDED_COLUMNS} from sources where id = :id and added_at is not null and removed_at is null`,
    { id },
  );
  return rows[0] ? toAddedSource(rows[0]) : null;
}

/** A source and what became of its last run. */
export interface ListedSource extends AddedSource {
  lastRun: {
    startedAt: Timestamp;
    /** Null while it is under way. */
    endedAt: Timestamp | null;
    /** The sentence in which it failed. */
    failure: string | null;
    rows: number;
  } | null;
}

interface ListedSourceRow extends SourceRow {
  run_started_at: Timestamp | null;
  run_ended_at: Timestamp | null;
  run_failure: string | null;
  run_rows: number | null;
}

const MAX_LISTED = 1_000;

/** The sources that operators have added, by name. */
export async function listAddedSources(db: Db): Promise<ListedSource[]> {
  const { rows } = await db.raw<{ rows: ListedSourceRow[] }>(
    `select s.id, s.kind, s.is_sample, s.location, s.interval_seconds, s.mapping, s.options, s.paused, s.added_at,
            r.created_at as run_started_at, coalesce(r.finished_at, r.failed_at) as run_ended_at, r.failure as run_failure,
            (select sum(b.row_count) from batches b where b.run_id = r.id) as run_rows
     from sources s
     left join lateral (
       select id, created_at, finished_at, failed_at, failure from ingest_runs
       where source_id = s.id order by created_at desc limit 1
     ) r on true
     where s.added_at is not null and s.removed_at is null
     order by s.id
     limit :limit`,
    { limit: MAX_LISTED },
  );
  return rows.map((row) => ({
    ...toAddedSource(row),
    lastRun:
      row.run_started_at === null
        ? null
        : {
            startedAt: row.run_started_at,
            endedAt: row.run_ended_at,
            failure: row.run_failure,
            rows: row.run_rows ?? 0,
          },
  }));
}

/** Pauses a source or lets it go on. Null when there is none of that name. */
export async function setSourcePaused(db: Db, id: string, paused: boolean): Promise<AddedSource | null> {
  const { rows } = await db.raw<{ rows: SourceRow[] }>(
    `update sources set paused = :paused
     where id = :id and added_at is not null and removed_at is null
     returning ${ADDED_COLUMNS}`,
    { id, paused },
  );
  return rows[0] ? toAddedSource(rows[0]) : null;
}

/** Takes a source off the list; its jobs and its runs stay. False when none of that name was ever added. */
export async function removeSource(db: Db, id: string, now: Timestamp): Promise<boolean> {
  const { rowCount } = await db.raw<{ rowCount: number }>(
    `update sources set removed_at = coalesce(removed_at, :now) where id = :id and added_at is not null`,
    { id, now },
  );
  return rowCount > 0;
}

/** Lets the next scheduled run of a source begin at the beginning, and read its first page whatever it was. */
export async function restartSource(db: Db, id: string): Promise<void> {
  await db.raw(`update sources set cursor = null, validators = null where id = :id`, { id });
}
