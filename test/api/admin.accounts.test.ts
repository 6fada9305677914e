import { createTestApi, NOW, type TestApi } from '../support/api';
import { createTestOperators, type TestOperators } from '../support/operators';

const ACTOR = 'operator:anna';

describe('operators', () => {
  let api: TestApi;
  let operators: TestOperators;
  beforeEach(async () => {
    api = await createTestApi();
    operators = createTestOperators(api);
  });
  afterEach(() => api.drop());

  const create = async (email: string, plan = 'starter'): Promise<{ id: string; api_key: string }> =>
    (await operators.post('/admin/accounts', { email, plan }).expect(201)).body.data;
  const lastActs = async (accountId: string) =>
    (await operators.audited()).filter((act) => act.account_id === accountId).slice(2);

  describe('making an account', () => {
    it('get it with a key that works and is shown once', async () => {
      const made = await operators
        .post('/admin/accounts', { email: 'a@example.com', plan: 'business', name: 'Ada' })
        .expect(201);
      const { id, api_key: secret, keys } = made.body.data;
      expect(made.body.data).toMatchObject({
        email: 'a@example.com',
        name: 'Ada',
        plan: 'business',
        overrides: {},
        suspended_at: null,
        created_at: NOW,
        terms: { monthly_calls: 100_000, requests_per_minute: 500 },
        period: {
          starts_at: NOW,
          ends_at: '2026-03-01T12:00:00.000Z',
          calls_drawn: 0,
          calls_counted: 0,
          requests: 0,
        },
      });
      await api.get('/health', secret).expect(200);
      expect(keys).toMatchObject([{ account_id: id, kind: 'live', last_four: secret.slice(-4) }]);
      expect(await operators.audited()).toMatchObject([
        { actor: ACTOR, action: 'account.created', account_id: id, details: { plan: 'business' } },
        { actor: ACTOR, action: 'key.created', account_id: id, subject: keys[0].id },
      ]);

      const shown = await operators.get(`/admin/accounts/${id}`).expect(200);
      expect(shown.body.data.api_key).toBeUndefined();
      expect(JSON.stringify([shown.body, await operators.audited()])).not.toContain(secret);
      expect(JSON.stringify(api.logged)).not.toContain(secret);
    });

    it('are told every fault by name, and nothing is made', async () => {
      const { body } = await operators
        .post('/admin/accounts', { emal: 'a@example.com', plan: 3, name: 'x'.repeat(201) })
        .expect(400);
      expect(body.errors).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ parameter: 'emal', did_you_mean: 'email' }),
          expect.objectContaining({ parameter: 'email' }),
          expect.objectContaining({ parameter: 'plan' }),
          expect.objectContaining({ parameter: 'name' }),
        ]),
      );
      const unknown = await operators
        .post('/admin/accounts', { email: 'no address', plan: 'busines' })
        .expect(400);
      expect(unknown.body.errors).toMatchObject([
        { parameter: 'email' },
        { parameter: 'plan', did_you_mean: 'business' },
      ]);
      expect(await api.db('accounts')).toEqual([]);
      expect(await operators.audited()).toEqual([]);
    });

    it('make none for an address that has one, whatever its case', async () => {
      await create('a@example.com');
      const { body } = await operators
        .post('/admin/accounts', { email: 'A@Example.com', plan: 'starter' })
        .expect(409);
      expect(body.code).toBe('conflict');
      expect(await operators.audited()).toHaveLength(2);
    });
  });

  describe('looking for accounts', () => {
    it('find them by id, by part of the address, by plan and by being suspended', async () => {
      const ada = await create('Ada.Lovelace@example.com', 'business');
      const ben = await create('ben_100@example.com');
      await operators.post(`/admin/accounts/${ben.id}/suspend`, { reason: 'Unpaid.' }).expect(200);
      const idsOf = async (query: string) =>
        (await operators.get(`/admin/accounts?${query}`).expect(200)).body.data.map(
          (account: { id: string }) => account.id,
        );
      expect(await idsOf('email=lovelace')).toEqual([ada.id]);
      expect(await idsOf('email=_')).toEqual([ben.id]);
      expect(await idsOf(`id=${ada.id}`)).toEqual([ada.id]);
      expect(await idsOf('plan=business')).toEqual([ada.id]);
      expect(await idsOf('suspended=true')).toEqual([ben.id]);
      expect(await idsOf('suspended=false&email=')).toEqual([ada.id]);
      expect(await idsOf('plan=business&suspended=true')).toEqual([]);
    });

    it('walk all of them page by page, newest first, each once', async () => {
      const rows = Array.from({ length: 23 }, (_, index) => ({
        id: `account-${String(index).padStart(2, '0')}`,
        email: `${index}@example.com`,
        plan_id: 'starter',
        // Several of the same moment, and moments finer than a millisecond.
        created_at: `2026-01-0${1 + Math.floor(index / 5)}T00:00:00.000${index % 2}00Z`,
        period_anchor: NOW,
      }));
      await api.db('accounts').insert(rows);
      const seen: string[] = [];
      let cursor = '';
      do {
        const { body } = await operators.get(`/admin/accounts?limit=5&cursor=${cursor}`).expect(200);
        expect(body.count).toBeLessThanOrEqual(5);
        seen.push(...body.data.map((account: { id: string }) => account.id));
        cursor = body.next_cursor ?? '';
      } while (cursor !== '');
      const expected = [...rows]
        .sort((a, b) => (b.created_at + b.id > a.created_at + a.id ? 1 : -1))
        .map(({ id }) => id);
      expect(seen).toEqual(expected);
    });

    it('are told what is wrong with the search', async () => {
      const faultsOf = async (query: string) =>
        (await operators.get(`/admin/accounts?${query}`).expect(400)).body.errors;
      expect(await faultsOf('limit=0')).toMatchObject([{ parameter: 'limit' }]);
      expect(await faultsOf('limit=201&suspended=yes')).toMatchObject([
        { parameter: 'suspended' },
        { parameter: 'limit' },
      ]);
      expect(await faultsOf('emal=a')).toMatchObject([{ parameter: 'emal', did_you_mean: 'email' }]);
      expect(await faultsOf('plan=a&plan=b')).toMatchObject([{ parameter: 'plan' }]);
      expect(await faultsOf('cursor=gone')).toMatchObject([{ parameter: 'cursor' }]);
    });

    it('see what an account has used in its period, not in others', async () => {
      const { id } = await create('a@example.com', 'professional');
      const period = { account_id: id, starts_at: NOW, ends_at: '2026-03-01T12:00:00Z' };
      await api.db('billing_periods').insert([
        { ...period, calls_drawn: 30, calls_counted: 25 },
        { ...period, starts_at: '2026-01-01T12:00:00Z', ends_at: NOW, calls_drawn: 900, calls_counted: 900 },
      ]);
      const hour = {
        account_id: id,
        period_starts_at: NOW,
        hour: NOW,
        key_id: 'k',
        route: 'GET /jobs',
        calls: 20,
      };
      await api.db('usage_hours').insert([
        { ...hour, status_class: 2, requests: 40 },
        { ...hour, status_class: 4, requests: 7, calls: 5 },
        { ...hour, status_class: 2, requests: 900, period_starts_at: '2026-01-01T12:00:00Z' },
      ]);
      const { body } = await operators.get(`/admin/accounts/${id}`).expect(200);
      expect(body.data.period).toEqual({
        starts_at: NOW,
        ends_at: '2026-03-01T12:00:00.000Z',
        calls_drawn: 30,
        calls_counted: 25,
        requests: 47,
      });
    });

    it('get 404 for an account that is not there, whatever they want of it', async () => {
      for (const answer of [
        await operators.get('/admin/accounts/none'),
        await operators.get('/admin/accounts/none/keys'),
        await operators.put('/admin/accounts/none/plan', { plan: 'business' }),
        await operators.put('/admin/accounts/none/overrides', { exports: true }),
        await operators.delete('/admin/accounts/none/overrides'),
        await operators.post('/admin/accounts/none/suspend', { reason: 'x' }),
        await operators.post('/admin/accounts/none/restore', {}),
        await operators.post('/admin/accounts/none/keys', {}),
        await operators.delete('/admin/accounts/none/keys/none'),
      ]) {
        expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 404, code: 'not_found' });
      }
      expect(await operators.audited()).toEqual([]);
    });
  });

  describe('changing the plan', () => {
    it('put the account on it at once, and the audit log says from which and why', async () => {
      const { id, api_key: secret } = await create('a@example.com');
      await api.get('/jobs?facets=country', secret).expect(403);
      const { body } = await operators
        .put(`/admin/accounts/${id}/plan`, { plan: 'professional', reason: 'Contract 17' })
        .expect(200);
      expect(body.data).toMatchObject({ plan: 'professional', terms: { monthly_calls: 25_000 } });
      await api.get('/jobs?facets=country', secret).expect(200);
      const act = {
        actor: ACTOR,
        action: 'account.plan_changed',
        account_id: id,
        subject: null,
        details: { from: 'starter', to: 'professional', reason: 'Contract 17' },
      };
      expect(await lastActs(id)).toEqual([act]);
      await operators.put(`/admin/accounts/${id}/plan`, { plan: 'professional' }).expect(200);
      expect(await lastActs(id)).toEqual([act]);
    });

    it('are told of a plan that is not there', async () => {
      const { id } = await create('a@example.com');
      const { body } = await operators
        .put(`/admin/accounts/${id}/plan`, { plan: 'proffesional' })
        .expect(400);
      expect(body.errors).toMatchObject([{ parameter: 'plan', did_you_mean: 'professional' }]);
    });
  });

  describe("an account's own terms", () => {
    it('replace those of the plan, are replaced as a whole, and go', async () => {
      const { id } = await create('a@example.com', 'enterprise');
      const path = `/admin/accounts/${id}/overrides`;
      const first = { monthly_calls: 2_000_000, requests_per_minute: 3_000, support_target_hours: 1 };
      const set = await operators.put(path, first).expect(200);
      expect(set.body.data).toMatchObject({ overrides: first, terms: { ...first, exports: true } });
      await operators.put(path, first).expect(200);
      const second = await operators.put(path, { monthly_calls: null, exports: false }).expect(200);
      expect(second.body.data).toMatchObject({
        overrides: { monthly_calls: null, exports: false },
        terms: { monthly_calls: null, exports: false, support_target_hours: 2 },
      });
      const cleared = await operators.delete(path).expect(200);
      expect(cleared.body.data).toMatchObject({ overrides: {}, terms: { exports: true } });
      expect((await lastActs(id)).map(({ action, details }) => ({ action, details }))).toEqual([
        { action: 'account.terms_changed', details: { from: {}, to: first } },
        {
          action: 'account.terms_changed',
          details: { from: first, to: { monthly_calls: null, exports: false } },
        },
        {
          action: 'account.terms_changed',
          details: { from: { monthly_calls: null, exports: false }, to: {} },
        },
      ]);
    });

    it('are refused by name when they are none, and nothing changes', async () => {
      const { id } = await create('a@example.com');
      const { body } = await operators
        .put(`/admin/accounts/${id}/overrides`, { monthly_cals: 5, exports: 'yes', retention_days: -1 })
        .expect(400);
      expect(body.errors).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ parameter: 'monthly_cals', did_you_mean: 'monthly_calls' }),
          expect.objectContaining({ parameter: 'exports', received: 'yes' }),
          expect.objectContaining({ parameter: 'retention_days' }),
        ]),
      );
      expect(await lastActs(id)).toEqual([]);
    });
  });

  describe('suspending an account', () => {
    it('do so as of now, for a reason, and restore it', async () => {
      const { id } = await create('a@example.com');
      const suspended = await operators
        .post(`/admin/accounts/${id}/suspend`, { reason: 'Resells keys.' })
        .expect(200);
      expect(suspended.body.data.suspended_at).toBe(NOW);
      await operators.post(`/admin/accounts/${id}/suspend`, { reason: 'Again.' }).expect(200);
      const restored = await operators
        .post(`/admin/accounts/${id}/restore`, { reason: 'Promised not to.' })
        .expect(200);
      expect(restored.body.data.suspended_at).toBeNull();
      await operators.post(`/admin/accounts/${id}/restore`, {}).expect(200);
      expect(await lastActs(id)).toMatchObject([
        { actor: ACTOR, action: 'account.suspended', details: { reason: 'Resells keys.' } },
        {
          actor: ACTOR,
          action: 'account.restored',
          details: { reason: 'Promised not to.', suspended_at: NOW },
        },
      ]);
    });

    it('say why', async () => {
      const { id } = await create('a@example.com');
      for (const body of [{}, { reason: '  ' }, { reason: 'x'.repeat(501) }, { reason: 'a\0b' }]) {
        const answer = await operators.post(`/admin/accounts/${id}/suspend`, body).expect(400);
        expect(answer.body.errors).toMatchObject([{ parameter: 'reason' }]);
      }
      expect(await lastActs(id)).toEqual([]);
    });
  });

  it('find nothing changed where the audit log cannot be written', async () => {
    const { id } = await create('a@example.com');
    await api.db.raw(`alter table audit_log add constraint full_up check (id < 0) not valid`);
    await operators.post(`/admin/accounts/${id}/suspend`, { reason: 'x' }).expect(500);
    await operators.put(`/admin/accounts/${id}/plan`, { plan: 'business' }).expect(500);
    await operators.post('/admin/accounts', { email: 'b@example.com', plan: 'starter' }).expect(500);
    expect(await api.db('accounts').select('id', 'plan_id', 'suspended_at')).toEqual([
      { id, plan_id: 'starter', suspended_at: null },
    ]);
  });
});
