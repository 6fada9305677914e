import { randomUUID } from 'node:crypto';
import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type KeyHolder, keyHolder } from '../support/keys';
import { askWebhooks, type DeliveryTerms, insertDelivery } from '../support/webhookCalls';

describe('refused calls of webhook deliveries', () => {
  let api: TestApi;
  let holder: KeyHolder;
  let endpointId: string;

  beforeAll(async () => {
    api = await createTestApi();
  });
  beforeEach(async () => {
    holder = await keyHolder(api, 'business');
    const { body } = await askWebhooks(api, holder, 'post', '/endpoints', {
      body: { url: 'https://hooks.example.com/', events: ['job.matched'] },
    }).expect(201);
    endpointId = body.data.id;
  });
  afterAll(() => api.drop());

  const insert = (terms: Partial<DeliveryTerms> = {}) =>
    insertDelivery(api, { accountId: holder.accountId, endpointId }, terms);
  const post = (path: string, body?: object) => askWebhooks(api, holder, 'post', path, { body });
  const row = async (id: string) => await api.db('webhook_deliveries').where({ id }).first();
  const faultsOf = (body: { errors: { parameter: string }[] }) =>
    body.errors.map(({ parameter }) => parameter);

  it.each([
    ['?status=failled', ['status']],
    ['?limit=0', ['limit']],
    ['?limit=101', ['limit']],
    ['?limit=x&cursor=y&stats=failed', ['stats', 'limit', 'cursor']],
    ['?cursor=-1', ['cursor']],
    ['?cursor=1234567890123456', ['cursor']],
  ])('are 400 with every fault of the query: %s', async (query, parameters) => {
    const path = `/endpoints/${endpointId}/deliveries${query}`;
    const { body } = await askWebhooks(api, holder, 'get', path).expect(400);
    expect(faultsOf(body)).toEqual(parameters);
  });

  it('suggest the status that was meant', async () => {
    const path = `/endpoints/${endpointId}/deliveries?status=failled`;
    const { body } = await askWebhooks(api, holder, 'get', path).expect(400);
    expect(body.errors).toMatchObject([{ did_you_mean: 'failed' }]);
  });

  it('are 400 for times that are none, out of order, too old or to come', async () => {
    for (const [act, body, parameters] of [
      ['recover', {}, ['since']],
      ['recover', { since: 'yesterday' }, ['since']],
      ['recover', { since: addMillis(NOW, -30 * DAY_MS - 1) }, ['since']],
      ['recover', { since: '0001-01-01T00:00:00Z' }, ['since']],
      ['replay', {}, ['from', 'to']],
      ['replay', { from: NOW, to: NOW }, ['from']],
      ['replay', { from: NOW, to: addMillis(NOW, -1) }, ['from']],
      ['replay', { from: NOW, to: addMillis(NOW, 1) }, ['to']],
      ['replay', { from: addMillis(NOW, 2), to: addMillis(NOW, 1) }, ['from', 'to']],
      ['replay', { from: NOW, to: 'now', until: NOW }, ['to', 'until']],
    ] as const) {
      const refusal = await post(`/endpoints/${endpointId}/${act}`, body).expect(400);
      expect([act, faultsOf(refusal.body)]).toEqual([act, parameters]);
    }
  });

  it('are 409 where what was told is not kept any more', async () => {
    const { id } = await insert({ status: 'expired', payload: null });
    const { body } = await post(`/deliveries/${id}/resend`).expect(409);
    expect(body).toMatchObject({ code: 'conflict', message: expect.stringContaining('not kept') });
    expect(await row(id)).toMatchObject({ status: 'expired', due_at: null });
  });

  it('are 409 while the endpoint is disabled, where they would fail at once', async () => {
    const { id } = await insert({ status: 'failed' });
    await api
      .db('webhook_endpoints')
      .where({ id: endpointId })
      .update({ disabled_at: NOW, disabled_reason: 'gone' });
    for (const [path, value] of [
      [`/deliveries/${id}/resend`, undefined],
      [`/endpoints/${endpointId}/recover`, { since: NOW }],
      [`/endpoints/${endpointId}/replay`, { from: addMillis(NOW, -HOUR_MS), to: NOW }],
    ] as const) {
      const { body } = await post(path, value).expect(409);
      expect(body.message).toContain('"enabled": true');
    }
    expect(await row(id)).toMatchObject({ status: 'failed' });
  });

  it('are 403 on a plan without webhooks, but for deleting', async () => {
    const { id } = await insert({ status: 'failed' });
    await api.db('accounts').where({ id: holder.accountId }).update({ plan_id: 'starter' });
    const { body } = await post(`/deliveries/${id}/resend`).expect(403);
    expect(body).toMatchObject({
      code: 'plan_upgrade_required',
      message: expect.stringContaining('Business'),
    });
    await askWebhooks(api, holder, 'get', `/deliveries/${id}`).expect(200);
    await askWebhooks(api, holder, 'delete', `/deliveries/${id}`).expect(200);
  });

  it('are 403 for keys that may not write', async () => {
    const { id } = await insert({ status: 'failed' });
    const reader = await api.issueKey({ accountId: holder.accountId, scopes: ['account:read'] });
    for (const [method, path] of [
      ['post', `/deliveries/${id}/resend`],
      ['delete', `/deliveries/${id}`],
      ['post', `/endpoints/${endpointId}/recover`],
      ['post', `/endpoints/${endpointId}/replay`],
      ['post', `/endpoints/${endpointId}/test`],
    ] as const) {
      expect((await askWebhooks(api, reader, method, path).expect(403)).body.code).toBe('insufficient_scope');
    }
  });

  it('are 404 for deliveries of another account, as for those that there are not', async () => {
    const { id } = await insert({ status: 'failed' });
    const other = await keyHolder(api, 'business');
    for (const asked of [id, randomUUID(), 'x']) {
      for (const [method, path] of [
        ['get', `/deliveries/${asked}`],
        ['delete', `/deliveries/${asked}`],
        ['post', `/deliveries/${asked}/resend`],
      ] as const) {
        expect((await askWebhooks(api, other, method, path).expect(404)).body.code).toBe('not_found');
      }
    }
    expect(await row(id)).toMatchObject({ status: 'failed' });
  });
});
