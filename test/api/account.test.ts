import supertest from 'supertest';
import { addMillis, DAY_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';

describe('/account', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.drop());

  const holder = async (planId = 'professional') => {
    const key = await api.issueKey({ planId, scopes: ['account:read', 'account:write'] });
    const { account_id: accountId } = await api.db('api_keys').where({ id: key.id }).first('account_id');
    return { ...key, accountId: accountId as string };
  };
  const patch = (secret: string, body: unknown) =>
    supertest(api.app)
      .patch('/account')
      .set('X-API-KEY', secret)
      .send(body as object);

  describe('GET', () => {
    it('tells whose it is, its plan, the period under way and where help is to be had', async () => {
      const { secret, accountId } = await holder();
      const { body } = await api.get('/account', secret).expect(200);
      expect(body).toMatchObject({ success: true, count: 1, last_updated: NOW });
      expect(body.data).toEqual({
        id: accountId,
        email: `${accountId}@example.com`,
        name: null,
        company: null,
        created_at: NOW,
        suspended_at: null,
        plan: {
          id: 'professional',
          name: 'Professional',
          monthly_price_cents: 9_900,
          annual_discount_percent: 20,
          monthly_calls: 25_000,
          overage_cents_per_call: 1,
          requests_per_minute: 100,
          requests_in_flight: 20,
          retention_days: 30,
          saved_searches: 25,
          webhook_endpoints: 0,
          advanced_filters: true,
          exports: false,
          support_target_hours: 12,
        },
        period: {
          starts_at: NOW,
          ends_at: '2026-03-01T12:00:00.000Z',
          calls: 0,
          quota: 25_000,
          remaining: 25_000,
        },
        monthly_overage_cap_cents: null,
        support: { email: 'support@example.com', target_hours: 12 },
      });
    });

    it("applies the account's own terms, and counts the calls of the period", async () => {
      const { secret, accountId } = await holder('enterprise');
      await api
        .db('accounts')
        .where({ id: accountId })
        .update({
          plan_overrides: { monthly_calls: 10, support_target_hours: 1 },
          period_anchor: addMillis(NOW, -3 * DAY_MS),
          suspended_at: NOW,
        });
      const ends_at = '2026-02-28T12:00:00.000Z';
      await api.db('billing_periods').insert([
        { account_id: accountId, starts_at: addMillis(NOW, -3 * DAY_MS), ends_at, calls_counted: 4 },
        { account_id: accountId, starts_at: addMillis(NOW, -34 * DAY_MS), ends_at: NOW, calls_counted: 99 },
      ]);
      const { body } = await api.get('/account', secret).expect(200);
      expect(body.data).toMatchObject({
        suspended_at: NOW,
        plan: { id: 'enterprise', monthly_calls: 10, overage_cents_per_call: null },
        period: { starts_at: '2026-01-29T12:00:00.000Z', ends_at, calls: 4, quota: 10, remaining: 6 },
        support: { target_hours: 1 },
      });
    });

    it('knows no quota where there is none', async () => {
      const { secret } = await holder('enterprise');
      const { body } = await api.get('/account', secret).expect(200);
      expect(body.data.period).toMatchObject({ quota: null, remaining: null });
    });

    it('is for keys with account:read alone', async () => {
      const { secret } = await api.issueKey({ scopes: ['jobs:read', 'account:write'] });
      for (const path of ['/account', '/account/usage', '/account/export']) {
        expect((await api.get(path, secret).expect(403)).body.code).toBe('insufficient_scope');
        expect((await api.get(path).expect(401)).body.code).toBe('missing_api_key');
        await api.get(`${path}?accountid=1`, (await holder()).secret).expect(400);
      }
    });
  });

  describe('PATCH', () => {
    it('changes what is given and nothing else, and says in the audit log that it did', async () => {
      const { secret, accountId, id } = await holder();
      await patch(secret, { name: ' Ada Example ', company: 'Example Ltd' }).expect(200);
      const { body } = await patch(secret, { company: null, monthly_overage_cap_cents: 5_000 }).expect(200);
      expect(body.data).toMatchObject({
        name: 'Ada Example',
        company: null,
        monthly_overage_cap_cents: 5_000,
        email: `${accountId}@example.com`,
      });
      expect((await api.get('/account', secret)).body.data).toEqual(body.data);
      const acts = await api.db('audit_log').where({ account_id: accountId }).orderBy('id');
      expect(acts).toMatchObject([
        { actor: `key:${id}`, action: 'account.changed', details: { changed: ['name', 'company'] } },
        { details: { changed: ['company', 'monthly_overage_cap_cents'], monthly_overage_cap_cents: 5_000 } },
      ]);
      expect(JSON.stringify(acts)).not.toContain('Ada');
    });

    it('takes an overage cap of nothing at all, and none', async () => {
      const { secret } = await holder();
      const capOf = async (cap: number | null) =>
        (await patch(secret, { monthly_overage_cap_cents: cap }).expect(200)).body.data
          .monthly_overage_cap_cents;
      expect([await capOf(0), await capOf(null)]).toEqual([0, null]);
    });

    it('refuses every fault at once, each by its name', async () => {
      const { secret } = await holder();
      const { body } = await patch(secret, {
        nmae: 'Ada',
        comapny: 'x',
        name: 'x'.repeat(201),
        company: ' ',
        monthly_overage_cap_cents: -1,
      }).expect(400);
      expect(body.errors).toMatchObject([
        { parameter: 'name' },
        { parameter: 'company' },
        { parameter: 'monthly_overage_cap_cents' },
        { parameter: 'nmae' },
        { parameter: 'comapny', did_you_mean: 'company' },
      ]);
    });

    it('refuses a change of nothing, and names of several lines', async () => {
      const { secret } = await holder();
      expect((await patch(secret, {}).expect(400)).body.errors).toMatchObject([{ parameter: 'body' }]);
      const { body } = await patch(secret, { name: 'Ada\nBcc: all@example.com' }).expect(400);
      expect(body.errors).toMatchObject([{ parameter: 'name', message: 'Must be a text of one line.' }]);
    });

    it('leaves the e-mail address and the plan alone', async () => {
      const { secret } = await holder();
      for (const member of ['email', 'plan_id', 'plan_overrides', 'suspended_at']) {
        const { body } = await patch(secret, { [member]: 'x' }).expect(400);
        expect(body.errors).toMatchObject([{ parameter: member }]);
      }
    });

    it('is for keys with account:write alone, and changes the account of the key', async () => {
      const [one, other] = [await holder(), await holder()];
      const { secret } = await api.issueKey({ accountId: one.accountId, scopes: ['account:read'] });
      await patch(secret, { name: 'Nobody' }).expect(403);
      await patch(one.secret, { name: 'One' }).expect(200);
      expect((await api.get('/account', other.secret)).body.data.name).toBeNull();
    });

    it('asks for a JSON body', async () => {
      const { secret } = await holder();
      const request = supertest(api.app).patch('/account').set('X-API-KEY', secret);
      await request.type('text/plain').send('name=Ada').expect(415);
      await patch(secret, [1]).expect(400);
    });
  });
});
