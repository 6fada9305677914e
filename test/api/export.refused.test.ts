import { createTestApi, type TestApi } from '../support/api';

describe('exports that are refused', () => {
  let api: TestApi;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey({ planId: 'business' })).secret;
  });
  afterAll(() => api.drop());

  it.each(['starter', 'professional'])('refuses %s, and names Business', async (planId) => {
    const { secret } = await api.issueKey({ planId });
    const { body } = await api.get('/jobs/export', secret).expect(403);
    expect(body).toMatchObject({ success: false, code: 'plan_upgrade_required', data: [] });
    expect(body.message).toContain('the Business plan or a larger one, or the bulk-exports add-on');
  });

  const withOwnTerms = async (planId: string, terms: object) => {
    const { id, secret } = await api.issueKey({ planId });
    await api.db.raw(
      `update accounts set plan_overrides = cast(:terms as jsonb)
       where id = (select account_id from api_keys where id = :id)`,
      { id, terms: JSON.stringify(terms) },
    );
    return secret;
  };

  it('lets a Professional account export whose own terms include it', async () => {
    await api.get('/jobs/export', await withOwnTerms('professional', { exports: true })).expect(200);
  });

  it('refuses advanced filters to an account that may export and has them not', async () => {
    const secret = await withOwnTerms('starter', { exports: true });
    await api.get('/jobs/export?country=de', secret).expect(200);
    const { body } = await api.get('/jobs/export?client_hires=1-', secret).expect(403);
    expect(body).toMatchObject({
      code: 'plan_upgrade_required',
      errors: [{ parameter: 'client_hires' }],
    });
  });

  it('refuses a key without the scope jobs:read, and no key at all', async () => {
    const { secret } = await api.issueKey({ planId: 'business', scopes: ['account:read'] });
    const { body } = await api.get('/jobs/export', secret).expect(403);
    expect(body.code).toBe('insufficient_scope');
    await api.get('/jobs/export').expect(401);
  });

  it.each([
    ['format=xlsx', [{ parameter: 'format', expected: 'a format: csv, ndjson, parquet' }]],
    ['format=parket', [{ parameter: 'format', did_you_mean: 'parquet' }]],
    ['formt=csv', [{ parameter: 'formt', did_you_mean: 'format' }]],
    ['max_rows=0', [{ parameter: 'max_rows', received: '0' }]],
    ['max_rows=1000001', [{ parameter: 'max_rows', expected: 'a whole number from 1 to 1000000' }]],
    ['sort=relevance&q=python', [{ parameter: 'sort', received: 'relevance' }]],
    ['fields=id,titel', [{ parameter: 'fields', did_you_mean: 'title' }]],
    ['after_id=1&cursor=abc', [{ parameter: 'after_id', expected: 'one of the two' }]],
    ['after_id=nobody', [{ parameter: 'after_id', received: 'nobody' }]],
    ['cursor=abc', [{ parameter: 'cursor', received: 'abc' }]],
    ['limit=10', [{ parameter: 'limit' }]],
    [
      'format=xml&max_rows=many&budget_min=cheap',
      [{ parameter: 'budget_min' }, { parameter: 'format' }, { parameter: 'max_rows' }],
    ],
  ])('answers 400 to %s, and names each parameter', async (query, faults) => {
    const { body } = await api.get(`/jobs/export?${query}`, key).expect(400);
    expect(body).toMatchObject({ success: false, code: 'invalid_parameter', errors: faults });
    expect(body.errors).toHaveLength(faults.length);
  });

  it('refuses an after_id longer than any id', async () => {
    const { body } = await api.get(`/jobs/export?after_id=${'x'.repeat(201)}`, key).expect(400);
    expect(body.errors).toMatchObject([{ parameter: 'after_id' }]);
  });

  it('refuses a cursor of another sort', async () => {
    await api.saveJob({ id: 'one' });
    await api.saveJob({ id: 'two' });
    const { body: page } = await api.get('/jobs?limit=1', key).expect(200);
    const { body } = await api
      .get(`/jobs/export?sort=ingested_asc&cursor=${page.next_cursor}`, key)
      .expect(400);
    expect(body.errors[0].message).toContain('sort=posted_on_desc');
  });
});
