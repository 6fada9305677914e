import type { Db } from './connection';
import {
  DERIVED_COLUMN_TYPES,
  JOB_COLUMNS,
  type JobRow,
  type StoredJobRow,
  toJob,
  toJobRow,
} from './jobRows';

const BATCH_SIZE = 1000;

const names = Object.keys(DERIVED_COLUMN_TYPES);
const list = (prefix: string): string => names.map((name) => `${prefix}.${name}`).join(', ');
const UPDATE = `
  update jobs set ${names.map((name) => `${name} = fresh.${name}`).join(', ')}
  from jsonb_to_recordset(?::jsonb) as fresh
    (id text, version int, ${Object.entries(DERIVED_COLUMN_TYPES)
      .map(([name, type]) => `${name} ${type}`)
      .join(', ')})
  where jobs.id = fresh.id and jobs.version = fresh.version and (${list('jobs')}) is distinct from (${list('fresh')})`;

/**
 * Derives the columns that filters, orders and searches read anew for every job, in batches by id; no version changes. A job that
 * changes meanwhile is left alone: the change brought its columns up to date. Returns the number of jobs looked at.
 */
export async function reindexJobs(db: Db, onProgress: (done: number) => void): Promise<number> {
  let done = 0;
  let lastId = '';
  for (;;) {
    const { rows } = await db.raw<{ rows: StoredJobRow[] }>(
      `select ${JOB_COLUMNS.join(', ')} from jobs where id > ? order by id limit ?`,
      [lastId, BATCH_SIZE],
    );
    const last = rows.at(-1);
    if (!last) return done;
    await db.raw(UPDATE, [JSON.stringify(rows.map((row) => derivedOnly(toJobRow(toJob(row)))))]);
    done += rows.length;
    lastId = last.id;
    onProgress(done);
  }
}

function derivedOnly(row: JobRow): Record<string, unknown> {
  return {
    id: row.id,
    version: row.version,
    ...Object.fromEntries(names.map((name) => [name, row[name as keyof JobRow]])),
  };
}
