import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

/** How the jobs lie in time, as Postgres's statistics have it: about as many between any two neighbouring bounds. */
export interface PostingTimes {
  /** Jobs in all. */
  jobs: number;
  /** Ascending. */
  bounds: Timestamp[];
}

/** Null where the table was never analysed, or is small. */
export async function readPostingTimes(db: Db): Promise<PostingTimes | null> {
  const { rows } = await db.raw<{ rows: { jobs: number; bounds: Timestamp[] | null }[] }>(
    `select reltuples as jobs, (
       select histogram_bounds::text::timestamptz[] from pg_stats
       where schemaname = current_schema() and tablename = 'jobs' and attname = 'posted_on'
     ) as bounds
     from pg_class where oid = 'jobs'::regclass`,
  );
  const [row] = rows;
  return row?.bounds && row.bounds.length > 1 ? { jobs: row.jobs, bounds: row.bounds } : null;
}
