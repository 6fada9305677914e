import type { Db } from '../db/connection';
import { DERIVED_COLUMN_TYPES, STORED_COLUMN_TYPES, toJobRow } from '../db/jobRows';
import { readStoredJobs } from '../db/jobs';
import { stopwatch } from './measures';

const ROWS_PER_STATEMENT = 500;

const COLUMN_TYPES = {
  ...STORED_COLUMN_TYPES,
  provenance: 'jsonb',
  text_bands: 'text[]',
  duplicate_of: 'text',
  ...DERIVED_COLUMN_TYPES,
};
const COLUMNS = Object.keys(COLUMN_TYPES).join(', ');
const RECORD_TYPE = Object.entries(COLUMN_TYPES)
  .map(([column, type]) => `${column} ${type}`)
  .join(', ');

/**
 * The floor for storing jobs: puts all rows of `jobs` once more, into a table of the same columns, defaults and indexes, by
 * statements of 500 rows. Records are prepared beforehand: only the statements are timed.
 */
export async function bulkInsertOfSameRows(db: Db): Promise<{ rows: number; seconds: number }> {
  await db.raw('drop table if exists jobs_again');
  await db.raw('create table jobs_again (like jobs including all)');
  let rows = 0;
  let seconds = 0;
  for (let after: number | null = 0; after !== null;) {
    const slice: { ids: string[]; last: number | null } = await nextIds(db, after);
    if (slice.ids.length > 0) {
      const records = await recordsOf(db, slice.ids);
      const took = stopwatch();
      await db.raw(
        `insert into jobs_again (${COLUMNS})
         select ${COLUMNS} from json_to_recordset(cast(:records as json)) as r (${RECORD_TYPE})`,
        { records },
      );
      seconds += took();
      rows += slice.ids.length;
    }
    after = slice.last;
  }
  await db.raw('drop table jobs_again');
  return { rows, seconds };
}

/** In the order in which they were published. */
async function nextIds(db: Db, after: number): Promise<{ ids: string[]; last: number | null }> {
  const { rows } = await db.raw<{ rows: { id: string; ingested_number: number }[] }>(
    `select id, ingested_number from jobs where ingested_number > :after
     order by ingested_number limit :limit`,
    { after, limit: ROWS_PER_STATEMENT },
  );
  return { ids: rows.map(({ id }) => id), last: rows.at(-1)?.ingested_number ?? null };
}

async function recordsOf(db: Db, ids: readonly string[]): Promise<string> {
  const jobs = await readStoredJobs(db, ids);
  const inOrder = ids.flatMap((id) => jobs.get(id) ?? []);
  return JSON.stringify(
    inOrder.map((job) => ({
      ...toJobRow(job),
      provenance: job.provenance,
      text_bands: job.textBands,
      duplicate_of: job.duplicateOf,
    })),
  );
}
