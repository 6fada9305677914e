import { categoryPath } from '../categories';
import type { ContractorTier, DurationLabel, Job, JobStatus, JobType, ProposalsTier, Workload } from '../job';
import { decimalAmount, toDecimal } from '../money';
import type { Timestamp } from '../time';
import { skillKey, timezoneKey } from './filter';

/** What filters look at, derived from a job in this one place: the matcher reads it, the engines store it. Amounts are decimals. */
export interface JobFacts {
  id: string;
  ciphertext: string | null;
  jobType: JobType | null;
  status: JobStatus | null;
  contractorTier: ContractorTier | null;
  /** Slugs of the category and all above it. */
  categoryPath: string[];
  categoryGroup: string | null;
  budgetAmount: number | null;
  budgetCurrency: string | null;
  hourlyMin: number | null;
  hourlyMax: number | null;
  hourlyCurrency: string | null;
  /** Skills and tags. */
  skillSet: string[];
  durationLabel: DurationLabel | null;
  engagement: Workload | null;
  workload: Workload | null;
  contractToHire: boolean | null;
  proposalsTier: ProposalsTier | null;
  totalApplicants: number | null;
  paymentVerified: boolean | null;
  buyerCountry: string | null;
  buyerTimezone: string | null;
  buyerTotalSpent: number | null;
  buyerTotalAssignments: number | null;
  buyerTotalJobsWithHires: number | null;
  postedOn: Timestamp;
  lastVisitedAt: Timestamp;
  updatedAt: Timestamp;
}

export function jobFacts(job: Job): JobFacts {
  const { category, budget, hourlyBudget } = job;
  return {
    id: job.id,
    ciphertext: job.ciphertext,
    jobType: job.jobType,
    status: job.status,
    contractorTier: job.contractorTier,
    categoryPath: category ? categoryPath(category.slug) : [],
    categoryGroup: category?.groupSlug ?? null,
    budgetAmount: budget && decimalAmount(budget),
    budgetCurrency: budget?.currency ?? null,
    hourlyMin: hourlyBudget && decimalOrNull(hourlyBudget.minMinor, hourlyBudget.currency),
    hourlyMax: hourlyBudget && decimalOrNull(hourlyBudget.maxMinor, hourlyBudget.currency),
    hourlyCurrency: hourlyBudget?.currency ?? null,
    skillSet: [...new Set([...(job.skills ?? []), ...(job.tags ?? [])].map(skillKey))],
    durationLabel: job.durationLabel,
    engagement: job.engagement,
    workload: job.workload,
    contractToHire: job.isContractToHire,
    proposalsTier: job.proposalsTier,
    totalApplicants: count(job.totalApplicants),
    paymentVerified: job.buyerPaymentVerified,
    buyerCountry: job.buyerCountry,
    buyerTimezone: job.buyerTimezone === null ? null : timezoneKey(job.buyerTimezone),
    buyerTotalSpent: job.buyerTotalSpent && decimalAmount(job.buyerTotalSpent),
    buyerTotalAssignments: count(job.buyerTotalAssignments),
    buyerTotalJobsWithHires: count(job.buyerTotalJobsWithHires),
    postedOn: job.postedOn,
    lastVisitedAt: job.lastVisitedAt,
    updatedAt: job.updatedAt,
  };
}

const MAX_COUNT = 2_147_483_647;

/** Whole and within 32 bits, as counts are stored. */
function count(value: number | null): number | null {
  return value === null ? null : Math.min(Math.max(Math.trunc(value), 0), MAX_COUNT);
}

function decimalOrNull(amountMinor: number | null, currency: string): number | null {
  return amountMinor === null ? null : toDecimal(amountMinor, currency);
}
