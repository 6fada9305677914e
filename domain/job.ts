import type { JobCategory } from './categories';
import type { Timestamp } from './time';

/** Upwork's own codes (spec: jobs-and-quality.md, The canonical job). */
export const JOB_TYPE_LABELS = { 1: 'hourly', 2: 'fixed-price' } as const;
export const STATUS_LABELS = { 1: 'open', 2: 'closed' } as const;
export const CONTRACTOR_TIER_LABELS = { 1: 'entry', 2: 'intermediate', 3: 'expert' } as const;
export const DURATION_LABELS = [
  'Less than 1 month',
  '1 to 3 months',
  '3 to 6 months',
  'More than 6 months',
] as const;
export const WORKLOADS = ['full-time', 'part-time', 'as-needed'] as const;
/** As Upwork shows them, fewest first. */
export const PROPOSALS_TIERS = ['Less than 5', '5 to 10', '10 to 15', '15 to 20', '20 to 50', '50+'] as const;

export type JobType = keyof typeof JOB_TYPE_LABELS;
export type JobStatus = keyof typeof STATUS_LABELS;
export type ContractorTier = keyof typeof CONTRACTOR_TIER_LABELS;
export type DurationLabel = (typeof DURATION_LABELS)[number];
export type Workload = (typeof WORKLOADS)[number];
export type ProposalsTier = (typeof PROPOSALS_TIERS)[number];

/** Integer minor units (cents) of an ISO 4217 currency. */
export interface Money {
  amountMinor: number;
  currency: string;
}

/** A range of hourly rates; a null end is open. */
export interface MoneyRange {
  minMinor: number | null;
  maxMinor: number | null;
  currency: string;
}

/**
 * What a source can say about a posting: every field null when unknown, never invented. Merged field by field.
 * The key order is the order in which people see the fields (`job show`, `ingest --check`).
 */
export interface JobContent {
  ciphertext: string | null;
  title: string | null;
  description: string | null;
  jobType: JobType | null;
  status: JobStatus | null;
  contractorTier: ContractorTier | null;
  category: JobCategory | null;
  budget: Money | null;
  hourlyBudget: MoneyRange | null;
  skills: string[] | null;
  tags: string[] | null;
  durationLabel: DurationLabel | null;
  engagement: Workload | null;
  workload: Workload | null;
  isContractToHire: boolean | null;
  numberOfPositions: number | null;
  proposalsTier: ProposalsTier | null;
  location: string | null;
  qualifications: string[] | null;
  occupations: string[] | null;
  isPrivate: boolean | null;
  privacyReason: string | null;
  postedOn: Timestamp | null;
  createdOn: Timestamp | null;
  renewedOn: Timestamp | null;
  lastBuyerActivity: Timestamp | null;
  totalApplicants: number | null;
  totalHired: number | null;
  totalInvitedToInterview: number | null;
  unansweredInvites: number | null;
  invitationsSent: number | null;
  buyerPaymentVerified: boolean | null;
  buyerCountry: string | null;
  buyerCity: string | null;
  buyerTimezone: string | null;
  buyerTotalSpent: Money | null;
  buyerTotalAssignments: number | null;
  buyerTotalJobsWithHires: number | null;
  buyerActiveAssignments: number | null;
  buyerFeedbackCount: number | null;
  buyerScore: number | null;
  buyerOpenJobsCount: number | null;
  buyerCompanyIndustry: string | null;
  buyerCompanySize: string | null;
  buyerContractDate: Timestamp | null;
  /** The client's id at the source. Compared when looking for duplicates, never shown. */
  clientId: string | null;
}

export type JobField = keyof JobContent;

/** Each field's name on the wire and in mapping documents. */
export const FIELD_NAMES: Readonly<Record<JobField, string>> = {
  ciphertext: 'ciphertext',
  title: 'title',
  description: 'description',
  jobType: 'job_type',
  status: 'status',
  contractorTier: 'contractor_tier',
  category: 'category',
  budget: 'budget',
  hourlyBudget: 'hourly_budget',
  skills: 'skills',
  tags: 'tags',
  durationLabel: 'duration_label',
  engagement: 'engagement',
  workload: 'workload',
  isContractToHire: 'is_contract_to_hire',
  numberOfPositions: 'number_of_positions',
  proposalsTier: 'proposals_tier',
  location: 'location',
  qualifications: 'qualifications',
  occupations: 'occupations',
  isPrivate: 'is_private',
  privacyReason: 'privacy_reason',
  postedOn: 'posted_on',
  createdOn: 'created_on',
  renewedOn: 'renewed_on',
  lastBuyerActivity: 'client_activity.last_buyer_activity',
  totalApplicants: 'client_activity.total_applicants',
  totalHired: 'client_activity.total_hired',
  totalInvitedToInterview: 'client_activity.total_invited_to_interview',
  unansweredInvites: 'client_activity.unanswered_invites',
  invitationsSent: 'client_activity.invitations_sent',
  buyerPaymentVerified: 'buyer.payment_verified',
  buyerCountry: 'buyer.country',
  buyerCity: 'buyer.city',
  buyerTimezone: 'buyer.timezone',
  buyerTotalSpent: 'buyer.total_spent',
  buyerTotalAssignments: 'buyer.total_assignments',
  buyerTotalJobsWithHires: 'buyer.total_jobs_with_hires',
  buyerActiveAssignments: 'buyer.active_assignments',
  buyerFeedbackCount: 'buyer.feedback_count',
  buyerScore: 'buyer.score',
  buyerOpenJobsCount: 'buyer.open_jobs_count',
  buyerCompanyIndustry: 'buyer.company_industry',
  buyerCompanySize: 'buyer.company_size',
  buyerContractDate: 'buyer.contract_date',
  clientId: 'client_id',
};

export const JOB_FIELDS = Object.keys(FIELD_NAMES) as JobField[];

/** Written out, since objects made by one literal are read and copied ten times faster than those put together in a loop. */
export function emptyContent(): JobContent {
  return {
    ciphertext: null,
    title: null,
    description: null,
    jobType: null,
    status: null,
    contractorTier: null,
    category: null,
    budget: null,
    hourlyBudget: null,
    skills: null,
    tags: null,
    durationLabel: null,
    engagement: null,
    workload: null,
    isContractToHire: null,
    numberOfPositions: null,
    proposalsTier: null,
    location: null,
    qualifications: null,
    occupations: null,
    isPrivate: null,
    privacyReason: null,
    postedOn: null,
    createdOn: null,
    renewedOn: null,
    lastBuyerActivity: null,
    totalApplicants: null,
    totalHired: null,
    totalInvitedToInterview: null,
    unansweredInvites: null,
    invitationsSent: null,
    buyerPaymentVerified: null,
    buyerCountry: null,
    buyerCity: null,
    buyerTimezone: null,
    buyerTotalSpent: null,
    buyerTotalAssignments: null,
    buyerTotalJobsWithHires: null,
    buyerActiveAssignments: null,
    buyerFeedbackCount: null,
    buyerScore: null,
    buyerOpenJobsCount: null,
    buyerCompanyIndustry: null,
    buyerCompanySize: null,
    buyerContractDate: null,
    clientId: null,
  };
}

/** The fields that are known, for storage; `fullContent` brings the others back. */
export function knownContent(content: JobContent): Partial<JobContent> {
  const known: Partial<Record<JobField, unknown>> = {};
  for (const field of JOB_FIELDS) if (content[field] !== null) known[field] = content[field];
  return known as Partial<JobContent>;
}

/** Content as it was stored, every field there again: those unknown, or added since, are null. */
export function fullContent(known: Partial<JobContent>): JobContent {
  return Object.assign(emptyContent(), known);
}

/** A published job: what the sources say, and what we know about it. */
export interface Job extends JobContent {
  id: string;
  title: string;
  postedOn: Timestamp;
  /** Grows by one with every change of a field. */
  version: number;
  /** Last client activity, else the observation behind this version. */
  lastVisitedAt: Timestamp;
  firstSeenAt: Timestamp;
  verifiedAt: Timestamp;
  updatedAt: Timestamp;
  /** When the index confirmed this version; known only where a single job is read. */
  searchableAt: Timestamp | null;
  /** Ids of the soft findings that did not reject it. */
  flags: string[];
  /** 0 to 1. */
  qualityScore: number;
  /** From the sample source: seen by test keys, and by live keys only under `npm start`. */
  isSample: boolean;
}

/** A job as it was at some time. */
export interface JobVersion {
  id: string;
  version: number;
}

export function jobUrl(ciphertext: string): string {
  return `https://www.upwork.com/jobs/${ciphertext}`;
}
