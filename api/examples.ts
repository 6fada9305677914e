import { resolveCategory } from '../domain/categories';
import { emptyContent, type Job } from '../domain/job';
import { toJobView, type JobView } from '../domain/jobView';

const exampleJob: Job = {
  ...emptyContent(),
  id: '1880000000000000001',
  version: 1,
  ciphertext: '~021880000000000000001',
  title: 'Build a booking page in React',
  description: 'We run three hiking huts and need a page on which guests can see free beds and book them.',
  jobType: 2,
  status: 1,
  contractorTier: 2,
  category: resolveCategory('full-stack-development').category,
  budget: { amountMinor: 150_000, currency: 'USD' },
  skills: ['react', 'typescript', 'postgresql'],
  durationLabel: '1 to 3 months',
  workload: 'part-time',
  proposalsTier: '5 to 10',
  postedOn: '2026-01-20T09:00:00.000Z',
  createdOn: '2026-01-20T08:58:12.000Z',
  lastBuyerActivity: '2026-01-20T11:30:00.000Z',
  totalApplicants: 7,
  buyerPaymentVerified: true,
  buyerCountry: 'CH',
  buyerCity: 'Chur',
  buyerTotalSpent: { amountMinor: 1_240_000, currency: 'USD' },
  buyerTotalAssignments: 9,
  buyerTotalJobsWithHires: 8,
  lastVisitedAt: '2026-01-20T11:30:00.000Z',
  firstSeenAt: '2026-01-20T09:04:31.000Z',
  verifiedAt: '2026-01-20T09:04:33.000Z',
  updatedAt: '2026-01-20T09:04:33.000Z',
  searchableAt: '2026-01-20T09:04:35.000Z',
  flags: [],
  qualityScore: 0.97,
  isSample: false,
};

/** A made-up job as the API shows it, for the documentation. */
export const exampleJobView: JobView = toJobView(exampleJob, '2026-01-20T12:00:00.000Z');
