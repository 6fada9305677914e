import { fullContent, type Job, type JobContent, knownContent } from '../domain/job';
import { jobFacts } from '../domain/jobFilter';
import { searchTerms } from '../domain/searchTerms';
import type { Timestamp } from '../domain/time';
import { toTsvectorLiteral } from './searchVector';

/** What a job is read from. */
export interface StoredJobRow {
  id: string;
  version: number;
  /** Known fields only. */
  content: Partial<JobContent>;
  flags: string[];
  quality_score: number;
  is_sample: boolean;
  posted_on: Timestamp;
  last_visited_at: Timestamp;
  first_seen_at: Timestamp;
  verified_at: Timestamp;
  updated_at: Timestamp;
}

/** The row of a job in `jobs`, but for its provenance and its place in the order of ingestion. */
export interface JobRow extends StoredJobRow {
  job_type: number | null;
  status: number | null;
  contractor_tier: number | null;
  category_path: string[];
  category_group: string | null;
  budget_amount: number | null;
  budget_currency: string | null;
  hourly_min: number | null;
  hourly_max: number | null;
  hourly_currency: string | null;
  skill_set: string[];
  duration_label: string | null;
  engagement: string | null;
  workload: string | null;
  contract_to_hire: boolean | null;
  proposals_tier: string | null;
  total_applicants: number | null;
  payment_verified: boolean | null;
  buyer_country: string | null;
  buyer_timezone: string | null;
  buyer_total_spent: number | null;
  buyer_total_assignments: number | null;
  buyer_total_jobs_with_hires: number | null;
  /** Text of a tsvector. */
  search_vector: string;
}

/** Types of the columns that `toJob` reads, for rows that come as JSON. */
export const STORED_COLUMN_TYPES: Readonly<Record<keyof StoredJobRow, string>> = {
  id: 'text',
  version: 'int',
  content: 'jsonb',
  flags: 'text[]',
  quality_score: 'real',
  is_sample: 'boolean',
  posted_on: 'timestamptz',
  last_visited_at: 'timestamptz',
  first_seen_at: 'timestamptz',
  verified_at: 'timestamptz',
  updated_at: 'timestamptz',
};

/** Types of the columns that are derived from a job's content. */
export const DERIVED_COLUMN_TYPES: Readonly<Record<Exclude<keyof JobRow, keyof StoredJobRow>, string>> = {
  job_type: 'smallint',
  status: 'smallint',
  contractor_tier: 'smallint',
  category_path: 'text[]',
  category_group: 'text',
  budget_amount: 'numeric',
  budget_currency: 'text',
  hourly_min: 'numeric',
  hourly_max: 'numeric',
  hourly_currency: 'text',
  skill_set: 'text[]',
  duration_label: 'text',
  engagement: 'text',
  workload: 'text',
  contract_to_hire: 'boolean',
  proposals_tier: 'text',
  total_applicants: 'int',
  payment_verified: 'boolean',
  buyer_country: 'text',
  buyer_timezone: 'text',
  buyer_total_spent: 'numeric',
  buyer_total_assignments: 'int',
  buyer_total_jobs_with_hires: 'int',
  search_vector: 'tsvector',
};

/** The columns that `toJob` reads. */
export const JOB_COLUMNS = Object.keys(STORED_COLUMN_TYPES);

/** The job of a row; `searchableAt` where it was read along. */
export function toJob(row: StoredJobRow, searchableAt: Timestamp | null = null): Job {
  // Not by spreading, which takes thirty times as long for so many members: this runs for every job of every page.
  return Object.assign(fullContent(row.content), {
    title: row.content.title ?? '',
    id: row.id,
    version: row.version,
    flags: row.flags,
    qualityScore: row.quality_score,
    isSample: row.is_sample,
    postedOn: row.posted_on,
    lastVisitedAt: row.last_visited_at,
    firstSeenAt: row.first_seen_at,
    verifiedAt: row.verified_at,
    updatedAt: row.updated_at,
    searchableAt,
  });
}

/** The row of a job: its content, and what filters, orders and searches read, derived from it. */
export function toJobRow(job: Job): JobRow {
  const facts = jobFacts(job);
  return {
    id: job.id,
    version: job.version,
    content: knownContent(job),
    flags: job.flags,
    quality_score: job.qualityScore,
    is_sample: job.isSample,
    posted_on: job.postedOn,
    last_visited_at: job.lastVisitedAt,
    first_seen_at: job.firstSeenAt,
    verified_at: job.verifiedAt,
    updated_at: job.updatedAt,
    job_type: facts.jobType,
    status: facts.status,
    contractor_tier: facts.contractorTier,
    category_path: facts.categoryPath,
    category_group: facts.categoryGroup,
    budget_amount: facts.budgetAmount,
    budget_currency: facts.budgetCurrency,
    hourly_min: facts.hourlyMin,
    hourly_max: facts.hourlyMax,
    hourly_currency: facts.hourlyCurrency,
    skill_set: facts.skillSet,
    duration_label: facts.durationLabel,
    engagement: facts.engagement,
    workload: facts.workload,
    contract_to_hire: facts.contractToHire,
    proposals_tier: facts.proposalsTier,
    total_applicants: facts.totalApplicants,
    payment_verified: facts.paymentVerified,
    buyer_country: facts.buyerCountry,
    buyer_timezone: facts.buyerTimezone,
    buyer_total_spent: facts.buyerTotalSpent,
    buyer_total_assignments: facts.buyerTotalAssignments,
    buyer_total_jobs_with_hires: facts.buyerTotalJobsWithHires,
    search_vector: toTsvectorLiteral(searchTerms(job)),
  };
}
