import type { Db } from '../db/connection';
import { allOf, readScopeConditions } from '../db/readScope';
import { facetCounts, type JobFacet } from '../domain/jobFilter';
import { filterConditions } from './postgresFilter';
import { type FacetRequest, type FacetResult, MAX_EXACT_TOTAL } from './searchIndex';

/** The column of each facet, and whether it holds a list of values. */
const COLUMNS: Readonly<Record<JobFacet, { column: string; isList: boolean }>> = {
  // With all above it, as the filter takes it.
  category: { column: 'category_path', isList: true },
  category_group: { column: 'category_group', isList: false },
  skills: { column: 'skill_set', isList: true },
  country: { column: 'buyer_country', isList: false },
  job_type: { column: 'job_type', isList: false },
  contractor_tier: { column: 'contractor_tier', isList: false },
  status: { column: 'status', isList: false },
  payment_verified: { column: 'payment_verified', isList: false },
  duration_label: { column: 'duration_label', isList: false },
};

/** More than are shown, for some of them are of no filter. */
const MAX_VALUES = 1_000;

/** Counts the newest 10,000 jobs that match by each facet, in one pass over them. */
export async function countFacets(db: Db, { filter, scope, facets }: FacetRequest): Promise<FacetResult> {
  const { sql, bindings } = allOf([...filterConditions(filter), ...readScopeConditions(scope)]);
  const columns = [...new Set(facets.map((facet) => COLUMNS[facet].column))];
  const counts = facets.map(countStatement);
  const { rows } = await db.raw<{ rows: { facet: JobFacet | null; value: string; count: number }[] }>(
    `with newest as materialized (
       select ${columns.join(', ')} from jobs where ${sql} order by posted_on desc, id desc limit ?
     ), matching as materialized (select * from newest limit ?)
     ${counts.map((count) => `(${count})`).join(' union all ')}
     union all select null, null, count(*) from newest`,
    [...bindings, MAX_EXACT_TOTAL + 1, MAX_EXACT_TOTAL],
  );
  const seen = rows.find(({ facet }) => facet === null)?.count ?? 0;
  return {
    counts: Object.fromEntries(
      facets.map((facet) => [
        facet,
        facetCounts(
          facet,
          rows.filter((row) => row.facet === facet).map(({ value, count }) => [value, count] as const),
        ),
      ]),
    ),
    isExact: seen <= MAX_EXACT_TOTAL,
  };
}

function countStatement(facet: JobFacet): string {
  const { column, isList } = COLUMNS[facet];
  const values = isList
    ? `select unnest(${column}) as value from matching`
    : `select ${column}::text as value from matching where ${column} is not null`;
  return `select '${facet}' as facet, value, count(*) as count from (${values}) as values_of
    group by value order by count(*) desc, value limit ${MAX_VALUES}`;
}
