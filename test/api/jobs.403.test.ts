import { createTestApi, type TestApi } from '../support/api';

describe('what a plan or a scope does not allow', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.drop());

  it.each([
    ['client_hires=1-', ['client_hires']],
    ['buyer.total_spent_min=100', ['buyer.total_spent_min']],
    [
      'buyer.total_assignments_min=1&buyer.total_jobs_with_hires_min=1',
      ['buyer.total_assignments_min', 'buyer.total_jobs_with_hires_min'],
    ],
  ])('refuses Starter the advanced filters %s and names Professional', async (query, parameters) => {
    const { secret } = await api.issueKey();
    const { body } = await api.get(`/jobs?${query}`, secret).expect(403);
    expect(body).toMatchObject({ success: false, code: 'plan_upgrade_required', data: [], count: 0 });
    expect(body.message).toContain('Professional');
    expect(body.errors.map((fault: { parameter: string }) => fault.parameter)).toEqual(parameters);
  });

  it('lets a Starter account whose contract includes them use the advanced filters', async () => {
    const { id, secret } = await api.issueKey();
    await api.db.raw(
      `update accounts set plan_overrides = '{"advanced_filters": true}'
       where id = (select account_id from api_keys where id = :id)`,
      { id },
    );
    await api.get('/jobs?client_hires=1-', secret).expect(200);
  });

  it.each(['/jobs', '/jobs/1'])(
    'refuses %s to a key without the scope jobs:read, and names the scope',
    async (path) => {
      const { secret } = await api.issueKey({ scopes: ['account:read'] });
      const { body } = await api.get(path, secret).expect(403);
      expect(body).toMatchObject({
        code: 'insufficient_scope',
        message: expect.stringContaining('jobs:read'),
      });
    },
  );
});
