import { parseApiKey } from '../../domain/apiKey';
import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { askKeys, type KeyHolder, keyHolder } from '../support/keys';

describe('the keys of an account', () => {
  let api: TestApi;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
  });
  beforeEach(async () => {
    holder = await keyHolder(api, 'professional');
  });
  afterAll(() => api.drop());

  const list = async () => (await askKeys(api, holder, 'get').expect(200)).body.data as Made[];
  const make = async (body: object = {}) =>
    (await askKeys(api, holder, 'post', '', { body }).expect(201)).body.data as Made;
  const acts = async () =>
    await api.db('audit_log').where({ account_id: holder.accountId }).orderBy('id').select();

  interface Made {
    id: string;
    secret: string;
    last_four: string;
    expires_at: string | null;
  }

  it('are listed with all there is to know but the key', async () => {
    const usedAt = addMillis(NOW, -5_000);
    await api.db('api_key_uses').insert({ key_id: holder.id, last_used_at: usedAt });
    const { body, headers } = await askKeys(api, holder, 'get').expect(200);
    expect(body).toMatchObject({ success: true, count: 1 });
    expect(body.data).toEqual([
      {
        id: holder.id,
        name: null,
        kind: 'live',
        prefix: 'uj_live_',
        last_four: holder.secret.slice(-4),
        status: 'active',
        scopes: ['jobs:read', 'account:read', 'account:write', 'webhooks:write'],
        allowed_ips: [],
        requests_per_minute: null,
        monthly_calls: null,
        created_at: NOW,
        expires_at: null,
        revoked_at: null,
        last_used_at: usedAt,
        replaced_by: null,
      },
    ]);
    expect(JSON.stringify([body, headers])).not.toContain(holder.secret.slice(8, 40));
  });

  it('are listed without those of other accounts, the revoked last', async () => {
    await keyHolder(api);
    const { id } = await make({ name: 'first' });
    await make({ name: 'second' });
    await askKeys(api, holder, 'delete', `/${id}`).expect(200);
    const keys = await list();
    expect(keys).toHaveLength(3);
    expect(keys.at(-1)).toMatchObject({ id, status: 'revoked', revoked_at: NOW });
  });

  it('are made to read jobs and nothing else, unless asked otherwise', async () => {
    const { secret, ...view } = await make();
    expect(view).toMatchObject({ kind: 'live', scopes: ['jobs:read'], status: 'active', expires_at: null });
    expect(parseApiKey(secret)).toEqual({ kind: 'live', lastFour: view.last_four });
    await api.get('/jobs', secret).expect(200);
    expect(await list()).toContainEqual(view);
  });

  it('are made with the terms that are asked for', async () => {
    const terms = {
      name: 'nightly import',
      kind: 'test',
      scopes: ['jobs:read', 'account:read', 'jobs:read'],
      expires_at: '2026-03-01T01:00:00+01:00',
      allowed_ips: ['203.0.113.77/24', '2001:DB8:0::1', '203.0.113.0/24', '10.1.2.3'],
      requests_per_minute: 100,
      monthly_calls: 0,
    };
    const { secret, ...view } = await make(terms);
    expect(view).toMatchObject({
      ...terms,
      scopes: ['jobs:read', 'account:read'],
      expires_at: '2026-03-01T00:00:00.000Z',
      allowed_ips: ['10.1.2.3/32', '203.0.113.0/24', '2001:db8::1/128'],
    });
    expect(secret).toMatch(/^uj_test_/);
    expect(await list()).toContainEqual(view);
  });

  it('are made without a body, too', async () => {
    const { body } = await askKeys(api, holder, 'post').expect(201);
    expect(body.data).toMatchObject({ name: null, scopes: ['jobs:read'] });
  });

  it('are shown once, in an answer that nobody on the way keeps', async () => {
    const { headers } = await askKeys(api, holder, 'post', '', { body: {} }).expect(201);
    expect(headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(headers).not.toHaveProperty('etag');
  });

  it('are changed in what is given, and keep the rest', async () => {
    const { id } = await make({ name: 'before', requests_per_minute: 5, allowed_ips: ['10.0.0.0/8'] });
    const path = `/${id}`;
    const change = async (body: object) =>
      (await askKeys(api, holder, 'patch', path, { body }).expect(200)).body.data as object;
    expect(await change({ name: 'after' })).toMatchObject({
      name: 'after',
      requests_per_minute: 5,
      allowed_ips: ['10.0.0.0/8'],
    });
    const changed = await change({
      name: null,
      requests_per_minute: null,
      allowed_ips: [],
      monthly_calls: 7,
    });
    expect(changed).toMatchObject({
      name: null,
      requests_per_minute: null,
      allowed_ips: [],
      monthly_calls: 7,
    });
    expect(await list()).toContainEqual(changed);
  });

  it('are revoked at once, and stay so as of the first time', async () => {
    const { id, secret } = await make();
    await api.get('/jobs', secret).expect(200);
    const first = await askKeys(api, holder, 'delete', `/${id}`).expect(200);
    expect(first.body.data).toMatchObject({ id, status: 'revoked', revoked_at: NOW });
    expect((await api.get('/jobs', secret).expect(401)).body).toMatchObject({ code: 'revoked_api_key' });

    const later = api.appWith({ now: () => addMillis(NOW, HOUR_MS) });
    const again = await askKeys(api, holder, 'delete', `/${id}`, { app: later }).expect(200);
    expect(again.body.data).toEqual(first.body.data);
    expect((await acts()).map(({ action }) => action)).toEqual(['key.created', 'key.revoked']);
  });

  it('are revoked by themselves, too', async () => {
    await askKeys(api, holder, 'delete', `/${holder.id}`).expect(200);
    expect((await askKeys(api, holder, 'get').expect(401)).body).toMatchObject({ code: 'revoked_api_key' });
  });

  it('are replaced by one of the same terms; the old one works on for a day', async () => {
    const terms = {
      name: 'import',
      scopes: ['jobs:read', 'account:read'],
      allowed_ips: ['127.0.0.0/8'],
      requests_per_minute: 9,
      monthly_calls: 11,
    };
    const old = await make(terms);
    const { body } = await askKeys(api, holder, 'post', `/${old.id}/rotate`).expect(201);
    const { secret, replaces, ...view } = body.data;
    expect(view).toMatchObject({ ...terms, expires_at: null, created_at: NOW, status: 'active' });
    expect(view.id).not.toBe(old.id);
    expect(replaces).toMatchObject({
      id: old.id,
      status: 'active',
      expires_at: addMillis(NOW, DAY_MS),
      replaced_by: view.id,
    });
    for (const key of [secret, old.secret]) await api.get('/jobs', key).expect(200);

    const atTheEnd = api.appWith({ now: () => addMillis(NOW, DAY_MS) });
    const ask = (key: string) => askKeys(api, { secret: key }, 'get', '', { app: atTheEnd });
    await ask(secret).expect(200);
    expect((await ask(old.secret).expect(401)).body).toMatchObject({ code: 'expired_api_key' });
  });

  it('are replaced with the overlap that is asked for', async () => {
    const endOf = async (overlap_hours: number, terms: object = {}) => {
      const { id } = await make(terms);
      const path = `/${id}/rotate`;
      const { body } = await askKeys(api, holder, 'post', path, { body: { overlap_hours } }).expect(201);
      return [body.data.replaces.expires_at, body.data.expires_at];
    };
    expect(await endOf(0)).toEqual([NOW, null]);
    expect(await endOf(0.5)).toEqual([addMillis(NOW, HOUR_MS / 2), null]);
    expect(await endOf(168)).toEqual([addMillis(NOW, 7 * DAY_MS), null]);
    // The new key ends when the old one would have, and the old one no later.
    const expires_at = addMillis(NOW, HOUR_MS);
    expect(await endOf(168, { expires_at })).toEqual([expires_at, expires_at]);
  });

  it('are replaced one after the other, and by themselves', async () => {
    const first = await askKeys(api, holder, 'post', `/${holder.id}/rotate`).expect(201);
    const second = await askKeys(api, first.body.data, 'post', `/${first.body.data.id}/rotate`).expect(201);
    const third = await askKeys(api, second.body.data, 'post', `/${second.body.data.id}/rotate`).expect(201);
    await askKeys(api, third.body.data, 'get').expect(200);
    const ends = (await list()).map((key) => key.expires_at);
    expect(ends.filter((end) => end === null)).toHaveLength(1);
    expect(ends.filter((end) => end === addMillis(NOW, DAY_MS))).toHaveLength(3);
  });

  it('leave what was done to them in the audit log, and no secret, name or address', async () => {
    const { id, secret } = await make({ name: 'of Ada', allowed_ips: ['203.0.113.9'] });
    await askKeys(api, holder, 'patch', `/${id}`, { body: { name: 'of Grace' } }).expect(200);
    const rotated = (await askKeys(api, holder, 'post', `/${id}/rotate`).expect(201)).body.data;
    await askKeys(api, holder, 'delete', `/${id}`).expect(200);
    await askKeys(api, holder, 'post', '', { body: { name: '' } }).expect(400);
    const log = await acts();
    expect(log.map(({ action, actor, subject }) => [action, actor, subject])).toEqual(
      ['key.created', 'key.changed', 'key.rotated', 'key.revoked'].map((action) => [
        action,
        `key:${holder.id}`,
        id,
      ]),
    );
    expect(log[0]).toMatchObject({ occurred_at: NOW, details: { kind: 'live', scopes: ['jobs:read'] } });
    expect(log[1]).toMatchObject({ details: { changed: ['name'] } });
    expect(log[2]).toMatchObject({ details: { replaced_by: rotated.id } });
    const text = JSON.stringify(log);
    for (const hidden of [secret, rotated.secret, 'Ada', 'Grace', '203.0.113.9']) {
      expect(text).not.toContain(hidden);
    }
  });

  it('are nowhere in the clear: neither in the log nor in the database', async () => {
    const { id, secret } = await make();
    const headers = { 'Idempotency-Key': 'once' };
    const kept = (await askKeys(api, holder, 'post', '', { body: {}, headers }).expect(201)).body.data;
    const rotated = (await askKeys(api, holder, 'post', `/${id}/rotate`).expect(201)).body.data;
    const { rows: tables } = await api.db.raw<{ rows: { name: string }[] }>(
      `select format('%I', tablename) as name from pg_tables where schemaname = 'public'`,
    );
    const dumps = await Promise.all(
      tables.map(async ({ name }) => {
        const { rows } = await api.db.raw<{ rows: { text: string | null }[] }>(
          `select string_agg(row_to_json(t)::text, chr(10)) as text from ${name} t`,
        );
        return rows[0]?.text ?? '';
      }),
    );
    const everything = dumps.join('\n') + JSON.stringify(api.logged);
    expect(everything).toContain(id);
    for (const key of [secret, kept.secret, rotated.secret, holder.secret] as string[]) {
      const body = key.slice(8, 40);
      expect(everything.includes(body)).toBe(false);
      // As bytes are written.
      expect(everything.includes(Buffer.from(body).toString('hex'))).toBe(false);
    }
  });
});
