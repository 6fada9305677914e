import supertest from 'supertest';
import { createKeyOwners } from '../../api/keyOwners';
import { createListener, type Listener } from '../../db/listener';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { until } from '../support/until';

describe('DELETE /account', () => {
  let api: TestApi;
  let started: string[];

  beforeAll(async () => {
    api = await createTestApi();
  });
  beforeEach(() => {
    started = [];
  });
  afterAll(() => api.drop());

  const app = () =>
    api.appWith({
      startErasure: (id) => {
        started.push(id);
        return Promise.resolve();
      },
    });
  const holder = async () => {
    const key = await api.issueKey({ scopes: ['account:read', 'account:write'] });
    const { account_id: accountId } = await api.db('api_keys').where({ id: key.id }).first('account_id');
    return { ...key, accountId: accountId as string, email: `${accountId}@example.com` };
  };
  const remove = (secret: string, body?: object, from = app()) =>
    supertest(from).delete('/account').set('X-API-KEY', secret).send(body);

  it('starts the erasure, and from then on no key of the account works', async () => {
    const { secret, accountId, email, id } = await holder();
    const other = await api.issueKey({ accountId, scopes: ['jobs:read'] });
    const { body } = await remove(secret, { confirm: ` ${email.toUpperCase()} ` }).expect(202);
    expect(body).toMatchObject({ success: true, data: { state: 'under_way', requested_at: NOW } });
    expect(started).toEqual([body.data.id]);
    for (const each of [secret, other.secret]) {
      expect((await api.get('/jobs', each).expect(401)).body.code).toBe('revoked_api_key');
    }
    expect(await api.db('erasures').where({ account_id: accountId })).toMatchObject([
      { id: body.data.id, finished_at: null, removed: {} },
    ]);
    expect(await api.db('audit_log').where({ account_id: accountId })).toMatchObject([
      { actor: `key:${id}`, action: 'account.erasure_requested' },
    ]);
  });

  it('leaves no way in for a key that is made while the account is being erased', async () => {
    const { secret, accountId, email } = await holder();
    await remove(secret, { confirm: email }).expect(202);
    const late = await api.issueKey({ accountId });
    await api.get('/jobs', late.secret).expect(401);
  });

  it('stops keys within a second in processes that remember them', async () => {
    const { secret, email } = await holder();
    const listener: Listener = createListener({ databaseUrl: api.databaseUrl, onWarning: () => undefined });
    const remembering = api.appWith({
      keys: { ...api.services.keys, ...createKeyOwners({ db: api.db, listener }) },
    });
    listener.start();
    await until(() => Promise.resolve(listener.isCurrent()));
    const ask = () => supertest(remembering).get('/health').set('X-API-KEY', secret);
    await ask().expect(200);
    await remove(secret, { confirm: email }).expect(202);
    const deletedAt = Date.now();
    await until(async () => (await ask()).status === 401);
    expect(Date.now() - deletedAt).toBeLessThan(1_000);
    await listener.close();
  });

  it('is accepted while Temporal is away: the schedule starts it later', async () => {
    const { secret, accountId, email } = await holder();
    const withoutTemporal = api.appWith({
      startErasure: () => Promise.reject(new Error('Temporal is away.')),
    });
    await remove(secret, { confirm: email }, withoutTemporal).expect(202);
    expect(await api.db('erasures').where({ account_id: accountId })).toHaveLength(1);
    expect(api.logged.at(-2)).toMatchObject({ msg: 'erasure is left to the schedule' });
    expect(JSON.stringify(api.logged)).not.toContain(email);
  });

  it('asked twice at once is one erasure', async () => {
    const { secret, accountId, email } = await holder();
    const answers = await Promise.all([1, 2, 3].map(() => remove(secret, { confirm: email })));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    expect(new Set(accepted.map(({ body }) => body.data.id)).size).toBe(1);
    expect(await api.db('erasures').where({ account_id: accountId })).toHaveLength(1);
  });

  it('deletes nothing without the e-mail address of the account', async () => {
    const { secret, accountId } = await holder();
    const other = await holder();
    for (const body of [{ confirm: 'yes' }, { confirm: other.email }, {}, { confirm: null }]) {
      const refused = await remove(secret, body).expect(400);
      expect(refused.body.errors).toMatchObject([{ parameter: 'confirm' }]);
    }
    const unknown = await remove(secret, { confirm: 'x', conform: 'x' }).expect(400);
    expect(unknown.body.errors).toMatchObject([{ parameter: 'conform', did_you_mean: 'confirm' }]);
    await remove(secret).expect(400);
    expect(started).toEqual([]);
    expect(await api.db('erasures').where({ account_id: accountId })).toEqual([]);
    await api.get('/account', secret).expect(200);
  });

  it('is for keys with account:write alone', async () => {
    const { accountId, email } = await holder();
    const { secret } = await api.issueKey({ accountId, scopes: ['account:read'] });
    await remove(secret, { confirm: email }).expect(403);
    await remove('', { confirm: email }).expect(401);
    expect(started).toEqual([]);
  });
});
