import { resolveCategory } from '../domain/categories';
import { emptyContent, type Job } from '../domain/job';
import { toJobView, type JobView } from '../domain/jobView';
import type { KeyView } from './keyView';
import type { SavedSearchView } from './savedSearchView';
import type { EndpointView } from './webhookViews';

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

/** A webhook endpoint in the examples of the documentation. */
export const exampleEndpointView: EndpointView = {
  id: '0b9f3c52-8a41-4f6e-9d55-2c7e51a0d4f3',
  url: 'https://hooks.example.com/…7a1c',
  events: ['job.matched', 'job.closed'],
  saved_search_ids: null,
  max_in_flight: 1,
  rate_limit: null,
  format: 'json',
  format_options: {},
  headers: { Authorization: '…8f2d' },
  description: 'leads',
  enabled: true,
  status: 'active',
  status_reason: null,
  pending: 0,
  failures_in_a_row: 0,
  last_success_at: '2026-01-20T11:58:40.000Z',
  last_failure_at: null,
  previous_secret_until: null,
  created_at: '2026-01-12T09:30:00.000Z',
  updated_at: '2026-01-12T09:30:00.000Z',
};

/** A delivery in the examples of the documentation. */
export const exampleDeliveryView = {
  id: '5e0c7a1d-3b64-4c1f-8a2e-97d1f06b2c48',
  endpoint_id: exampleEndpointView.id,
  event_id: 'evt_9c1d4be07f2a4c53a1f06e8d2b7c5a90',
  event_type: 'job.matched',
  job_id: exampleJobView.id,
  replayed: false,
  status: 'delivered' as const,
  created_at: '2026-01-20T09:04:35.000Z',
  next_attempt_at: null,
  finished_at: '2026-01-20T09:04:41.412Z',
  attempts: [
    {
      at: '2026-01-20T09:04:35.310Z',
      status_code: 502,
      duration_ms: 61,
      answer: 'Bad Gateway',
      error: 'status 502',
    },
    { at: '2026-01-20T09:04:41.320Z', status_code: 200, duration_ms: 92, answer: 'ok', error: null },
  ],
};

/** What that delivery tells. */
export const exampleEvent = {
  id: exampleDeliveryView.event_id,
  type: exampleDeliveryView.event_type,
  created_at: exampleDeliveryView.created_at,
  data: {
    job: exampleJobView,
    saved_searches: [{ id: '7d2f4a6b-1c3e-4f50-8b9a-0e1d2c3b4a59', name: 'React in Switzerland' }],
  },
};
