import { allOf, type Condition } from '../db/readScope';
import { toTsqueryLiteral } from '../db/searchVector';
import type { ProposalsTier } from '../domain/job';
import {
  type CategoryCondition,
  identityValues,
  type JobFilter,
  type NumberRange,
  PROPOSALS_BOUNDS,
} from '../domain/jobFilter';

/** The conditions of a filter on rows of `jobs`; values are bindings, never part of the text. */
export function filterConditions(filter: JobFilter): Condition[] {
  const { search, ids, paymentVerified, contractToHire, categories, subcategories } = filter;
  const conditions: (Condition | null)[] = [
    search
      ? { sql: 'search_vector @@ ?::tsquery', bindings: [toTsqueryLiteral(search, filter.searchIn)] }
      : null,
    ids ? isOneOfIds(ids) : null,
    filter.notIds ? not(isOneOfIds(filter.notIds)) : null,
    isOneOf('job_type', 'smallint', filter.jobTypes),
    isOneOf('status', 'smallint', filter.statuses),
    isOneOf('contractor_tier', 'smallint', filter.contractorTiers),
    isOneOf('duration_label', 'text', filter.durations),
    isOneOf('engagement', 'text', filter.engagements),
    isOneOf('workload', 'text', filter.workloads),
    contractToHire === undefined
      ? null
      : { sql: 'contract_to_hire = ?::boolean', bindings: [contractToHire] },
    filter.proposals ? hasProposals(filter.proposals) : null,
    categories ? isInCategory(categories) : null,
    subcategories ? isInCategory(subcategories) : null,
    isOneOf('category_group', 'text', filter.categoryGroups),
    skillSet('&&', filter.anySkills),
    skillSet('&&', filter.anyTags),
    skillSet('@>', filter.allSkills),
    filter.notSkills ? not({ sql: 'skill_set && ?::text[]', bindings: [filter.notSkills] }) : null,
    payCondition(filter),
    filter.currencies ? isPaidIn(filter.currencies) : null,
    paymentVerified === undefined
      ? null
      : { sql: 'payment_verified = ?::boolean', bindings: [paymentVerified] },
    isOneOf('buyer_country', 'text', filter.countries),
    filter.notCountries
      ? not({ sql: `coalesce(buyer_country, '') = any(?::text[])`, bindings: [filter.notCountries] })
      : null,
    isOneOf('buyer_timezone', 'text', filter.timezones),
    compares('buyer_total_spent', '>=', 'numeric', filter.buyerTotalSpentMin),
    compares('buyer_total_assignments', '>=', 'numeric', filter.buyerTotalAssignmentsMin),
    compares('buyer_total_jobs_with_hires', '>=', 'numeric', filter.buyerTotalJobsWithHiresMin),
    isInAny('buyer_total_assignments', filter.clientHires),
    compares('posted_on', '>=', 'timestamptz', filter.postedAfter),
    compares('posted_on', '<', 'timestamptz', filter.postedBefore),
    compares('last_visited_at', '>=', 'timestamptz', filter.lastVisitedAfter),
    compares('updated_at', '>=', 'timestamptz', filter.updatedAfter),
  ];
  return conditions.filter((condition) => condition !== null);
}

function isOneOf(
  column: string,
  type: 'smallint' | 'text',
  values: string[] | number[] | undefined,
): Condition | null {
  if (!values) return null;
  return { sql: `${column} = any(?::${type}[])`, bindings: [values] };
}

/** Through the identities too, so that an alias finds the job that it was merged into. */
function isOneOfIds(ids: string[]): Condition {
  const values = ids.flatMap(identityValues);
  const sql = `id in (
    select unnest(?::text[])
    union all
    select job_id from job_identities where kind in ('uid', 'ciphertext', 'derived') and value = any(?::text[])
  )`;
  return { sql, bindings: [values, values] };
}

/** Only what is asked for: an `or` with an empty half keeps Postgres from using the index of the other. */
function isInCategory({ slugs, groups }: CategoryCondition): Condition {
  const conditions = [
    slugs.length > 0 ? { sql: 'category_path && ?::text[]', bindings: [slugs] } : null,
    isOneOf('category_group', 'text', groups.length > 0 ? groups : undefined),
  ];
  return anyOf(conditions.filter((condition) => condition !== null));
}

function skillSet(operator: '&&' | '@>', skills: string[] | undefined): Condition | null {
  return skills ? { sql: `skill_set ${operator} ?::text[]`, bindings: [skills] } : null;
}

/** The tier that Upwork showed; where it showed none, the number of applicants decides. */
function hasProposals(tiers: readonly ProposalsTier[]): Condition {
  const counts = anyOf(
    tiers.map((tier) => {
      const { min, max } = PROPOSALS_BOUNDS[tier];
      return inRange(['total_applicants', min], ['total_applicants', max]);
    }),
  );
  return {
    sql: `case when proposals_tier is null then ${counts.sql} else proposals_tier = any(?::text[]) end`,
    bindings: [...counts.bindings, [...tiers]],
  };
}

function isPaidIn(currencies: readonly string[]): Condition {
  const sql = '(budget_currency = any(?::text[]) or hourly_currency = any(?::text[]))';
  return { sql, bindings: [[...currencies], [...currencies]] };
}

/** A condition on fixed prices and one on hourly rates are alternatives: no job has both. */
function payCondition({ budget, amounts, hourly, hourlyRates }: JobFilter): Condition | null {
  const fixed = [isInAny('budget_amount', budget && [budget]), isInAny('budget_amount', amounts)];
  const perHour = [overlapsAny(hourly && [hourly]), overlapsAny(hourlyRates)];
  const alternatives = [
    whenAsked({ sql: 'job_type is distinct from 1', bindings: [] }, fixed),
    whenAsked(
      { sql: 'job_type is distinct from 2 and coalesce(hourly_min, hourly_max) is not null', bindings: [] },
      perHour,
    ),
  ].filter((condition) => condition !== null);
  return alternatives.length > 0 ? anyOf(alternatives) : null;
}

function whenAsked(premise: Condition, asked: readonly (Condition | null)[]): Condition | null {
  const conditions = asked.filter((condition) => condition !== null);
  return conditions.length > 0 ? allOf([premise, ...conditions]) : null;
}

/** Whether the column lies in one of the ranges; counts are compared as numerics, for bounds may have decimals. */
function isInAny(column: string, ranges: readonly NumberRange[] | undefined): Condition | null {
  if (!ranges) return null;
  return anyOf(ranges.map(({ min, max }) => inRange([column, min], [column, max])));
}

/** Whether the hourly range meets one of the ranges; its missing end is unbounded. */
function overlapsAny(ranges: readonly NumberRange[] | undefined): Condition | null {
  if (!ranges) return null;
  const [lowest, highest] = [`coalesce(hourly_min, '-infinity')`, `coalesce(hourly_max, 'infinity')`];
  return anyOf(ranges.map(({ min, max }) => inRange([highest, min], [lowest, max])));
}

function inRange([low, min]: [string, number | null], [high, max]: [string, number | null]): Condition {
  const bounds = [
    compares(low, '>=', 'numeric', min ?? undefined),
    compares(high, '<=', 'numeric', max ?? undefined),
  ];
  return allOf(bounds.filter((bound) => bound !== null));
}

function compares(
  expression: string,
  operator: '>=' | '<=' | '<',
  type: string,
  value: string | number | undefined,
): Condition | null {
  return value === undefined ? null : { sql: `${expression} ${operator} ?::${type}`, bindings: [value] };
}

/** Of a condition that is never null. */
function not({ sql, bindings }: Condition): Condition {
  return { sql: `not (${sql})`, bindings };
}

function anyOf(conditions: readonly Condition[]): Condition {
  return {
    sql: `(${conditions.map(({ sql }) => `(${sql})`).join(' or ') || 'false'})`,
    bindings: conditions.flatMap(({ bindings }) => bindings),
  };
}
