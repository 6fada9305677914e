import type { ReadScope } from '../domain/readScope';
import type { Rarity } from '../domain/similarity';
import { addMillis, type Timestamp } from '../domain/time';
import type { Db } from './connection';
import { writeInSlices } from './slices';

/** The window of those who may read everything; no plan's is longer. */
const EVERYTHING_DAYS = 36_500;

/** Counting takes no more of the time than one part of this many. */
const REST_PER_WORK = 100;
const MIN_AGE_MS = 30_000;
/** A statement that takes longer is given up, before its caller gives up waiting for it. */
const TIMEOUT_MS = 120_000;

/** Longer skills are none that can be asked for. */
const MAX_SKILL_LENGTH = 200;

/** Words are counted over about so many jobs. */
const SAMPLED_JOBS = 20_000;
/** In fewer jobs of the sample a word is there by chance. */
const MIN_SAMPLED_JOBS = 3;

/**
 * Counts skills, categories and words anew, unless the latest count is fresh: half a minute old, or a hundred times what it took.
 * Skills and categories are counted once for the window of each plan. Counting takes long and only reads: a transaction that wrote
 * for so long would hold up all who read in the order of ingestion or of changes. What was counted is then written at once.
 */
export async function countVocabulary(db: Db, now: Timestamp): Promise<{ counted: boolean }> {
  if (await isFresh(db, now)) return { counted: false };
  const count = await db.transaction(async (transaction) => {
    await transaction.raw(`select set_config('statement_timeout', ?, true)`, [String(TIMEOUT_MS)]);
    const { rows } = await transaction.raw<{ rows: { at: Timestamp }[] }>('select now() as at');
    return {
      startedAt: rows[0]?.at ?? now,
      terms: await countSkillsAndCategories(transaction, now),
      words: await measureWords(transaction),
    };
  });
  return await db.transaction(async (transaction) => {
    // Two counts at once are written one after the other, and the second is not needed.
    await transaction.raw('select from vocabulary_state for update');
    if (await isFresh(transaction, now)) return { counted: false };
    await transaction.raw('delete from vocabulary_counts');
    await writeInSlices(
      count.terms,
      (term) => term,
      (records) =>
        transaction.raw(
          `insert into vocabulary_counts (kind, value, window_days, jobs, sample_jobs)
         select * from json_to_recordset(cast(:records as json))
           as r (kind text, value text, window_days int, jobs int, sample_jobs int)`,
          { records },
        ),
    );
    await transaction.raw('delete from word_shares');
    await writeInSlices(
      count.words,
      (word) => word,
      (records) =>
        transaction.raw(
          `insert into word_shares (word, share)
         select * from json_to_recordset(cast(:records as json)) as r (word text, share real)`,
          { records },
        ),
    );
    await transaction.raw(
      `update vocabulary_state set counted_at = :now,
         took_ms = 1000 * extract(epoch from clock_timestamp() - cast(:startedAt as timestamptz)),
         jobs = (select count(*) from jobs where duplicate_of is null),
         window_days = array(select distinct window_days from vocabulary_counts)`,
      { now, startedAt: count.startedAt },
    );
    return { counted: true };
  });
}

async function isFresh(db: Db, now: Timestamp): Promise<boolean> {
  const { rows } = await db.raw<{ rows: { counted_at: Timestamp | null; took_ms: number }[] }>(
    `select counted_at, took_ms from vocabulary_state`,
  );
  const latest = rows[0];
  const restMs = Math.max(MIN_AGE_MS, (latest?.took_ms ?? 0) * REST_PER_WORK);
  return Boolean(latest?.counted_at && now < addMillis(latest.counted_at, restMs));
}

interface CountedTerm {
  kind: string;
  value: string;
  window_days: number;
  jobs: number;
  sample_jobs: number;
}

/** Each job is counted in the shortest window that holds it, then windows are summed up from short to long. */
async function countSkillsAndCategories(db: Db, now: Timestamp): Promise<CountedTerm[]> {
  const { rows } = await db.raw<{ rows: CountedTerm[] }>(
    `with windows as (
       select days, cast(:now as timestamptz) - make_interval(days => days) as since,
              row_number() over (order by days desc) as place
       from (select coalesce(retention_days, :everything) as days from plans union select :everything) as known
     ), counted as (
       select kind, value, place,
              count(*) filter (where not is_sample) as jobs, count(*) filter (where is_sample) as sample_jobs
       from (
         select category_group, category_path, skill_set, is_sample,
                width_bucket(posted_on, (select array_agg(since order by since) from windows)) as place
         from jobs where duplicate_of is null
       ) as placed
       cross join lateral (
         select 'skill' as kind, skill as value from unnest(skill_set) as skill
         union all select 'category', slug from unnest(category_path) as slug
         union all select 'category_group', category_group where category_group is not null
       ) as named
       where length(value) <= :maxLength
       group by kind, value, place
     )
     select kind, value, days as window_days, sum(jobs)::int as jobs, sum(sample_jobs)::int as sample_jobs
     from counted join windows on counted.place >= windows.place
     group by kind, value, days`,
    { now, everything: EVERYTHING_DAYS, maxLength: MAX_SKILL_LENGTH },
  );
  return rows;
}

/** Shares of words by a sample of the jobs: for telling rare words from others, not for showing. */
async function measureWords(db: Db): Promise<{ word: string; share: number }[]> {
  const { rows } = await db.raw<{ rows: { expected: number }[] }>(
    `select greatest(reltuples, 0) as expected from pg_class where oid = 'jobs'::regclass`,
  );
  const percent = Math.min(100, (100 * SAMPLED_JOBS) / Math.max(rows[0]?.expected ?? 0, 1));
  const measured = await db.raw<{ rows: { word: string; share: number }[] }>(
    `with counted as (
       select word, ndoc from ts_stat(:sample) where ndoc >= :least
     ), most as (
       select count(*) as jobs from jobs tablesample system (${percent.toFixed(4)}) repeatable (1)
     )
     select word, least(1, ndoc / greatest(jobs, ndoc)::real) as share from counted, most where length(word) <= 200`,
    {
      // A query in a text: the number in it is ours. The same rows are drawn twice.
      sample: `select search_vector from jobs tablesample system (${percent.toFixed(4)}) repeatable (1)`,
      least: MIN_SAMPLED_JOBS,
    },
  );
  return measured.rows;
}

/** Whose vocabulary is asked for. */
export interface VocabularyReader {
  /** Of the plan; null: everything. */
  retentionDays: number | null;
  samples: ReadScope['samples'];
}

interface LatestCount {
  /** Null before the first count. */
  countedAt: Timestamp | null;
  /** Jobs are counted that were posted in so many days before; null: all. */
  windowDays: number | null;
}

export interface SkillCounts extends LatestCount {
  skills: { skill: string; jobs: number }[];
}

/** Skills that begin with `prefix` (in the form of `skillKey`) and how many of the reader's jobs have them, most first. */
export async function listSkills(
  db: Db,
  { reader, prefix, limit }: { reader: VocabularyReader; prefix: string; limit: number },
): Promise<SkillCounts> {
  const { window, ...latest } = await findLatestCount(db, reader);
  const { rows } = await db.raw<{ rows: { skill: string; jobs: number }[] }>(
    `select value as skill, ${shownJobs(reader)} as jobs from vocabulary_counts
     where kind = 'skill' and window_days = :window and value like :pattern and ${shownJobs(reader)} > 0
     order by jobs desc, value limit :limit`,
    { window, pattern: `${prefix.replace(/[\\%_]/g, '\\$&')}%`, limit },
  );
  return { ...latest, skills: rows };
}

export interface CategoryCounts extends LatestCount {
  /** By slug, jobs of everything below it included. */
  jobsOfCategory: ReadonlyMap<string, number>;
  jobsOfGroup: ReadonlyMap<string, number>;
}

const MAX_CATEGORIES = 5_000;

/** How many of the reader's jobs each of these categories and groups has; those without any are left out. */
export async function countCategories(
  db: Db,
  reader: VocabularyReader,
  { slugs, groups }: { slugs: readonly string[]; groups: readonly string[] },
): Promise<CategoryCounts> {
  const { window, ...latest } = await findLatestCount(db, reader);
  const { rows } = await db.raw<{ rows: { kind: string; value: string; jobs: number }[] }>(
    `select kind, value, ${shownJobs(reader)} as jobs from vocabulary_counts
     where window_days = :window
       and (kind = 'category' and value = any(cast(:slugs as text[]))
         or kind = 'category_group' and value = any(cast(:groups as text[])))
     limit :limit`,
    { window, slugs, groups, limit: MAX_CATEGORIES },
  );
  const ofKind = (wanted: string) =>
    new Map(rows.filter(({ kind }) => kind === wanted).map(({ value, jobs }) => [value, jobs]));
  return { ...latest, jobsOfCategory: ofKind('category'), jobsOfGroup: ofKind('category_group') };
}

function shownJobs({ samples }: VocabularyReader): string {
  switch (samples) {
    case 'only':
      return 'sample_jobs';
    case 'hidden':
      return 'jobs';
    case 'included':
      return '(jobs + sample_jobs)';
  }
}

/** The longest window that was counted and lies within the reader's; 0, which no count has, when none does. */
async function findLatestCount(
  db: Db,
  { retentionDays }: VocabularyReader,
): Promise<LatestCount & { window: number }> {
  const { rows } = await db.raw<{ rows: { counted_at: Timestamp | null; days: number | null }[] }>(
    `select counted_at, (select max(days) from unnest(window_days) as days where days <= :longest) as days
     from vocabulary_state`,
    { longest: retentionDays ?? EVERYTHING_DAYS },
  );
  const window = rows[0]?.days ?? 0;
  return {
    window,
    windowDays: window === EVERYTHING_DAYS ? null : window,
    countedAt: rows[0]?.counted_at ?? null,
  };
}

/** How rare these words and skills are among all jobs, by the latest count. */
export async function readRarity(
  db: Db,
  { words, skills }: { words: readonly string[]; skills: readonly string[] },
): Promise<Rarity> {
  const { rows } = await db.raw<{
    rows: { jobs: number; word_shares: Record<string, number>; skill_jobs: Record<string, number> }[];
  }>(
    `select jobs,
       (select coalesce(json_object_agg(word, share), '{}') from word_shares
        where word = any(cast(:words as text[]))) as word_shares,
       (select coalesce(json_object_agg(value, jobs + sample_jobs), '{}') from vocabulary_counts
        where kind = 'skill' and window_days = :everything and value = any(cast(:skills as text[]))) as skill_jobs
     from vocabulary_state`,
    { words, skills, everything: EVERYTHING_DAYS },
  );
  const counted = rows[0];
  return {
    jobs: counted?.jobs ?? 0,
    shareOfWord: new Map(Object.entries(counted?.word_shares ?? {})),
    jobsOfSkill: new Map(Object.entries(counted?.skill_jobs ?? {})),
  };
}
