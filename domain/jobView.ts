import { z } from 'zod';
import {
  CONTRACTOR_TIER_LABELS,
  DURATION_LABELS,
  JOB_TYPE_LABELS,
  PROPOSALS_TIERS,
  STATUS_LABELS,
  WORKLOADS,
  jobUrl,
  type Job,
} from './job';
import { decimalAmount, toDecimal } from './money';
import { relativeTime } from './relativeTime';
import type { Timestamp } from './time';

const text = (description: string) => z.string().nullable().describe(description);
const list = (description: string) => z.array(z.string()).describe(description);
const integer = (description: string) => z.number().int().nullable().describe(description);
const yesNo = (description: string) => z.boolean().nullable().describe(description);
const time = (description: string) => z.iso.datetime().describe(`${description} (ISO 8601, UTC)`);
const oneOf = <const Values extends readonly string[]>(values: Values, description: string) =>
  z.enum(values).nullable().describe(description);

const oneOrTwo = z.union([z.literal(1), z.literal(2)]);

/** A job as the API returns it: every field is always there, null (lists: empty) when unknown. */
export const jobViewSchema = z
  .object({
    id: z.string().describe("Stable id: Upwork's uid where known, else the ciphertext, else a hash"),
    ciphertext: text('`~01...` or `~02...`, as in the posting’s URL'),
    url: text('The posting at Upwork'),
    title: z.string().describe('Plain text'),
    description: text('Plain text'),
    job_type: oneOrTwo.nullable().describe('1 hourly, 2 fixed price'),
    job_type_label: oneOf(Object.values(JOB_TYPE_LABELS), 'The job type in words'),
    status: oneOrTwo.nullable().describe('1 open, 2 closed'),
    status_label: oneOf(Object.values(STATUS_LABELS), 'The status in words'),
    contractor_tier: z
      .union([z.literal(1), z.literal(2), z.literal(3)])
      .nullable()
      .describe('1 entry, 2 intermediate, 3 expert'),
    contractor_tier_label: oneOf(Object.values(CONTRACTOR_TIER_LABELS), 'The tier in words'),
    category: z
      .object({
        name: z.string(),
        slug: z.string(),
        group: text('One of the eight groups; null for a category we do not know'),
        group_slug: text('Slug of the group'),
      })
      .nullable()
      .describe('Category at Upwork; an unknown one is kept as the source wrote it'),
    budget: z
      .object({ fixed_amount: z.number(), currency: z.string().describe('ISO 4217') })
      .nullable()
      .describe('Of fixed-price jobs, in the posting’s own currency'),
    hourly_budget: z
      .object({
        min: z.number().nullable().describe('Null: no lower end'),
        max: z.number().nullable().describe('Null: no upper end'),
        currency: z.string().describe('ISO 4217'),
      })
      .nullable()
      .describe('Of hourly jobs, an hour, in the posting’s own currency'),
    buyer: z
      .object({
        payment_verified: yesNo('Whether Upwork has verified the payment method'),
        country: text('ISO 3166-1 alpha-2'),
        city: text('City'),
        timezone: text('Time zone'),
        total_spent: z.number().nullable().describe('Spent at Upwork so far, in US dollars'),
        total_assignments: integer('Contracts given so far'),
        total_jobs_with_hires: integer('Postings that led to a hire'),
        active_assignments: integer('Contracts running now'),
        feedback_count: integer('Reviews received'),
        score: z.number().nullable().describe('Mean rating, 0 to 5'),
        open_jobs_count: integer('Postings open now'),
        company_industry: text('Industry'),
        company_size: text('Size, as Upwork shows it'),
        contract_date: time('Member since').nullable(),
      })
      .describe('The client'),
    skills: list('Lower case, without repeats'),
    tags: list('Lower case, without repeats'),
    client_activity: z
      .object({
        total_applicants: integer('Proposals received'),
        total_hired: integer('Freelancers hired'),
        total_invited_to_interview: integer('Freelancers interviewing'),
        unanswered_invites: integer('Invitations without an answer'),
        invitations_sent: integer('Invitations sent'),
        last_buyer_activity: time('When the client last looked').nullable(),
      })
      .describe('What happened on the posting'),
    duration_label: oneOf(DURATION_LABELS, 'How long the work is expected to take'),
    engagement: oneOf(WORKLOADS, 'How much of a week'),
    workload: oneOf(WORKLOADS, 'How much of a week'),
    is_contract_to_hire: yesNo('Whether it may become a permanent position'),
    number_of_positions: integer('Freelancers wanted'),
    proposals_tier: oneOf(PROPOSALS_TIERS, 'Proposals received, as Upwork shows them'),
    location: text('Where the freelancer has to be, as Upwork shows it'),
    qualifications: list('Wanted of the freelancer, as Upwork shows them'),
    occupations: list('As Upwork shows them'),
    is_private: yesNo('Whether the listing is restricted'),
    privacy_reason: text('Why it is restricted'),
    posted_on: time('First made public; a renewal never moves it'),
    publish_time: time('The same as `posted_on`'),
    publish_time_relative: z.string().describe('`posted_on` seen from now'),
    created_on: time('Made at Upwork').nullable(),
    renewed_on: time('Latest renewal').nullable(),
    last_visited_at: time('Last client activity, else the observation behind this version'),
    first_seen_at: time('First received by us'),
    searchable_at: time(
      'When the search index confirmed this version; known where one job is read',
    ).nullable(),
    verified_at: time('When this version was verified'),
    updated_at: time('When this version came to be'),
    quality: z
      .object({
        score: z.number().min(0).max(1),
        flags: list('Findings that did not keep the job out'),
      })
      .describe('What our checks found'),
  })
  .meta({
    id: 'Job',
    description: 'A job posting. Unknown values are null, unknown lists empty; nothing is left out.',
  });

export type JobView = z.infer<typeof jobViewSchema>;

const highlightSchema = z
  .object({
    title: text('Null when nothing in it matched'),
    description: text('About 300 characters around the first match; null when nothing in it matched'),
    skills: z.array(z.string()).describe('Those that matched'),
  })
  .describe('Where the search matched, as HTML: matched words between `<em>` and `</em>`, all else escaped');

/** A job of a list in which the caller chose the fields, or asked for what matched. */
export const chosenJobViewSchema = jobViewSchema
  .partial()
  .extend({ _highlight: highlightSchema.optional() })
  .meta({
    id: 'ChosenJob',
    description: 'A job with the fields that `fields` names, and what `highlight` adds.',
  });

type ChosenJobView = z.infer<typeof chosenJobViewSchema>;

/** Of a view, only these fields; all when null. */
export function chooseFields(view: JobView, fields: readonly string[] | null): ChosenJobView {
  if (!fields) return view;
  const chosen = new Set(fields);
  return Object.fromEntries(Object.entries(view).filter(([name]) => chosen.has(name)));
}

/** Names of the fields of the wire form. */
export const JOB_VIEW_FIELDS = Object.keys(jobViewSchema.shape);

/** The wire form of a job; `now` is what `publish_time_relative` is counted from. */
export function toJobView(job: Job, now: Timestamp): JobView {
  const ciphertext = job.ciphertext ?? ciphertextOfUid(job.id);
  return {
    id: job.id,
    ciphertext,
    url: ciphertext === null ? null : jobUrl(ciphertext),
    title: job.title,
    description: job.description,
    job_type: job.jobType,
    job_type_label: job.jobType && JOB_TYPE_LABELS[job.jobType],
    status: job.status,
    status_label: job.status && STATUS_LABELS[job.status],
    contractor_tier: job.contractorTier,
    contractor_tier_label: job.contractorTier && CONTRACTOR_TIER_LABELS[job.contractorTier],
    category: job.category && {
      name: job.category.name,
      slug: job.category.slug,
      group: job.category.group,
      group_slug: job.category.groupSlug,
    },
    budget: job.budget && { fixed_amount: decimalAmount(job.budget), currency: job.budget.currency },
    hourly_budget: job.hourlyBudget && {
      min: rate(job.hourlyBudget.minMinor, job.hourlyBudget.currency),
      max: rate(job.hourlyBudget.maxMinor, job.hourlyBudget.currency),
      currency: job.hourlyBudget.currency,
    },
    buyer: {
      payment_verified: job.buyerPaymentVerified,
      country: job.buyerCountry,
      city: job.buyerCity,
      timezone: job.buyerTimezone,
      total_spent: job.buyerTotalSpent && decimalAmount(job.buyerTotalSpent),
      total_assignments: job.buyerTotalAssignments,
      total_jobs_with_hires: job.buyerTotalJobsWithHires,
      active_assignments: job.buyerActiveAssignments,
      feedback_count: job.buyerFeedbackCount,
      score: job.buyerScore,
      open_jobs_count: job.buyerOpenJobsCount,
      company_industry: job.buyerCompanyIndustry,
      company_size: job.buyerCompanySize,
      contract_date: job.buyerContractDate,
    },
    skills: job.skills ?? [],
    tags: job.tags ?? [],
    client_activity: {
      total_applicants: job.totalApplicants,
      total_hired: job.totalHired,
      total_invited_to_interview: job.totalInvitedToInterview,
      unanswered_invites: job.unansweredInvites,
      invitations_sent: job.invitationsSent,
      last_buyer_activity: job.lastBuyerActivity,
    },
    duration_label: job.durationLabel,
    engagement: job.engagement,
    workload: job.workload,
    is_contract_to_hire: job.isContractToHire,
    number_of_positions: job.numberOfPositions,
    proposals_tier: job.proposalsTier,
    location: job.location,
    qualifications: job.qualifications ?? [],
    occupations: job.occupations ?? [],
    is_private: job.isPrivate,
    privacy_reason: job.privacyReason,
    posted_on: job.postedOn,
    publish_time: job.postedOn,
    publish_time_relative: relativeTime(job.postedOn, now),
    created_on: job.createdOn,
    renewed_on: job.renewedOn,
    last_visited_at: job.lastVisitedAt,
    first_seen_at: job.firstSeenAt,
    searchable_at: job.searchableAt,
    verified_at: job.verifiedAt,
    updated_at: job.updatedAt,
    quality: { score: job.qualityScore, flags: job.flags },
  };
}

/** A job known by its uid has a ciphertext even where no source states one: `~02` and the uid. */
function ciphertextOfUid(id: string): string | null {
  return /^\d{1,20}$/.test(id) ? `~02${id}` : null;
}

function rate(minor: number | null, currency: string): number | null {
  return minor === null ? null : toDecimal(minor, currency);
}
