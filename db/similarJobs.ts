import type { Job } from '../domain/job';
import type { ReadScope } from '../domain/readScope';
import type { Likeness } from '../domain/similarity';
import type { Db } from './connection';
import { JOB_COLUMNS, type StoredJobRow, toJob } from './jobRows';
import { allOf, readScopeConditions } from './readScope';
import { toTsqueryLiteral } from './searchVector';

export interface SimilarJob {
  job: Job;
  /** 0 to 1, to a thousandth. */
  similarity: number;
}

/** The newest that one word or one set of skills brings in. */
const JOBS_PER_PROBE = 200;
/** Newest of the group of categories that are looked through for those of the category. */
const JOBS_OF_GROUP = 1_000;
const JOBS_OF_CATEGORY = 200;

/** How near categories are: the same; one above both; no more than the group. */
const NEARNESS = { same: 1, related: 0.6, group: 0.3 } as const;

const COLUMNS = JOB_COLUMNS.map((column) => `jobs.${column}`).join(', ');

/**
 * The jobs most like one, most alike first, newest first among equals; not the job itself.
 *
 * Looked at are jobs that share rare skills or words with it, and the newest of its category, some thousands at most however many
 * jobs there are. Of skills and of words counts how much of the job's own, by weight, the other has; of words only those that
 * some job looked at has, for a name that nobody else uses tells nothing.
 */
export async function findSimilarJobs(
  db: Db,
  { jobId, likeness, scope, limit }: { jobId: string; likeness: Likeness; scope: ReadScope; limit: number },
): Promise<SimilarJob[]> {
  const { skills, skillProbes, words, category, shares } = likeness;
  const readable = allOf([...readScopeConditions(scope), { sql: 'id <> ?', bindings: [jobId] }]);
  const { rows } = await db.raw<{ rows: (StoredJobRow & { similarity: number })[] }>(
    `with word as (
       select * from unnest(?::text[], ?::float8[]) as given (query, weight)
     ), word_hit as materialized (
       select word.query, word.weight, hit.id from word cross join lateral (
         ${newest(`search_vector @@ word.query::tsquery and ${readable.sql}`)}
       ) as hit
     ), skill_hit as (
       select hit.id from json_array_elements(?) as probe cross join lateral (
         ${newest(`skill_set @> array(select json_array_elements_text(probe)) and ${readable.sql}`)}
       ) as hit
     ), category_hit as (
       select id from (
         select id, category_path from jobs where category_group = ?::text and ${readable.sql}
         order by posted_on desc limit ${JOBS_OF_GROUP}
       ) as newest
       where category_path[1] = ?::text limit ${JOBS_OF_CATEGORY}
     ), candidate as (
       select id from word_hit union select id from skill_hit union select id from category_hit
     ), by_word as (
       select id, sum(weight) / (select sum(weight) from (select distinct query, weight from word_hit) as found) as share
       from word_hit group by id
     ), skill as materialized (
       select skill, weight / sum(weight) over () as share from unnest(?::text[], ?::float8[]) as given (skill, weight)
     ), scored as (
       select jobs.id, jobs.posted_on, round((
           ?::float8 * coalesce((select sum(share) from skill where skill = any(jobs.skill_set)), 0)
           + ?::float8 * case
               when jobs.category_path[1] = ?::text then ${NEARNESS.same}
               when jobs.category_path && ?::text[] then ${NEARNESS.related}
               when jobs.category_group = ?::text then ${NEARNESS.group}
               else 0 end
           + ?::float8 * coalesce(by_word.share, 0)
         )::numeric, 3) as similarity
       from candidate join jobs using (id) left join by_word using (id)
     ), best as materialized (
       select id, similarity from scored where similarity > 0
       order by similarity desc, posted_on desc, id desc limit ?
     )
     select ${COLUMNS}, best.similarity from best join jobs using (id)
     order by best.similarity desc, jobs.posted_on desc, jobs.id desc`,
    [
      words.map(({ value }) => toTsqueryLiteral({ kind: 'word', token: value })),
      words.map(({ weight }) => weight),
      ...readable.bindings,
      JSON.stringify(skillProbes),
      ...readable.bindings,
      category?.groupSlug ?? null,
      ...readable.bindings,
      category?.slug ?? null,
      skills.map(({ value }) => value),
      skills.map(({ weight }) => weight),
      shares.skills,
      shares.category,
      category?.slug ?? null,
      category?.path ?? [],
      category?.groupSlug ?? null,
      shares.words,
      limit,
    ],
  );
  return rows.map((row) => ({ job: toJob(row), similarity: row.similarity }));
}

/** Those that few jobs fulfil are all fetched, then ordered: walking the newest until enough fulfil it could take all jobs. */
function newest(condition: string): string {
  return `select id from (select id, posted_on from jobs where ${condition} offset 0) as few
          order by posted_on desc limit ${JOBS_PER_PROBE}`;
}
