import { createKeyOwners } from '../../api/keyOwners';
import { findApiKey, hashApiKey } from '../../db/apiKeys';
import type { Db } from '../../db/connection';
import { createListener, type Listener } from '../../db/listener';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type DatabaseProxy, startDatabaseProxy } from '../support/databaseProxy';
import { askKeys, type KeyHolder, keyHolder } from '../support/keys';
import { until } from '../support/until';

/** What notifications come by may be slow by this much and a bit. */
const WITHIN_MS = 1_200;

describe('a change of keys', () => {
  let api: TestApi;
  let holder: KeyHolder;
  let proxy: DatabaseProxy;
  let listeners: Listener[];

  beforeEach(async () => {
    api = await createTestApi();
    holder = await keyHolder(api, 'business');
    proxy = await startDatabaseProxy(api.databaseUrl);
    listeners = [];
  });
  afterEach(async () => {
    await Promise.all([...listeners.map((listener) => listener.close()), proxy.close()]);
    await api.drop();
  });

  /** An API process, as far as keys go; one that remembers whose the key is. */
  const startProcess = async (
    key: { secret: string },
    { db = api.db, databaseUrl = api.databaseUrl } = {},
  ) => {
    const listener = createListener({ databaseUrl });
    listeners.push(listener);
    const app = api.appWith({ keys: { ...api.services.keys, ...createKeyOwners({ db, listener }) } });
    listener.start();
    await until(() => listener.isCurrent());
    let lookUps = 0;
    const count = ({ sql }: { sql: string }) => {
      if (sql.includes('k.hash')) lookUps += 1;
    };
    api.db.on('query', count);
    await until(async () => {
      lookUps = 0;
      return (await statusOf(app, key)) === 200 && lookUps === 0;
    });
    api.db.removeListener('query', count);
    return app;
  };
  const statusOf = async (app: TestApi['app'], key: { secret: string }) =>
    (await askKeys(api, key, 'get', '', { app })).status;

  it('is known at once in the process that made it, and within a second in another', async () => {
    const key = await api.issueKey({ accountId: holder.accountId, scopes: ['account:read'] });
    const [here, there] = [await startProcess(key), await startProcess(key)];
    await askKeys(api, holder, 'delete', `/${key.id}`, { app: here }).expect(200);
    const changedAt = performance.now();
    expect(await statusOf(here, key)).toBe(401);
    await until(async () => (await statusOf(there, key)) === 401);
    expect(performance.now() - changedAt).toBeLessThan(WITHIN_MS);
  });

  it.each([
    ['revoked', 'delete', '', undefined],
    ['replaced without an overlap', 'post', '/rotate', { overlap_hours: 0 }],
    ['confined to other addresses', 'patch', '', { allowed_ips: ['203.0.113.7'] }],
  ] as const)(
    'is known at once where it was made, while nothing is heard of Postgres: %s',
    async (_what, method, path, body) => {
      const key = await api.issueKey({ accountId: holder.accountId, scopes: ['account:read'] });
      const app = await startProcess(key, { databaseUrl: proxy.databaseUrl });
      proxy.holdBack();
      await askKeys(api, holder, method, `/${key.id}${path}`, { app, body });
      expect(await statusOf(app, key)).toBe(401);
    },
  );

  it('is not undone by a look-up that began before it and ends after it', async () => {
    const key = await api.issueKey({ accountId: holder.accountId, scopes: ['account:read'] });
    const listener = createListener({ databaseUrl: proxy.databaseUrl });
    listeners.push(listener);
    const { db, release, hasRead } = withSlowAnswer(api.db);
    const owners = createKeyOwners({ db, listener });
    listener.start();
    await until(() => listener.isCurrent());
    const app = api.appWith({ keys: { ...api.services.keys, forgetOwners: owners.forgetOwners } });
    const hash = hashApiKey(key.secret, api.services.keys.pepper);

    const early = owners.findOwner(hash, NOW);
    await hasRead;
    proxy.holdBack();
    await askKeys(api, holder, 'delete', `/${key.id}`, { app }).expect(200);
    release();
    expect(await early).toMatchObject({ key: { revokedAt: null } });
    expect(await owners.findOwner(hash, NOW)).toMatchObject({ key: { revokedAt: NOW } });
    expect(await findApiKey(api.db, hash, NOW)).toMatchObject({ key: { revokedAt: NOW } });
  });

  it('is refused to a key that was revoked elsewhere a moment ago', async () => {
    const writer = await api.issueKey({
      accountId: holder.accountId,
      scopes: ['account:read', 'account:write', 'jobs:read'],
    });
    const app = await startProcess(writer, { databaseUrl: proxy.databaseUrl });
    proxy.holdBack();
    // Through another process: this one hears nothing of it.
    await askKeys(api, holder, 'delete', `/${writer.id}`).expect(200);
    const { body } = await askKeys(api, writer, 'post', '', { app, body: {} }).expect(401);
    expect(body).toMatchObject({ code: 'revoked_api_key' });
    expect(await api.db('api_keys').where({ account_id: holder.accountId })).toHaveLength(2);
  });
});

/** A database whose first answer arrives when it is released: what it says is of the time when it was asked. */
function withSlowAnswer(db: Db) {
  let release: () => void = () => undefined;
  let tellRead: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const hasRead = new Promise<void>((resolve) => (tellRead = resolve));
  const slow = new Proxy(db, {
    get: (target, name, receiver) =>
      name !== 'raw'
        ? (Reflect.get(target, name, receiver) as unknown)
        : async (...words: Parameters<Db['raw']>) => {
            const answer: unknown = await target.raw(...words);
            tellRead();
            await released;
            return answer;
          },
  });
  return { db: slow, release, hasRead };
}
