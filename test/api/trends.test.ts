import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';

const ago = (days: number) => addMillis(NOW, -days * DAY_MS);

describe('GET /jobs/trends', () => {
  let api: TestApi;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey({ planId: 'business' })).secret;
    const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' });
    await api.saveJob({
      id: '1',
      postedOn: ago(1),
      jobType: 2,
      budget: usd(10_000),
      skills: ['react', 'go'],
    });
    await api.saveJob({ id: '2', postedOn: ago(1), jobType: 2, budget: usd(20_033), skills: ['react'] });
    await api.saveJob({
      id: '3',
      postedOn: ago(1),
      jobType: 1,
      hourlyBudget: { minMinor: 2_000, maxMinor: 4_000, currency: 'USD' },
    });
    await api.saveJob({
      id: '4',
      postedOn: ago(1),
      jobType: 1,
      hourlyBudget: { minMinor: 5_000, maxMinor: null, currency: 'USD' },
    });
    await api.saveJob({
      id: '5',
      postedOn: ago(2),
      jobType: 2,
      budget: { amountMinor: 9_900, currency: 'EUR' },
    });
    await api.saveJob({ id: '6', postedOn: ago(60), contractorTier: 3 });
    await api.saveJob({ id: '7', postedOn: ago(1), isSample: true });
  });
  afterAll(() => api.drop());

  const trendsOf = async (query: string, secret = key) =>
    (await api.get(`/jobs/trends?${query}`, secret).expect(200)).body;

  it('gives every day of the last thirty, with what its jobs pay in the currency of most', async () => {
    const body = await trendsOf('');
    expect(body).toMatchObject({
      success: true,
      count: 31,
      interval: 'day',
      posted_after: ago(30),
      posted_before: null,
    });
    expect(body.data.at(-2)).toEqual({
      interval_start: '2026-01-31T00:00:00.000Z',
      group: null,
      jobs: 4,
      currency: 'USD',
      fixed_budget: { count: 2, p25: 125.08, median: 150.17, p75: 175.25 },
      hourly_rate: { count: 2, p25: 35, median: 40, p75: 45 },
    });
    const none = { count: 0, p25: null, median: null, p75: null };
    expect(body.data.at(-3)).toMatchObject({
      jobs: 1,
      currency: 'USD',
      fixed_budget: none,
      hourly_rate: none,
    });
    expect(body.data[0]).toMatchObject({ jobs: 0, currency: 'USD', fixed_budget: none });
  });

  it('gives the amounts of the currency that the filter names', async () => {
    const { data } = await trendsOf('currency=EUR&posted_after=-3d&interval=week');
    expect(data.at(-1)).toMatchObject({ jobs: 1, currency: 'EUR', fixed_budget: { count: 1, median: 99 } });
  });

  it('counts a job once in each of its skills', async () => {
    const { data } = await trendsOf('group_by=skill&interval=month');
    expect(data.map(({ group, jobs }: { group: object; jobs: number }) => ({ ...group, jobs }))).toEqual([
      { kind: 'value', value: 'react', jobs: 2 },
      { kind: 'value', value: 'go', jobs: 1 },
    ]);
  });

  it('names a group as the filter takes it', async () => {
    const { data } = await trendsOf('group_by=tier&posted_after=-70d&interval=month');
    const [{ group }] = data;
    expect(group).toEqual({ kind: 'value', value: 'expert' });
    const filtered = await trendsOf(`contractor_tier=${group.value}&posted_after=-70d&interval=month`);
    expect(filtered.data.map(({ jobs }: { jobs: number }) => jobs)).toEqual([0, 1, 0, 0]);
  });

  it('takes the filters of GET /jobs, the advanced ones too', async () => {
    const { data } = await trendsOf('job_type=hourly&skills_not=react&client_hires=0-&posted_after=-3d');
    expect(data.every(({ jobs }: { jobs: number }) => jobs === 0)).toBe(true);
  });

  it('begins with the window of the plan, and says so', async () => {
    const { secret } = await api.issueKey({ planId: 'professional' });
    const body = await trendsOf('posted_after=-70d&interval=month', secret);
    expect(body.posted_after).toBe(ago(30));
    expect(body.warnings).toEqual([expect.stringContaining('Professional')]);
    expect(body.data.reduce((sum: number, { jobs }: { jobs: number }) => sum + jobs, 0)).toBe(5);
  });

  it('shows test keys samples alone', async () => {
    const { secret } = await api.issueKey({ planId: 'business', kind: 'test' });
    const { data } = await trendsOf('posted_after=-3d&interval=month', secret);
    expect(data.map(({ jobs }: { jobs: number }) => jobs)).toEqual([1, 0]);
  });

  it('is empty for a span that ends before the window of the plan', async () => {
    expect(await trendsOf('posted_before=2020-01-01')).toMatchObject({ data: [], count: 0 });
  });

  it('is refused to Starter, naming the plan that has it', async () => {
    const { secret } = await api.issueKey();
    const { body } = await api.get('/jobs/trends', secret).expect(403);
    expect(body).toMatchObject({
      code: 'plan_upgrade_required',
      message: expect.stringContaining('Professional'),
    });
  });

  it('refuses an unknown interval, a grouping and a filter that is none, all at once', async () => {
    const { body } = await api.get('/jobs/trends?interval=dayly&group_by=skil&cuontry=US', key).expect(400);
    expect(body.errors).toMatchObject([
      { parameter: 'cuontry', did_you_mean: 'country' },
      { parameter: 'interval', did_you_mean: 'day' },
      { parameter: 'group_by', did_you_mean: 'skill' },
    ]);
  });

  it('refuses more intervals than it gives, and says which fit', async () => {
    const { body } = await api.get(`/jobs/trends?posted_after=-100d&interval=hour`, key).expect(400);
    expect(body.errors).toMatchObject([
      { parameter: 'interval', received: 'hour', expected: 'day, week, month' },
    ]);
    await api.get('/jobs/trends?limit=5', key).expect(400);
  });

  it('counts a job of the present hour', async () => {
    await api.saveJob({ id: '8', postedOn: addMillis(NOW, -HOUR_MS / 60) });
    const { data } = await trendsOf('posted_after=-2h&interval=hour');
    expect(data.map(({ jobs }: { jobs: number }) => jobs)).toEqual([0, 1]);
  });
});
