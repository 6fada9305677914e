import type { JobStatus } from '../domain/job';
import { visibleOf } from '../domain/nearDuplicate';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import type { StoredPosting } from './postings';

/** Candidates compared per posting: more say the same as the first. */
const MAX_CANDIDATES = 5;
/** Candidates among which the newest are looked for: bounds the work on texts that thousands of postings share. */
const MAX_CANDIDATES_READ = 200;

export interface DuplicateCandidateRow {
  rowNumber: number;
  jobId: string;
  /** The job shown for it: itself, unless it is folded. */
  shownId: string;
}

/** Jobs whose text shares a band with one of the postings: candidates for near duplicates, newest first. */
export async function findDuplicateCandidates(
  db: Db,
  postings: readonly Pick<StoredPosting, 'rowNumber' | 'textBands'>[],
): Promise<DuplicateCandidateRow[]> {
  if (postings.length === 0) return [];
  const { rows } = await db.raw<{ rows: { row_number: number; id: string; shown_id: string }[] }>(
    `select wanted.row_number, found.id, found.shown_id
     from json_to_recordset(cast(:wanted as json)) as wanted (row_number int, bands text[])
     cross join lateral (
       select id, shown_id from (
         select id, coalesce(duplicate_of, id) as shown_id, posted_on from jobs
         where jobs.text_bands && wanted.bands
         limit :read
       ) as alike
       order by posted_on desc, id
       limit :limit
     ) as found`,
    {
      limit: MAX_CANDIDATES,
      read: MAX_CANDIDATES_READ,
      wanted: JSON.stringify(
        postings.map(({ rowNumber, textBands }) => ({ row_number: rowNumber, bands: textBands })),
      ),
    },
  );
  return rows.map((row) => ({ rowNumber: row.row_number, jobId: row.id, shownId: row.shown_id }));
}

/** Jobs folded into one that is no longer shown are folded into the one shown now: there are no chains. */
export async function repointDuplicates(db: Db, shownNow: ReadonlyMap<string, string>): Promise<void> {
  for (const [hiddenId, visibleId] of shownNow) {
    await db.raw(`update jobs set duplicate_of = :visibleId where duplicate_of = :hiddenId`, {
      hiddenId,
      visibleId,
    });
  }
}

/**
 * Decides anew which job of each group is shown, after one of them was opened or closed. Versions of those that appear or
 * vanish grow, so that the index hears of it. Gives those that appear.
 */
export async function regroupDuplicates(
  db: Db,
  groupIds: readonly string[],
  now: Timestamp,
): Promise<string[]> {
  const appeared: string[] = [];
  for (const groupId of groupIds) {
    const { rows } = await db.raw<{
      rows: { id: string; status: JobStatus | null; postedOn: Timestamp; duplicateOf: string | null }[];
    }>(
      `select id, status, posted_on as "postedOn", duplicate_of as "duplicateOf" from jobs
       where id = :groupId or duplicate_of = :groupId order by id for update`,
      { groupId },
    );
    const [first, ...others] = rows;
    if (!first || others.length === 0) continue;
    const visible = others.reduce((shown, job) => visibleOf(shown, job), first);
    if (visible.duplicateOf === null) continue;
    await db.raw(
      `update jobs
       set duplicate_of = case when id = :visibleId then null else :visibleId end,
           version = version + case when id in (:visibleId, :groupId) then 1 else 0 end,
           updated_at = case when id in (:visibleId, :groupId) then cast(:now as timestamptz) else updated_at end
       where id = :groupId or duplicate_of = :groupId`,
      { visibleId: visible.id, groupId, now },
    );
    appeared.push(visible.id);
  }
  return appeared;
}
