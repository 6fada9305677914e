import { randomBytes } from 'node:crypto';
import { createSecretBox } from '../../db/secretBox';
import { API_KEY_SCOPES } from '../../domain/apiKey';
import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { askKeys, type KeyHolder, keyHolder } from '../support/keys';

interface Asking {
  app?: TestApi['app'];
  who?: { secret: string };
}

describe('Idempotency-Key on the making of keys', () => {
  let api: TestApi;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
  });
  beforeEach(async () => {
    holder = await keyHolder(api, 'professional');
  });
  afterAll(() => api.drop());

  const post = (path: string, body: object = {}, { app = api.app, who = holder }: Asking = {}) =>
    askKeys(api, who, 'post', path, { app, body, headers: { 'Idempotency-Key': 'once' } });
  const countKeys = async () => (await api.db('api_keys').where({ account_id: holder.accountId })).length;
  const kept = async () => await api.db('idempotency_keys').where({ owner: holder.accountId });

  it('gives the same key again, and makes it once', async () => {
    const expires_at = addMillis(NOW, HOUR_MS);
    const first = await post('', { expires_at }).expect(201);
    // Also when it could no longer be made: it has expired meanwhile.
    const later = api.appWith({ now: () => addMillis(NOW, 2 * HOUR_MS) });
    const second = await post('', { expires_at }, { app: later }).expect(201);
    expect(second.body.data).toEqual(first.body.data);
    expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true', 'cache-control': 'no-store' });
    expect(await countKeys()).toBe(2);
  });

  it('gives the same key again after a rotation', async () => {
    const { id } = await api.issueKey({ accountId: holder.accountId });
    const first = await post(`/${id}/rotate`).expect(201);
    const second = await post(`/${id}/rotate`).expect(201);
    expect(second.body.data).toEqual(first.body.data);
    expect(await countKeys()).toBe(3);
  });

  it('takes the rotation of another key for another request', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => api.issueKey({ accountId: holder.accountId })));
    await post(`/${one!.id}/rotate`).expect(201);
    expect((await post(`/${other!.id}/rotate`).expect(409)).body).toMatchObject({
      code: 'idempotency_conflict',
    });
    await post('').expect(409);
  });

  it('gives no key to who could not have made it', async () => {
    const scopes = ['webhooks:write'];
    const { id } = await api.issueKey({ accountId: holder.accountId, scopes: API_KEY_SCOPES });
    const writer = await api.issueKey({ accountId: holder.accountId, scopes: ['account:write'] });
    await post('', { scopes }).expect(201);
    const { body } = await post('', { scopes }, { who: writer }).expect(403);
    expect(JSON.stringify(body)).not.toContain('uj_live_');
    await api.db('idempotency_keys').delete();
    await post(`/${id}/rotate`).expect(201);
    await post(`/${id}/rotate`, {}, { who: writer }).expect(403);
  });

  it('keeps the answer encrypted, bound to its place', async () => {
    const { body } = await post('').expect(201);
    const [row] = await kept();
    expect(row).toMatchObject({ answer: null, sealed_answer: expect.any(Buffer) });
    expect(row.sealed_answer.includes(body.data.secret)).toBe(false);
    const { secretBox } = api.services.keys;
    const context = `idempotency:${holder.accountId}:once`;
    expect(JSON.parse(secretBox.open(row.sealed_answer, context))).toMatchObject({ data: body.data });
    expect(() => secretBox.open(row.sealed_answer, 'idempotency:another:once')).toThrow();
  });

  it('makes no second key where the answer can no longer be read', async () => {
    await post('').expect(201);
    const secretBox = createSecretBox(randomBytes(32).toString('base64'));
    const app = api.appWith({ keys: { ...api.services.keys, secretBox } });
    await post('', {}, { app }).expect(500);
    expect(await countKeys()).toBe(2);
  });

  it('forgets the answer after a day', async () => {
    await post('').expect(201);
    const nextDay = api.appWith({ now: () => addMillis(NOW, DAY_MS) });
    const { headers } = await post('', {}, { app: nextDay }).expect(201);
    expect(headers).not.toHaveProperty('idempotent-replayed');
    expect(await countKeys()).toBe(3);
    expect(await kept()).toHaveLength(1);
  });

  it('remembers nothing of a request that came to nothing', async () => {
    await post('', { kind: 'test', scopes: ['account:write'] }).expect(400);
    expect(await kept()).toEqual([]);
    await post('', { kind: 'test' }).expect(201);
  });
});
