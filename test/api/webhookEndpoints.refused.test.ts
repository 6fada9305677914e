import { randomUUID } from 'node:crypto';
import { addMillis, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type KeyHolder, keyHolder } from '../support/keys';
import { askWebhooks } from '../support/webhookCalls';

const HOOK = 'https://hooks.example.com/a-path-that-is-secret';
const MINIMAL = { url: HOOK, events: ['job.matched'] };

describe('refused calls of webhook endpoints', () => {
  let api: TestApi;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
  });
  beforeEach(async () => {
    holder = await keyHolder(api, 'business');
  });
  afterAll(() => api.drop());

  const post = (body: object, who: { secret: string } = holder, app = api.app) =>
    askWebhooks(api, who, 'post', '/endpoints', { app, body });
  const patch = (id: string, body: object, who: { secret: string } = holder) =>
    askWebhooks(api, who, 'patch', `/endpoints/${id}`, { body });
  const make = async (body: object = {}) =>
    (await post({ ...MINIMAL, ...body }).expect(201)).body.data.id as string;
  const countEndpoints = async () =>
    (await api.db('webhook_endpoints').where({ account_id: holder.accountId })).length;
  const setPlan = async (planId: string) =>
    await api.db('accounts').where({ id: holder.accountId }).update({ plan_id: planId });
  const faultsOf = (body: { errors: { parameter: string }[] }) =>
    body.errors.map(({ parameter }) => parameter).sort();

  describe('with 400', () => {
    it('name every fault of a new endpoint at once, whoever finds it', async () => {
      const unknown = randomUUID();
      const { body } = await post({
        url: 'http://10.0.0.1/hook',
        events: ['job.matchd', 'job.closed', 'webhook.test'],
        saved_search_ids: [unknown],
        max_in_flight: 21,
        rate_limit: 0,
        format: 'slak',
        headers: {
          'X-Good': 'yes',
          Host: 'example.com',
          'webhook-id': '1',
          'not a token': 'x',
          'X-Bad': 'a\nb',
        },
        description: 'x'.repeat(501),
        enabled: 'yes',
        evnts: [],
      }).expect(400);
      expect(body.code).toBe('invalid_parameter');
      expect(faultsOf(body)).toEqual([
        'description',
        'enabled',
        'events.0',
        'events.2',
        'evnts',
        'format',
        'headers.Host',
        'headers.X-Bad',
        'headers.not a token',
        'headers.webhook-id',
        'max_in_flight',
        'rate_limit',
        'saved_search_ids.0',
        'url',
      ]);
      const byName = new Map(
        (body.errors as { parameter: string; did_you_mean: string | null }[]).map((fault) => [
          fault.parameter,
          fault.did_you_mean,
        ]),
      );
      expect(byName.get('events.0')).toBe('job.matched');
      expect(byName.get('format')).toBe('slack');
      expect(byName.get('evnts')).toBe('events');
      expect(await countEndpoints()).toBe(0);
    });

    it.each([
      ['url', { events: ['job.matched'] }],
      ['events', { url: HOOK }],
      ['events', { ...MINIMAL, events: [] }],
      ['url', { ...MINIMAL, url: '' }],
      ['url', { ...MINIMAL, url: `${HOOK}/${'x'.repeat(2_048)}` }],
      ['url', { ...MINIMAL, url: 'https://hooks.example.com/…cret' }],
      ['saved_search_ids', { ...MINIMAL, saved_search_ids: [] }],
      ['saved_search_ids', { ...MINIMAL, saved_search_ids: Array(1_001).fill('x') }],
      ['saved_search_ids.0', { ...MINIMAL, saved_search_ids: ['\u0000'] }],
      ['format_options.chat_id', { ...MINIMAL, format: 'telegram' }],
      ['format_options.chat', { ...MINIMAL, format_options: { chat: '1' } }],
      ['max_in_flight', { ...MINIMAL, max_in_flight: 1.5 }],
      ['headers.X-Token', { ...MINIMAL, headers: { 'X-Token': '…abcd' } }],
      ['headers.X-Token', { ...MINIMAL, headers: { 'X-Token': 'x'.repeat(1_001) } }],
      ['headers.X-Token', { ...MINIMAL, headers: { 'X-Token': ' x' } }],
      ['headers.X-Token', { ...MINIMAL, headers: { 'X-Token': '' } }],
      ['headers.X-Token', { ...MINIMAL, headers: { 'X-Token': 7 } }],
      ['headers.X-A', { ...MINIMAL, headers: { 'x-a': '1', 'X-A': '2' } }],
      ['headers', { ...MINIMAL, headers: ['x'] }],
      ['headers', { ...MINIMAL, headers: numbered(11) }],
    ])('take nothing for what it is not: %s (case %#)', async (parameter, body) => {
      const refusal = await post(body).expect(400);
      expect(faultsOf(refusal.body)).toEqual([parameter]);
      expect(await countEndpoints()).toBe(0);
    });

    it.each([
      'Connection',
      'Keep-Alive',
      'Proxy-Authorization',
      'TE',
      'Trailer',
      'Transfer-Encoding',
      'Upgrade',
      'Content-Length',
      'Content-Type',
      'User-Agent',
      'Webhook-Signature',
    ])('let nobody set the header %s', async (name) => {
      const refusal = await post({ ...MINIMAL, headers: { [name]: 'x' } }).expect(400);
      expect(faultsOf(refusal.body)).toEqual([`headers.${name}`]);
    });

    it('take headers and lists as long as they may be', async () => {
      await make({ headers: numbered(10), rate_limit: 100_000, description: 'x'.repeat(500) });
    });

    it('change an endpoint in nothing else, and not in nothing', async () => {
      const id = await make({ format: 'telegram', format_options: { chat_id: '1' } });
      for (const [body, parameter] of [
        [{}, 'body'],
        [{ secret: 'whsec_' }, 'secret'],
        [{ url: 'ftp://example.com' }, 'url'],
        [{ format_options: {} }, 'format_options.chat_id'],
        [{ saved_search_ids: [randomUUID()] }, 'saved_search_ids.0'],
        [{ headers: { Host: 'x' } }, 'headers.Host'],
        [{ events: null }, 'events'],
      ] as const) {
        const refusal = await patch(id, body).expect(400);
        expect(faultsOf(refusal.body)).toEqual([parameter]);
      }
      const { updated_at } = await api.db('webhook_endpoints').where({ id }).first();
      expect(updated_at).toBe(NOW);
    });

    it('take no saved search of another account', async () => {
      const other = await keyHolder(api, 'business');
      const id = randomUUID();
      await api.db('saved_searches').insert({
        id,
        account_id: other.accountId,
        name: 'theirs',
        parameters: '{}',
        filter: '{}',
        created_at: NOW,
        updated_at: NOW,
      });
      const { body } = await post({ ...MINIMAL, saved_search_ids: [id] }).expect(400);
      expect(body.errors).toMatchObject([{ parameter: 'saved_search_ids.0', received: id }]);
    });
  });

  describe('with 403', () => {
    it('name the plan that has webhooks, before an address is looked up', async () => {
      await setPlan('professional');
      const app = api.appWith({
        webhooks: { ...api.services.webhooks, check: () => Promise.reject(new Error('It was looked up.')) },
      });
      const { body } = await post(MINIMAL, holder, app).expect(403);
      expect(body).toMatchObject({
        code: 'plan_upgrade_required',
        message: 'Webhooks need the Business plan or a larger one; the account is on Professional.',
      });
    });

    it('are given after a downgrade to all but reading and deleting', async () => {
      const id = await make();
      await setPlan('professional');
      const { body } = await askWebhooks(api, holder, 'get', `/endpoints/${id}`).expect(200);
      expect(body.data).toMatchObject({
        enabled: true,
        status: 'paused',
        status_reason: expect.stringContaining('the Business plan'),
      });
      for (const [method, path, value] of [
        ['patch', `/endpoints/${id}`, { max_in_flight: 2 }],
        ['post', `/endpoints/${id}/test`, undefined],
        ['post', `/endpoints/${id}/rotate-secret`, undefined],
        ['post', `/endpoints/${id}/recover`, { since: NOW }],
        ['post', `/endpoints/${id}/replay`, { from: addMillis(NOW, -HOUR_MS), to: NOW }],
      ] as const) {
        const refusal = await askWebhooks(api, holder, method, path, { body: value }).expect(403);
        expect(refusal.body.message).toContain('Business plan');
      }
      await askWebhooks(api, holder, 'get', '/endpoints').expect(200);
      await askWebhooks(api, holder, 'get', `/endpoints/${id}/secret`).expect(200);
      await askWebhooks(api, holder, 'get', `/endpoints/${id}/deliveries`).expect(200);
      await setPlan('business');
      const again = await askWebhooks(api, holder, 'get', `/endpoints/${id}`).expect(200);
      expect(again.body.data).toMatchObject({ status: 'active', status_reason: null });
      await setPlan('professional');
      await askWebhooks(api, holder, 'delete', `/endpoints/${id}`).expect(200);
    });

    it('refuse the eleventh endpoint of the Business plan, and name the plan that has more', async () => {
      for (let made = 0; made < 10; made += 1) await make();
      const { body } = await post(MINIMAL).expect(403);
      expect(body).toMatchObject({
        code: 'plan_upgrade_required',
        message:
          'More than 10 webhook endpoints need the Enterprise plan or a larger one; the account is on Business.',
      });
    });

    it('count exactly, however many are made at the same time', async () => {
      const answers = await Promise.all(Array.from({ length: 16 }, () => post(MINIMAL)));
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).toHaveLength(10);
      expect(statuses.filter((status) => status === 403)).toHaveLength(6);
      expect(await countEndpoints()).toBe(10);
    });

    it('refuse keys that may not write, test keys among them', async () => {
      const id = await make();
      const reader = await api.issueKey({ accountId: holder.accountId, scopes: ['account:read'] });
      const writer = await api.issueKey({ accountId: holder.accountId, scopes: ['webhooks:write'] });
      const test = await api.issueKey({
        accountId: holder.accountId,
        kind: 'test',
        scopes: ['account:read', 'webhooks:write'],
      });
      for (const who of [reader, test]) {
        await askWebhooks(api, who, 'get', `/endpoints/${id}`).expect(200);
        await post(MINIMAL, who).expect(403);
        await patch(id, { max_in_flight: 2 }, who).expect(403);
        await askWebhooks(api, who, 'get', `/endpoints/${id}/secret`).expect(403);
        await askWebhooks(api, who, 'delete', `/endpoints/${id}`).expect(403);
      }
      await askWebhooks(api, writer, 'get', '/endpoints').expect(403);
      await patch(id, { max_in_flight: 2 }, writer).expect(200);
    });
  });

  it('are 409 at a thousand endpoints, however large the plan', async () => {
    await setPlan('enterprise');
    await api.db.raw(
      `insert into webhook_endpoints (id, account_id, sealed_url, sealed_secret, events, created_at, updated_at)
       select gen_random_uuid()::text, :accountId, 'x', 'x', '{job.matched}', :now, :now from generate_series(1, 999)`,
      { accountId: holder.accountId, now: NOW },
    );
    await make();
    expect((await post(MINIMAL).expect(409)).body.code).toBe('conflict');
  });

  it('are 404 for endpoints of another account, as for those that there are not', async () => {
    const id = await make();
    const other = await keyHolder(api, 'business');
    for (const asked of [id, randomUUID(), 'x', "'; drop table webhook_endpoints"]) {
      const path = `/endpoints/${encodeURIComponent(asked)}`;
      for (const [method, at, body] of [
        ['get', path, undefined],
        ['patch', path, { max_in_flight: 2 }],
        ['delete', path, undefined],
        ['get', `${path}/secret`, undefined],
        ['post', `${path}/rotate-secret`, undefined],
        ['post', `${path}/test`, undefined],
        ['get', `${path}/deliveries`, undefined],
        ['post', `${path}/recover`, { since: NOW }],
        ['post', `${path}/replay`, { from: addMillis(NOW, -HOUR_MS), to: NOW }],
      ] as const) {
        expect((await askWebhooks(api, other, method, at, { body }).expect(404)).body.code).toBe('not_found');
      }
    }
    const { body } = await askWebhooks(api, other, 'get', '/endpoints').expect(200);
    expect(body.data).toEqual([]);
    expect(await api.db('webhook_endpoints').where({ id }).first()).toMatchObject({ max_in_flight: 1 });
  });

  it('are 402 for suspended accounts where events would be sent; their endpoints are paused', async () => {
    const id = await make();
    await api.db('accounts').where({ id: holder.accountId }).update({ suspended_at: NOW });
    const { body } = await askWebhooks(api, holder, 'get', `/endpoints/${id}`).expect(200);
    expect(body.data).toMatchObject({
      status: 'paused',
      status_reason: expect.stringContaining('suspended'),
    });
    for (const [path, value] of [
      [`/endpoints/${id}/test`, undefined],
      [`/endpoints/${id}/recover`, { since: NOW }],
      [`/endpoints/${id}/replay`, { from: addMillis(NOW, -HOUR_MS), to: NOW }],
      [`/deliveries/${randomUUID()}/resend`, undefined],
    ] as const) {
      const refusal = await askWebhooks(api, holder, 'post', path, { body: value }).expect(402);
      expect(refusal.body.code).toBe('account_suspended');
    }
    await patch(id, { enabled: false }).expect(200);
  });

  it('are no failure of ours for whatever a body holds', async () => {
    for (const value of [
      '',
      'null',
      '[]',
      '7',
      '"x"',
      '{',
      '{"url":{"a":1},"headers":null,"events":7}',
      '{"__proto__":1}',
    ]) {
      const { status } = await askWebhooks(api, holder, 'post', '/endpoints', {
        headers: { 'Content-Type': 'application/json' },
      }).send(value);
      expect([value, status]).toEqual([value, 400]);
    }
  });
});

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`X-Header-${n}`, 'value']));
}
