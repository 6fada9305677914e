import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

/** More are not told of one by one. */
const MAX_SOURCES = 100;
/** Of the latest changes so many are compared with what the index holds. */
const MAX_COMPARED = 5_000;

/** So much waits, the oldest of it since then. */
export interface Backlog {
  waiting: number;
  /** Null when nothing waits. */
  oldestAt: Timestamp | null;
}

export interface SourceBacklog extends Backlog {
  sourceId: string;
  /** When a batch of it was last published; null when none ever was, and for a source that is not to bring anything now. */
  publishedAt: Timestamp | null;
}

/** What is on its way through the platform. */
export interface Backlogs {
  /** Batches that were received and are not published; of the sources that operators have added, and of others with any. */
  sources: SourceBacklog[];
  /** Postings that wait for an operator. */
  quarantine: Backlog;
  /** Batches that were published and whose jobs the index does not hold yet. */
  index: Backlog;
  /** Of the 5,000 jobs that changed last, those of which the index has an older version, or none. */
  staleJobs: number;
}

/** Reads off indexes alone, whatever the number of jobs. */
export async function readBacklogs(db: Db): Promise<Backlogs> {
  return {
    sources: await readSourceBacklogs(db),
    quarantine: await readBacklog(
      db,
      `select count(*) as waiting, min(held_at) as oldest_at from quarantined_postings where state = 'pending'`,
    ),
    index: await readBacklog(
      db,
      `select count(*) as waiting, min(published_at) as oldest_at from batches
       where published_at is not null and indexed_at is null`,
    ),
    staleJobs: await countStaleJobs(db),
  };
}

interface BacklogRow {
  waiting: number;
  oldest_at: Timestamp | null;
}

async function readBacklog(db: Db, statement: string): Promise<Backlog> {
  const { rows } = await db.raw<{ rows: BacklogRow[] }>(statement);
  return { waiting: rows[0]?.waiting ?? 0, oldestAt: rows[0]?.oldest_at ?? null };
}

async function readSourceBacklogs(db: Db): Promise<SourceBacklog[]> {
  const { rows } = await db.raw<{
    rows: (BacklogRow & { source_id: string; published_at: Timestamp | null })[];
  }>(
    `select s.id as source_id, w.waiting, w.oldest_at, p.published_at
     from sources s
     cross join lateral (
       select s.added_at is not null and s.removed_at is null as is_added
     ) a
     cross join lateral (
       select count(*) as waiting, min(received_at) as oldest_at from batches
       where source_id = s.id and published_at is null and row_count > 0
     ) w
     left join lateral (
       select published_at from batches
       where a.is_added and not s.paused and source_id = s.id and published_at is not null
       order by published_at desc limit 1
     ) p on true
     where a.is_added or w.waiting > 0
     order by w.waiting desc, s.id
     limit :limit`,
    { limit: MAX_SOURCES },
  );
  return rows.map((row) => ({
    sourceId: row.source_id,
    waiting: row.waiting,
    oldestAt: row.oldest_at,
    publishedAt: row.published_at,
  }));
}

async function countStaleJobs(db: Db): Promise<number> {
  const { rows } = await db.raw<{ rows: { stale: number }[] }>(
    `select count(*) as stale
     from (select id, version from jobs order by updated_at desc limit :limit) changed
     left join job_index_state state on state.job_id = changed.id
     where state.indexed_version is distinct from changed.version`,
    { limit: MAX_COMPARED },
  );
  return rows[0]?.stale ?? 0;
}
