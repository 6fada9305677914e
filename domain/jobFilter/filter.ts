import type { ContractorTier, DurationLabel, JobStatus, JobType, ProposalsTier, Workload } from '../job';
import type { SearchExpression } from '../searchExpression';
import type { SearchedPart } from '../searchTerms';
import type { Timestamp } from '../time';

/** Both ends included; null is open. */
export interface NumberRange {
  min: number | null;
  max: number | null;
}

/** Any of these: slugs of categories at any level below the groups, and slugs of whole groups. */
export interface CategoryCondition {
  slugs: string[];
  groups: string[];
}

/**
 * What a caller asks for, values resolved and canonical. Every condition that is there must hold; a list holds when one of its
 * values does, so an empty list holds for no job. A job that lacks a value satisfies no condition on it. JSON.
 */
export interface JobFilter {
  search?: SearchExpression;
  /** Where the search looks; everywhere when not given. */
  searchIn?: SearchedPart[];
  /** Ids, aliases and ciphertexts. */
  ids?: string[];
  /** Not these: ids, aliases and ciphertexts. */
  notIds?: string[];

  jobTypes?: JobType[];
  statuses?: JobStatus[];
  contractorTiers?: ContractorTier[];
  durations?: DurationLabel[];
  engagements?: Workload[];
  workloads?: Workload[];
  contractToHire?: boolean;
  proposals?: ProposalsTier[];

  categories?: CategoryCondition;
  subcategories?: CategoryCondition;
  /** Slugs. */
  categoryGroups?: string[];

  /** Any of, over skills and tags together; in the form of `skillKey`. */
  anySkills?: string[];
  anyTags?: string[];
  allSkills?: string[];
  /** None of these, which a job without skills and tags satisfies. */
  notSkills?: string[];

  // Pay: decimals in the posting's own currency. Conditions on fixed prices and conditions on hourly rates are alternatives
  // when both are there, for no job has both.
  /** Of the fixed price. */
  budget?: NumberRange;
  amounts?: NumberRange[];
  /** Overlap with the hourly range, whose missing end is unbounded. */
  hourly?: NumberRange;
  hourlyRates?: NumberRange[];
  /** ISO 4217, of either kind of pay. */
  currencies?: string[];

  paymentVerified?: boolean;
  /** ISO 3166 alpha-2. */
  countries?: string[];
  /** Not these; a job whose country is unknown stays. */
  notCountries?: string[];
  /** In the form of `timezoneKey`. */
  timezones?: string[];
  buyerTotalSpentMin?: number;
  buyerTotalAssignmentsMin?: number;
  buyerTotalJobsWithHiresMin?: number;
  clientHires?: NumberRange[];

  // "After" includes the time itself, "before" does not, so that spans join without gap or overlap.
  postedAfter?: Timestamp;
  postedBefore?: Timestamp;
  lastVisitedAfter?: Timestamp;
  updatedAfter?: Timestamp;
}

/** The conditions of a filter that are bounds of time. */
export type TimeBound = 'postedAfter' | 'postedBefore' | 'lastVisitedAfter' | 'updatedAfter';

/** Bounds given as a span back from now, in milliseconds: they move as time passes, and the filter holds where they stand. */
export type MovingBounds = Partial<Record<TimeBound, number>>;

export const JOB_SORTS = [
  'posted_on_desc',
  'posted_on_asc',
  'last_visited_desc',
  'last_visited_asc',
  'budget_desc',
  'budget_asc',
  'ingested_asc',
  'relevance',
] as const;

/**
 * Orders of results. Jobs without a budget come last in both budget orders; equal jobs follow their id. `relevance` is that of the
 * search, newest first among equals.
 */
export type JobSort = (typeof JOB_SORTS)[number];

/** Orders in which a row has a place of its own, from which a cursor goes on. */
export type WalkSort = Exclude<JobSort, 'relevance'>;

export const JOB_FACETS = [
  'category',
  'category_group',
  'skills',
  'country',
  'job_type',
  'contractor_tier',
  'status',
  'payment_verified',
  'duration_label',
] as const;

/** What results can be counted by. */
export type JobFacet = (typeof JOB_FACETS)[number];

/** Where a page of results begins: after a number of rows, or where an earlier page ended. */
export type PageStart = { offset: number } | { cursor: string };

export const MAX_LIMIT = 50;
export const DEFAULT_LIMIT = 20;
export const MAX_OFFSET = 10_000;
export const MAX_LIST_LENGTH = 100;
export const MAX_NUMBER = 1e12;

/** One spelling of a skill: that in which the filter and the job's skills and tags are compared. */
export function skillKey(skill: string): string {
  return skill.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase();
}

/** One spelling of a time zone; without `+` and blanks, for `UTC+02:00` in a URL arrives as `UTC 02:00`. */
export function timezoneKey(timezone: string): string {
  return timezone.replace(/[\s+]/g, '').toLowerCase();
}

/** What an id may stand as among the identities: `~02<n>` is uid n. */
export function identityValues(id: string): string[] {
  if (/^~02\d+$/.test(id)) return [id, id.slice(3)];
  return /^\d+$/.test(id) ? [id, `~02${id}`] : [id];
}

/** The parameters that make each condition, by their own names. */
export const FILTER_PARAMETERS: Readonly<Record<keyof JobFilter, readonly string[]>> = {
  search: ['search'],
  searchIn: ['search_in'],
  ids: ['ids'],
  notIds: ['exclude_ids'],
  jobTypes: ['job_type', 't'],
  statuses: ['status'],
  contractorTiers: ['contractor_tier'],
  durations: ['duration_label', 'duration_v3'],
  engagements: ['engagement'],
  workloads: ['workload'],
  contractToHire: ['contract_to_hire'],
  proposals: ['proposals'],
  categories: ['category'],
  subcategories: ['subcategory2_uid'],
  categoryGroups: ['category_group'],
  anySkills: ['skills'],
  anyTags: ['tags'],
  allSkills: ['skills_all'],
  notSkills: ['skills_not'],
  budget: ['budget_min', 'budget_max'],
  amounts: ['amount'],
  hourly: ['hourly_min', 'hourly_max'],
  hourlyRates: ['hourly_rate'],
  currencies: ['currency'],
  paymentVerified: ['payment_verified'],
  countries: ['country', 'location'],
  notCountries: ['country_not'],
  timezones: ['timezone'],
  buyerTotalSpentMin: ['buyer.total_spent_min'],
  buyerTotalAssignmentsMin: ['buyer.total_assignments_min'],
  buyerTotalJobsWithHiresMin: ['buyer.total_jobs_with_hires_min'],
  clientHires: ['client_hires'],
  postedAfter: ['posted_after'],
  postedBefore: ['posted_before'],
  lastVisitedAfter: ['last_visited_after'],
  updatedAfter: ['updated_after'],
};

const ADVANCED_CONDITIONS = [
  'buyerTotalSpentMin',
  'buyerTotalAssignmentsMin',
  'buyerTotalJobsWithHiresMin',
  'clientHires',
] as const satisfies (keyof JobFilter)[];

/** Names of the filter's parameters that need Professional or higher. */
export function advancedParametersUsed(filter: JobFilter): string[] {
  return ADVANCED_CONDITIONS.filter((key) => filter[key] !== undefined).flatMap(
    (key) => FILTER_PARAMETERS[key],
  );
}

export function isAdvancedParameter(name: string): boolean {
  return ADVANCED_CONDITIONS.some((key) => FILTER_PARAMETERS[key].includes(name));
}
