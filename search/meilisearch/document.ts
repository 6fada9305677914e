import type { Job } from '../../domain/job';
import { jobFacts } from '../../domain/jobFilter';
import { toMillis } from '../../domain/time';
import { encodeWord, indexedTexts } from './words';

/** Grows when the same job makes another document than before: all documents are then behind. */
const DOCUMENT_FORMAT = 2;

/** Stand for a missing end of an hourly range; JSON has no infinity. */
const LOWEST = -1e300;
const HIGHEST = 1e300;

/** What an order reads, and a page comes with. */
export interface IndexedPlace {
  sort_key: string;
  stamp: string;
  /** Milliseconds since 1970, as all times here. */
  posted_on: number;
  last_visited_at: number;
  budget_amount?: number;
}

/** A job as Meilisearch holds it: what it searches, filters and orders by, and the job to show. What is unknown is left out. */
export interface IndexedJob extends IndexedPlace {
  key: string;
  /** The job as JSON: read only while Postgres, which has it as it is now, is away. */
  shown: string;
  title: string;
  skills: string;
  description: string;
  other: string;
  is_sample: boolean;
  updated_at: number;
  job_type?: number;
  status?: number;
  contractor_tier?: number;
  /** Texts that filters compare are encoded as words. */
  category_path: string[];
  category_group?: string;
  currencies: string[];
  hourly_low?: number;
  hourly_high?: number;
  skill_set: string[];
  duration_label?: string;
  engagement?: string;
  workload?: string;
  contract_to_hire?: boolean;
  proposals_tier?: string;
  total_applicants?: number;
  payment_verified?: boolean;
  buyer_country?: string;
  buyer_timezone?: string;
  buyer_total_spent?: number;
  buyer_total_assignments?: number;
  buyer_total_jobs_with_hires?: number;
}

/** The primary key of a job: Meilisearch takes letters and digits there, and ids hold `~`. */
export function documentKey(jobId: string): string {
  return encodeWord(jobId);
}

/** A job's id in a form that is never read as a number, and ordered as the id is. */
export function sortKey(jobId: string): string {
  return `k${jobId}`;
}

export function jobIdOf({ sort_key }: Pick<IndexedPlace, 'sort_key'>): string {
  return sort_key.slice(1);
}

/** What tells one document of a job from another. */
export function documentStamp(version: number): string {
  return `${DOCUMENT_FORMAT}.${version}`;
}

export function toDocument(job: Job): IndexedJob {
  const facts = jobFacts(job);
  const texts = indexedTexts(job);
  const { hourlyMin, hourlyMax } = facts;
  const isHourly = hourlyMin !== null || hourlyMax !== null;
  return {
    key: documentKey(job.id),
    sort_key: sortKey(job.id),
    stamp: documentStamp(job.version),
    shown: JSON.stringify({ ...job, searchableAt: null }),
    title: texts.A,
    skills: texts.B,
    description: texts.C,
    other: texts.D,
    is_sample: job.isSample,
    posted_on: toMillis(facts.postedOn),
    last_visited_at: toMillis(facts.lastVisitedAt),
    updated_at: toMillis(facts.updatedAt),
    job_type: known(facts.jobType),
    status: known(facts.status),
    contractor_tier: known(facts.contractorTier),
    category_path: facts.categoryPath.map(encodeWord),
    category_group: word(facts.categoryGroup),
    budget_amount: known(facts.budgetAmount),
    currencies: [facts.budgetCurrency, facts.hourlyCurrency].flatMap((code) => word(code) ?? []),
    hourly_low: isHourly ? (hourlyMin ?? LOWEST) : undefined,
    hourly_high: isHourly ? (hourlyMax ?? HIGHEST) : undefined,
    skill_set: facts.skillSet.map(encodeWord),
    duration_label: word(facts.durationLabel),
    engagement: word(facts.engagement),
    workload: word(facts.workload),
    contract_to_hire: known(facts.contractToHire),
    proposals_tier: word(facts.proposalsTier),
    total_applicants: known(facts.totalApplicants),
    payment_verified: known(facts.paymentVerified),
    buyer_country: word(facts.buyerCountry),
    buyer_timezone: word(facts.buyerTimezone),
    buyer_total_spent: known(facts.buyerTotalSpent),
    buyer_total_assignments: known(facts.buyerTotalAssignments),
    buyer_total_jobs_with_hires: known(facts.buyerTotalJobsWithHires),
  };
}

function known<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

function word(text: string | null): string | undefined {
  return text === null ? undefined : encodeWord(text);
}
