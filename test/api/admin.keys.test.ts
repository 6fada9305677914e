import { createTestApi, NOW, type TestApi } from '../support/api';
import { createTestOperators, type TestOperators } from '../support/operators';

describe('operators', () => {
  let api: TestApi;
  let operators: TestOperators;
  let accountId: string;
  beforeEach(async () => {
    api = await createTestApi();
    operators = createTestOperators(api);
    const made = await operators
      .post('/admin/accounts', { email: 'a@example.com', plan: 'starter' })
      .expect(201);
    accountId = made.body.data.id;
  });
  afterEach(() => api.drop());

  const issue = (terms: object = {}) => operators.post(`/admin/accounts/${accountId}/keys`, terms);

  it('make a key that works, of the terms they give', async () => {
    const { body } = await issue({
      name: 'robot',
      scopes: ['jobs:read'],
      expires_at: '2026-06-01T02:00:00+02:00',
    }).expect(201);
    const { id, api_key: secret, last_four: lastFour } = body.data;
    expect(lastFour).toBe(secret.slice(-4));
    await api.get('/jobs', secret).expect(200);
    const { body: listed } = await operators.get(`/admin/accounts/${accountId}/keys`).expect(200);
    expect(listed.count).toBe(2);
    expect(listed.data).toContainEqual(
      expect.objectContaining({
        id,
        kind: 'live',
        name: 'robot',
        scopes: ['jobs:read'],
        last_four: lastFour,
        expires_at: '2026-06-01T00:00:00.000Z',
        revoked_at: null,
      }),
    );
    expect(JSON.stringify(listed)).not.toContain(secret);
    expect((await operators.audited()).at(-1)).toEqual({
      actor: 'operator:anna',
      action: 'key.created',
      account_id: accountId,
      subject: id,
      details: { kind: 'live', scopes: ['jobs:read'], expires_at: '2026-06-01T00:00:00.000Z' },
    });
  });

  it('make one of every scope unless they say which', async () => {
    const { body } = await issue({ kind: 'test' }).expect(201);
    expect(body.data.api_key).toMatch(/^uj_test_/);
    const row = await api.db('api_keys').where({ id: body.data.id }).first();
    expect(row).toMatchObject({ kind: 'test', name: null, expires_at: null });
    expect(row.scopes).toHaveLength(4);
  });

  it('are told what is wrong with the terms, and no key is made', async () => {
    const { body } = await issue({
      kind: 'live ',
      scopes: ['jobs:write'],
      nmae: 'x',
      expires_at: 'soon',
    }).expect(400);
    expect(body.errors.map((fault: { parameter: string }) => fault.parameter).sort()).toEqual([
      'expires_at',
      'kind',
      'nmae',
      'scopes.0',
    ]);
    for (const terms of [
      { expires_at: NOW },
      { expires_at: '0000-01-01T00:00:00Z' },
      { name: 'x'.repeat(101) },
      { scopes: [] },
    ]) {
      await issue(terms).expect(400);
    }
    expect(await api.db('api_keys')).toHaveLength(1);
  });

  it('end a key at once, and once', async () => {
    const { id, api_key: secret } = (await issue().expect(201)).body.data;
    const path = `/admin/accounts/${accountId}/keys/${id}`;
    const { body } = await operators.delete(path).expect(200);
    expect(body).toMatchObject({ success: true, message: expect.stringContaining(id) });
    expect((await api.get('/jobs', secret).expect(401)).body.code).toBe('revoked_api_key');
    await operators.delete(path).expect(200);
    const acts = (await operators.audited()).filter(({ action }) => action === 'key.revoked');
    expect(acts).toEqual([
      { actor: 'operator:anna', action: 'key.revoked', account_id: accountId, subject: id, details: {} },
    ]);
  });

  it('end no key by the name of another account', async () => {
    const other = await api.issueKey();
    await operators.delete(`/admin/accounts/${accountId}/keys/${other.id}`).expect(404);
    await api.get('/jobs', other.secret).expect(200);
  });

  it('find keys of any account by their last four characters', async () => {
    const other = await api.issueKey();
    const { body } = await operators.get(`/admin/keys?last4=${other.secret.slice(-4)}`).expect(200);
    expect(body.data).toMatchObject([{ id: other.id, last_four: other.secret.slice(-4) }]);
    for (const query of ['', '?last4=abc', '?last4=abcde', '?last4=ab-d']) {
      const answer = await operators.get(`/admin/keys${query}`).expect(400);
      expect(answer.body.errors).toMatchObject([{ parameter: 'last4' }]);
    }
  });
});
