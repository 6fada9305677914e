import { resolveCategory } from '../domain/categories';
import { emptyContent, type Job } from '../domain/job';
import { toJobView, type JobView } from '../domain/jobView';
import type { KeyView } from './keyView';
import type { SavedSearchView } from './savedSearchView';

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

/** A key in the examples of the documentation. */
export const exampleKeyView: KeyView = {
  id: '6f1c2a0e-5b1d-4c3e-9a43-0d8f6f1f2b11',
  name: 'nightly import',
  kind: 'live',
  prefix: 'uj_live_',
  last_four: 'x7Qa',
  status: 'active',
  scopes: ['jobs:read'],
  allowed_ips: ['203.0.113.0/24', '2001:db8::/32'],
  requests_per_minute: 20,
  monthly_calls: null,
  created_at: '2026-01-20T11:00:00.000Z',
  expires_at: '2026-12-31T00:00:00.000Z',
  revoked_at: null,
  last_used_at: null,
  replaced_by: null,
};

/** A saved search in the examples of the documentation. */
export const exampleSavedSearchView: SavedSearchView = {
  id: '2b6d5f3c-8a41-4f0e-b6a7-5c3f9d7e1a02',
  name: 'Python in the US and the UK',
  filter: { search: 'python -wordpress', country: ['US', 'GB'], hourly_min: 40 },
  created_at: '2026-01-20T09:00:00.000Z',
  updated_at: '2026-01-20T09:00:00.000Z',
};
