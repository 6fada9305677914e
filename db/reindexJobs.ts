import type { Db } from './connection';
import {
  DERIVED_COLUMN_TYPES,
  JOB_COLUMNS,
  type JobRow,
  type StoredJobRow,
  toJob,
  toJobRow,
} from './jobRows';
import { learnWords } from './searchWords';

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
 * Derives the columns that filters, orders and searches read anew for the next thousand jobs by id, and learns their words; no version changes. A job that
 * changes meanwhile is left alone: the change brought its columns up to date. `lastId` is null when none are left.
 */
export async function reindexJobsAfter(
  db: Db,
  afterId: string | null,
): Promise<{ jobs: number; lastId: string | null }> {
  const { rows } = await db.raw<{ rows: StoredJobRow[] }>(
    `select ${JOB_COLUMNS.join(', ')} from jobs where id > ? order by id limit ?`,
    [afterId ?? '', BATCH_SIZE],
  );
  if (rows.length > 0) {
    await db.raw(UPDATE, [JSON.stringify(rows.map((row) => derivedOnly(toJobRow(toJob(row)))))]);
    await learnWords(
      db,
      rows.map(({ id }) => id),
    );
  }
  return { jobs: rows.length, lastId: rows.at(-1)?.id ?? null };
}

function derivedOnly(row: JobRow): Record<string, unknown> {
  return {
    id: row.id,
    version: row.version,
    ...Object.fromEntries(names.map((name) => [name, row[name as keyof JobRow]])),
  };
}
