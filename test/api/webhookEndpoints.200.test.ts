import { randomUUID } from 'node:crypto';
import { createSecretBox } from '../../db/secretBox';
import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type KeyHolder, keyHolder } from '../support/keys';
import { findInDatabase } from '../support/personalData';
import { askWebhooks, insertDelivery } from '../support/webhookCalls';

const URL_PATH = 'services/T00000000/B00000000/qX7secretPathOfTheHook';
const HOOK = `https://hooks.example.com/${URL_PATH}`;

interface Made {
  id: string;
  secret: string;
  status: string;
  status_reason: string | null;
}

describe('webhook endpoints', () => {
  let api: TestApi;
  let holder: KeyHolder;
  let woken: string[];

  beforeAll(async () => {
    api = await createTestApi();
  });
  beforeEach(async () => {
    holder = await keyHolder(api, 'business');
    woken = [];
  });
  afterAll(() => api.drop());

  const app = (others = {}) =>
    api.appWith({
      webhooks: {
        ...api.services.webhooks,
        wake: (id) => {
          woken.push(id);
          return Promise.resolve();
        },
      },
      ...others,
    });
  const make = async (body: object = {}) =>
    (
      await askWebhooks(api, holder, 'post', '/endpoints', {
        body: { url: HOOK, events: ['job.matched'], ...body },
      }).expect(201)
    ).body.data as Made;
  const read = async (id: string) =>
    (await askWebhooks(api, holder, 'get', `/endpoints/${id}`).expect(200)).body.data as Made;
  const change = async (id: string, body: object) =>
    (await askWebhooks(api, holder, 'patch', `/endpoints/${id}`, { app: app(), body }).expect(200)).body;
  const row = async (id: string) => await api.db('webhook_endpoints').where({ id }).first();
  const setState = async (id: string, state: object) =>
    await api.db('webhook_endpoint_states').where({ endpoint_id: id }).update(state);

  it('are made with a secret, and shown without it from then on, address and headers masked', async () => {
    const headers = { Authorization: 'Bearer 0123456789abcdef', 'X-Team': 'leads' };
    const { secret, ...view } = await make({ headers, description: ' my hook ' });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(view).toEqual({
      id: expect.any(String),
      url: 'https://hooks.example.com/…Hook',
      events: ['job.matched'],
      saved_search_ids: null,
      max_in_flight: 1,
      rate_limit: null,
      format: 'json',
      format_options: {},
      headers: { Authorization: '…cdef', 'X-Team': '…' },
      description: 'my hook',
      enabled: true,
      status: 'active',
      status_reason: null,
      pending: 0,
      failures_in_a_row: 0,
      last_success_at: null,
      last_failure_at: null,
      previous_secret_until: null,
      created_at: NOW,
      updated_at: NOW,
    });
    expect(await read(view.id)).toEqual(view);
    const { body } = await askWebhooks(api, holder, 'get', '/endpoints').expect(200);
    expect(body).toMatchObject({ count: 1, data: [view] });
  });

  it('are made with the settings that are asked for', async () => {
    const searchId = randomUUID();
    await insertSavedSearch(searchId);
    const settings = {
      events: ['job.matched', 'job.closed', 'job.matched'],
      saved_search_ids: [searchId],
      max_in_flight: 20,
      rate_limit: 60,
      format: 'telegram',
      format_options: { chat_id: '-100123' },
      enabled: false,
    };
    const view = await make(settings);
    expect(view).toMatchObject({
      ...settings,
      events: ['job.matched', 'job.closed'],
      status: 'disabled',
      status_reason: expect.stringContaining('"enabled": true'),
    });
  });

  it('are in the database under encryption alone, and in no line of the log', async () => {
    const headers = { Authorization: 'Bearer aVerySecretToken' };
    const once = { 'Idempotency-Key': 'once' };
    const body = { url: HOOK, events: ['job.matched'], headers };
    const made = await askWebhooks(api, holder, 'post', '/endpoints', { body, headers: once }).expect(201);
    const { id, secret } = made.body.data as Made;
    await askWebhooks(api, holder, 'get', `/endpoints/${id}/secret`).expect(200);
    const rotated = await askWebhooks(api, holder, 'post', `/endpoints/${id}/rotate-secret`, {
      headers: { 'Idempotency-Key': 'twice' },
    }).expect(200);
    const hidden = [secret, rotated.body.data.secret as string].map((text) => text.slice('whsec_'.length));
    hidden.push('aVerySecretToken', URL_PATH);
    const forms = hidden.flatMap((text) => [text, Buffer.from(text).toString('hex')]);
    expect(
      await findInDatabase(
        api.db,
        forms.map((text) => text.replaceAll('_', '\\_')),
      ),
    ).toEqual([]);
    for (const text of forms) expect(JSON.stringify(api.logged)).not.toContain(text);

    const { sealed_url, sealed_headers, sealed_secret } = await row(id);
    const { secretBox } = api.services.keys;
    expect(secretBox.open(sealed_url, `webhook:${id}:url`)).toBe(HOOK);
    expect(secretBox.open(sealed_headers, `webhook:${id}:headers`)).toBe(JSON.stringify(headers));
    expect(() => secretBox.open(sealed_secret, 'webhook:another:secret')).toThrow();
  });

  it('show their secret again to who may write, and to nobody on the way', async () => {
    const { id, secret } = await make();
    const { body, headers } = await askWebhooks(api, holder, 'get', `/endpoints/${id}/secret`).expect(200);
    expect(body.data).toEqual({ secret, previous_secret_until: null });
    expect(headers['cache-control']).toBe('no-store');
    const reader = await api.issueKey({ accountId: holder.accountId, scopes: ['account:read'] });
    await askWebhooks(api, reader, 'get', `/endpoints/${id}`).expect(200);
    await askWebhooks(api, reader, 'get', `/endpoints/${id}/secret`).expect(403);
  });

  it('get a new secret beside which the old one signs for a day', async () => {
    const { id, secret: old } = await make();
    const until = addMillis(NOW, DAY_MS);
    const { body, headers } = await askWebhooks(api, holder, 'post', `/endpoints/${id}/rotate-secret`).expect(
      200,
    );
    expect(headers['cache-control']).toBe('no-store');
    expect(body.data).toEqual({ secret: expect.any(String), previous_secret_until: until });
    expect(body.data.secret).not.toBe(old);
    expect(await read(id)).toMatchObject({ previous_secret_until: until });
    const sealed = await row(id);
    expect(api.services.keys.secretBox.open(sealed.sealed_previous_secret, `webhook:${id}:secret`)).toBe(old);

    const nextDay = api.appWith({ now: () => until });
    const later = await askWebhooks(api, holder, 'get', `/endpoints/${id}/secret`, { app: nextDay }).expect(
      200,
    );
    expect(later.body.data).toEqual({ secret: body.data.secret, previous_secret_until: null });
  });

  it('are changed in what is given, and keep the rest', async () => {
    const { id } = await make({
      headers: { 'X-One': 'a value of mine' },
      rate_limit: 5,
      description: 'before',
    });
    const { data } = await change(id, { max_in_flight: 3, rate_limit: null });
    expect(data).toMatchObject({
      max_in_flight: 3,
      rate_limit: null,
      description: 'before',
      headers: { 'X-One': '…mine' },
      url: 'https://hooks.example.com/…Hook',
    });
    expect(await read(id)).toEqual(data);
    const emptied = await change(id, {
      headers: {},
      description: null,
      url: 'https://example.org/another-hook',
    });
    expect(emptied.data).toMatchObject({ headers: {}, description: null, url: 'https://example.org/…hook' });
    expect((await row(id)).sealed_headers).toBeNull();
    expect(woken).toEqual([id, id]);
  });

  it('lose the options of a format with the format', async () => {
    const { id } = await make({ format: 'telegram', format_options: { chat_id: '7' } });
    expect((await change(id, { format: 'slack' })).data).toMatchObject({
      format: 'slack',
      format_options: {},
    });
  });

  it('give up what is on its way when their owner disables them, and keep it to be recovered', async () => {
    const { id } = await make();
    const target = { accountId: holder.accountId, endpointId: id };
    const waiting = await insertDelivery(api, target);
    const arrived = await insertDelivery(api, target, { status: 'delivered' });
    const { data } = await change(id, { enabled: false });
    expect(data).toMatchObject({ enabled: false, status: 'disabled', pending: 0 });
    expect(await row(id)).toMatchObject({ disabled_at: NOW, disabled_reason: 'owner' });
    expect(await api.db('webhook_deliveries').where({ id: waiting.id }).first()).toMatchObject({
      status: 'failed',
      due_at: null,
      finished_at: NOW,
      attempts: [{ at: NOW, status_code: null, error: 'disabled' }],
    });
    const { status } = await api.db('webhook_deliveries').where({ id: arrived.id }).first('status');
    expect(status).toBe('delivered');
    expect(woken).toEqual([]);
  });

  it.each(['owner', 'gone', 'failing'])(
    'begin anew when they are enabled after having been disabled (%s), and say what waits',
    async (reason) => {
      const { id } = await make();
      const target = { accountId: holder.accountId, endpointId: id };
      const since = addMillis(NOW, -3 * HOUR_MS);
      for (const createdAt of [addMillis(NOW, -HOUR_MS), since])
        await insertDelivery(api, target, { status: 'failed', createdAt });
      await insertDelivery(api, target, { status: 'failed', createdAt: addMillis(NOW, -31 * DAY_MS) });
      await insertDelivery(api, target, { status: 'failed', payload: null });
      await api.db('webhook_endpoints').where({ id }).update({ disabled_at: NOW, disabled_reason: reason });
      await setState(id, {
        failures_in_a_row: 9,
        failing_since: NOW,
        spaced_failures: 4,
        resting_until: addMillis(NOW, HOUR_MS),
        held_until: addMillis(NOW, HOUR_MS),
        last_failure_at: NOW,
      });
      expect(await read(id)).toMatchObject({ enabled: false, status: 'disabled', failures_in_a_row: 9 });
      const { data, warnings } = await change(id, { enabled: true });
      expect(data).toMatchObject({
        enabled: true,
        status: 'active',
        failures_in_a_row: 0,
        last_failure_at: NOW,
      });
      expect(warnings).toEqual([expect.stringContaining(`recover with {"since":"${since}"}`)]);
      expect(warnings[0]).toMatch(/^2 deliveries of events/);
      expect(await api.db('webhook_endpoint_states').where({ endpoint_id: id }).first()).toMatchObject({
        failing_since: null,
        spaced_failures: 0,
        resting_until: null,
        held_until: null,
      });
      expect(woken).toEqual([id]);
    },
  );

  it.each([
    [{ failures_in_a_row: 1 }, 'failing', '1 time in a row'],
    [{ failures_in_a_row: 6, resting_until: addMillis(NOW, HOUR_MS) }, 'resting', addMillis(NOW, HOUR_MS)],
    [{ held_until: addMillis(NOW, HOUR_MS) }, 'held', addMillis(NOW, HOUR_MS)],
    [{ held_until: NOW }, 'active', null],
  ])('say how they do: %j', async (state, status, reason) => {
    const { id } = await make();
    await setState(id, state);
    const view = await read(id);
    expect(view.status).toBe(status);
    if (reason === null) expect(view.status_reason).toBeNull();
    else expect(view.status_reason).toContain(reason);
  });

  it('count what is on its way to them, up to a thousand', async () => {
    const { id } = await make();
    const { accountId } = holder;
    await insertDelivery(api, { accountId, endpointId: id });
    expect(await read(id)).toMatchObject({ pending: 1 });
    await api.db.raw(
      `insert into webhook_deliveries (id, endpoint_id, account_id, event_id, type, created_at, payload_id, due_at)
       select gen_random_uuid()::text, :id, :accountId, 'evt_' || n, 'job.matched', :now, 1, :now
       from generate_series(1, 1500) n`,
      { id, accountId, now: NOW },
    );
    expect(await read(id)).toMatchObject({ pending: 1_000 });
  });

  it('are deleted with their deliveries and what they were told, and with nothing of others', async () => {
    const [{ id }, other] = [await make(), await make()];
    for (const endpointId of [id, other.id]) {
      await insertDelivery(api, { accountId: holder.accountId, endpointId });
      await api.db('webhook_told_jobs').insert({
        job_id: 'job-1',
        endpoint_id: endpointId,
        account_id: holder.accountId,
        posted_on: NOW,
        matched_at: NOW,
        saved_searches: '[]',
      });
    }
    const { body } = await askWebhooks(api, holder, 'delete', `/endpoints/${id}`).expect(200);
    expect(body).toMatchObject({ success: true, data: [] });
    await askWebhooks(api, holder, 'get', `/endpoints/${id}`).expect(404);
    await askWebhooks(api, holder, 'delete', `/endpoints/${id}`).expect(404);
    for (const table of ['webhook_deliveries', 'webhook_told_jobs', 'webhook_endpoint_states']) {
      const kept = await api.db(table).whereIn('endpoint_id', [id, other.id]).pluck('endpoint_id');
      expect([table, kept]).toEqual([table, [other.id]]);
    }
  });

  it('leave what was done to them in the audit log, without address, headers or secret', async () => {
    const { id, secret } = await make({ headers: { 'X-Token': 'aTokenNobodySees' } });
    await change(id, { enabled: false, description: 'of Ada' });
    await askWebhooks(api, holder, 'post', `/endpoints/${id}/rotate-secret`).expect(200);
    await askWebhooks(api, holder, 'delete', `/endpoints/${id}`).expect(200);
    const acts = await api.db('audit_log').where({ account_id: holder.accountId }).orderBy('id').select();
    expect(acts.map(({ action, actor, subject }) => [action, actor, subject])).toEqual(
      ['created', 'changed', 'secret_rotated', 'deleted'].map((act) => [
        `webhook_endpoint.${act}`,
        `key:${holder.id}`,
        id,
      ]),
    );
    for (const hidden of [secret, 'aTokenNobodySees', 'hooks.example.com', 'Ada'])
      expect(JSON.stringify(acts)).not.toContain(hidden);
  });

  it('are made once under an Idempotency-Key, and shown again with the same secret', async () => {
    const body = { url: HOOK, events: ['job.matched'] };
    const post = (from = api.app) =>
      askWebhooks(api, holder, 'post', '/endpoints', {
        app: from,
        body,
        headers: { 'Idempotency-Key': 'one' },
      });
    const first = await post().expect(201);
    // Also when the address cannot be looked up any more.
    const away = api.appWith({
      webhooks: { ...api.services.webhooks, check: () => Promise.resolve('It is not found.') },
    });
    const second = await post(away).expect(201);
    expect(second.body.data).toEqual(first.body.data);
    expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true', 'cache-control': 'no-store' });
    expect(await api.db('webhook_endpoints').where({ account_id: holder.accountId })).toHaveLength(1);
    await askWebhooks(api, holder, 'post', '/endpoints', {
      app: away,
      body: { ...body, description: 'another' },
      headers: { 'Idempotency-Key': 'one' },
    }).expect(409);
  });

  it('get one new secret under an Idempotency-Key', async () => {
    const { id, secret } = await make();
    const rotate = () =>
      askWebhooks(api, holder, 'post', `/endpoints/${id}/rotate-secret`, {
        headers: { 'Idempotency-Key': 'r' },
      });
    const [first, second] = [await rotate().expect(200), await rotate().expect(200)];
    expect(second.body.data).toEqual(first.body.data);
    const { sealed_previous_secret } = await row(id);
    expect(api.services.keys.secretBox.open(sealed_previous_secret, `webhook:${id}:secret`)).toBe(secret);
  });

  it('are not shown where what seals them is another key', async () => {
    await make();
    const secretBox = createSecretBox(Buffer.alloc(32, 'other').toString('base64'));
    const other = app({ keys: { ...api.services.keys, secretBox } });
    const { body } = await askWebhooks(api, holder, 'get', '/endpoints', { app: other }).expect(500);
    expect(JSON.stringify(body)).not.toContain('hooks.example.com');
  });

  it('are changed also while nobody can be woken', async () => {
    const { id } = await make();
    const asleep = app({
      webhooks: { ...api.services.webhooks, wake: () => Promise.reject(new Error('Temporal is away.')) },
    });
    const body = { max_in_flight: 2 };
    await askWebhooks(api, holder, 'patch', `/endpoints/${id}`, { app: asleep, body }).expect(200);
    expect(api.logged.some(({ endpointId }) => endpointId === id)).toBe(true);
  });

  async function insertSavedSearch(id: string): Promise<void> {
    await api.db('saved_searches').insert({
      id,
      account_id: holder.accountId,
      name: 'mine',
      parameters: '{}',
      filter: '{}',
      created_at: NOW,
      updated_at: NOW,
    });
  }
});
