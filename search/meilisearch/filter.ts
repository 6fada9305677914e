import {
  type CategoryCondition,
  type JobFilter,
  type NumberRange,
  PROPOSALS_BOUNDS,
} from '../../domain/jobFilter';
import type { ProposalsTier } from '../../domain/job';
import type { ReadScope } from '../../domain/readScope';
import { toMillis } from '../../domain/time';
import type { IndexedJob } from './document';
import { encodeWord } from './words';

type Attribute = keyof IndexedJob;

/**
 * The conditions of a filter and a scope in Meilisearch's filter language, all of which must hold. Null where it cannot tell:
 * `ids` go by the identities, which only Postgres knows.
 */
export function toFilter(filter: JobFilter, scope: ReadScope): string[] | null {
  if (filter.ids || filter.notIds) return null;
  const { categories, subcategories, paymentVerified, contractToHire } = filter;
  const conditions: (string | null)[] = [
    isOneOf('job_type', filter.jobTypes),
    isOneOf('status', filter.statuses),
    isOneOf('contractor_tier', filter.contractorTiers),
    isOneOf('duration_label', filter.durations),
    isOneOf('engagement', filter.engagements),
    isOneOf('workload', filter.workloads),
    equals('contract_to_hire', contractToHire),
    filter.proposals ? hasProposals(filter.proposals) : null,
    categories ? isInCategory(categories) : null,
    subcategories ? isInCategory(subcategories) : null,
    isOneOf('category_group', filter.categoryGroups),
    isOneOf('skill_set', filter.anySkills),
    isOneOf('skill_set', filter.anyTags),
    ...(filter.allSkills ?? []).map((skill) => equals('skill_set', skill)),
    not(isOneOf('skill_set', filter.notSkills)),
    payCondition(filter),
    isOneOf('currencies', filter.currencies),
    equals('payment_verified', paymentVerified),
    isOneOf('buyer_country', filter.countries),
    not(isOneOf('buyer_country', filter.notCountries)),
    isOneOf('buyer_timezone', filter.timezones),
    compares('buyer_total_spent', '>=', filter.buyerTotalSpentMin),
    compares('buyer_total_assignments', '>=', filter.buyerTotalAssignmentsMin),
    compares('buyer_total_jobs_with_hires', '>=', filter.buyerTotalJobsWithHiresMin),
    isInAny('buyer_total_assignments', filter.clientHires),
    compares('posted_on', '>=', millis(filter.postedAfter)),
    compares('posted_on', '<', millis(filter.postedBefore)),
    compares('last_visited_at', '>=', millis(filter.lastVisitedAfter)),
    compares('updated_at', '>=', millis(filter.updatedAfter)),
    compares('posted_on', '>=', millis(scope.postedSince ?? undefined)),
    equals('is_sample', scope.samples === 'included' ? undefined : scope.samples === 'only'),
  ];
  return conditions.filter((condition) => condition !== null);
}

export function compares(
  attribute: Attribute,
  operator: '>=' | '<=' | '<' | '>' | '=',
  value: string | number | undefined,
): string | null {
  return value === undefined ? null : `${attribute} ${operator} ${quote(String(value))}`;
}

export function anyOf(conditions: readonly string[]): string {
  return `(${conditions.map((condition) => `(${condition})`).join(' OR ')})`;
}

export function allOf(conditions: readonly string[]): string {
  return conditions.map((condition) => `(${condition})`).join(' AND ');
}

function quote(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function literal(value: string | number | boolean): string {
  return quote(typeof value === 'string' ? encodeWord(value) : String(value));
}

/** An empty list holds for no job. */
function isOneOf(attribute: Attribute, values: readonly (string | number)[] | undefined): string | null {
  return values ? `${attribute} IN [${values.map(literal).join(', ')}]` : null;
}

/** Holds for documents without the attribute, too. */
function not(condition: string | null): string | null {
  return condition === null ? null : `NOT ${condition}`;
}

function equals(attribute: Attribute, value: string | boolean | undefined): string | null {
  return value === undefined ? null : `${attribute} = ${literal(value)}`;
}

function millis(time: string | undefined): number | undefined {
  return time === undefined ? undefined : toMillis(time);
}

/** The tier that Upwork showed; where it showed none, the number of applicants decides. */
function hasProposals(tiers: readonly ProposalsTier[]): string {
  const shown = isOneOf('proposals_tier', tiers) ?? '';
  const bounds = tiers.map((tier) => PROPOSALS_BOUNDS[tier]);
  if (bounds.length === 0) return shown;
  return anyOf([shown, allOf(['proposals_tier NOT EXISTS', isInAny('total_applicants', bounds) ?? ''])]);
}

function isInCategory({ slugs, groups }: CategoryCondition): string {
  return anyOf([isOneOf('category_path', slugs) ?? '', isOneOf('category_group', groups) ?? '']);
}

/** A condition on fixed prices and one on hourly rates are alternatives: no job has both. */
function payCondition({ budget, amounts, hourly, hourlyRates }: JobFilter): string | null {
  const fixed = [isInAny('budget_amount', budget && [budget]), isInAny('budget_amount', amounts)];
  const perHour = [overlapsAny(hourly && [hourly]), overlapsAny(hourlyRates)];
  const alternatives = [
    whenAsked('NOT job_type = 1', fixed),
    whenAsked('NOT job_type = 2 AND hourly_low EXISTS', perHour),
  ].filter((condition) => condition !== null);
  return alternatives.length > 0 ? anyOf(alternatives) : null;
}

function whenAsked(premise: string, asked: readonly (string | null)[]): string | null {
  const conditions = asked.filter((condition) => condition !== null);
  return conditions.length > 0 ? allOf([premise, ...conditions]) : null;
}

/** Whether the number lies in one of the ranges. */
function isInAny(attribute: Attribute, ranges: readonly NumberRange[] | undefined): string | null {
  if (!ranges) return null;
  if (ranges.length === 0) return isOneOf(attribute, []);
  return anyOf(ranges.map(({ min, max }) => inRange([attribute, min], [attribute, max])));
}

/** Whether the hourly range meets one of the ranges. */
function overlapsAny(ranges: readonly NumberRange[] | undefined): string | null {
  if (!ranges) return null;
  if (ranges.length === 0) return isOneOf('hourly_low', []);
  return anyOf(ranges.map(({ min, max }) => inRange(['hourly_high', min], ['hourly_low', max])));
}

function inRange([low, min]: [Attribute, number | null], [high, max]: [Attribute, number | null]): string {
  const bounds = [compares(low, '>=', min ?? undefined), compares(high, '<=', max ?? undefined)];
  return allOf([`${low} EXISTS`, ...bounds.filter((bound) => bound !== null)]);
}
