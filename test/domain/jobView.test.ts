import { emptyContent, FIELD_NAMES, type Job } from '../../domain/job';
import { jobViewSchema, toJobView } from '../../domain/jobView';

const NOW = '2026-01-20T12:00:00.000Z';

const bareJob: Job = {
  ...emptyContent(),
  id: 'a3f1',
  title: 'Fix my site',
  postedOn: '2026-01-20T09:00:00.000Z',
  version: 3,
  lastVisitedAt: '2026-01-20T10:00:00.000Z',
  firstSeenAt: '2026-01-20T09:05:00.000Z',
  verifiedAt: '2026-01-20T09:05:01.000Z',
  updatedAt: '2026-01-20T09:05:01.000Z',
  searchableAt: null,
  flags: ['budget_missing'],
  qualityScore: 0.8,
  isSample: false,
};

describe('the view of a job', () => {
  it('has every field when nothing is known: null for values, empty for lists', () => {
    expect(toJobView(bareJob, NOW)).toEqual({
      id: 'a3f1',
      ciphertext: null,
      url: null,
      title: 'Fix my site',
      description: null,
      job_type: null,
      job_type_label: null,
      status: null,
      status_label: null,
      contractor_tier: null,
      contractor_tier_label: null,
      category: null,
      budget: null,
      hourly_budget: null,
      buyer: {
        payment_verified: null,
        country: null,
        city: null,
        timezone: null,
        total_spent: null,
        total_assignments: null,
        total_jobs_with_hires: null,
        active_assignments: null,
        feedback_count: null,
        score: null,
        open_jobs_count: null,
        company_industry: null,
        company_size: null,
        contract_date: null,
      },
      skills: [],
      tags: [],
      client_activity: {
        total_applicants: null,
        total_hired: null,
        total_invited_to_interview: null,
        unanswered_invites: null,
        invitations_sent: null,
        last_buyer_activity: null,
      },
      duration_label: null,
      engagement: null,
      workload: null,
      is_contract_to_hire: null,
      number_of_positions: null,
      proposals_tier: null,
      location: null,
      qualifications: [],
      occupations: [],
      is_private: null,
      privacy_reason: null,
      posted_on: '2026-01-20T09:00:00.000Z',
      publish_time: '2026-01-20T09:00:00.000Z',
      publish_time_relative: '3 hours ago',
      created_on: null,
      renewed_on: null,
      last_visited_at: '2026-01-20T10:00:00.000Z',
      first_seen_at: '2026-01-20T09:05:00.000Z',
      searchable_at: null,
      verified_at: '2026-01-20T09:05:01.000Z',
      updated_at: '2026-01-20T09:05:01.000Z',
      quality: { score: 0.8, flags: ['budget_missing'] },
    });
  });

  it('shows every field of a posting under its wire name, and never the client id', () => {
    const view = toJobView({ ...bareJob, clientId: 'client-7' }, NOW);
    for (const [field, name] of Object.entries(FIELD_NAMES)) {
      const [outer = '', inner] = name.split('.');
      const holder: unknown = inner === undefined ? view : view[outer as 'buyer' | 'client_activity'];
      if (field === 'clientId') expect(JSON.stringify(view)).not.toContain('client-7');
      else expect(holder).toHaveProperty(inner ?? outer);
    }
  });

  it('agrees with the schema that documents it', () => {
    const view = toJobView(bareJob, NOW);
    const parsed = jobViewSchema.parse(view);
    expect(parsed).toEqual(view);
    expect(Object.keys(jobViewSchema.shape)).toEqual(Object.keys(view));
    expect(Object.keys(jobViewSchema.shape.buyer.shape)).toEqual(Object.keys(view.buyer));
  });

  it('shows money as decimals of its own currency', () => {
    const view = toJobView(
      {
        ...bareJob,
        budget: { amountMinor: 150_050, currency: 'USD' },
        hourlyBudget: { minMinor: null, maxMinor: 4_000, currency: 'JPY' },
        buyerTotalSpent: { amountMinor: 1, currency: 'USD' },
      },
      NOW,
    );
    expect(view.budget).toEqual({ fixed_amount: 1500.5, currency: 'USD' });
    expect(view.hourly_budget).toEqual({ min: null, max: 4000, currency: 'JPY' });
    expect(view.buyer.total_spent).toBe(0.01);
  });

  it('puts a label beside each code', () => {
    const view = toJobView({ ...bareJob, jobType: 2, status: 1, contractorTier: 3 }, NOW);
    expect(view).toMatchObject({
      job_type: 2,
      job_type_label: 'fixed-price',
      status: 1,
      status_label: 'open',
      contractor_tier: 3,
      contractor_tier_label: 'expert',
    });
  });

  it('knows the ciphertext of a job that is known by its uid alone', () => {
    expect(toJobView({ ...bareJob, id: '1880000000000000001' }, NOW)).toMatchObject({
      ciphertext: '~021880000000000000001',
      url: 'https://www.upwork.com/jobs/~021880000000000000001',
    });
  });

  it.each([
    ['2026-01-20T12:00:30.000Z', 'just now'],
    ['2026-01-20T11:59:01.000Z', 'just now'],
    ['2026-01-20T11:59:00.000Z', '1 minute ago'],
    ['2026-01-20T11:00:01.000Z', '59 minutes ago'],
    ['2026-01-20T09:00:00.000Z', '3 hours ago'],
    ['2026-01-19T12:00:00.000Z', '1 day ago'],
    ['2026-01-12T12:00:00.000Z', '1 week ago'],
    ['2025-11-20T12:00:00.000Z', '2 months ago'],
    ['2023-01-20T12:00:00.000Z', '3 years ago'],
  ])('says of a posting of %s that it was published %s', (postedOn, said) => {
    expect(toJobView({ ...bareJob, postedOn }, NOW).publish_time_relative).toBe(said);
  });
});
