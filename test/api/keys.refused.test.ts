import { API_KEY_SCOPES } from '../../domain/apiKey';
import { addMillis, DAY_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { askKeys, type KeyHolder, keyHolder } from '../support/keys';

describe('refused changes of keys', () => {
  let api: TestApi;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
  });
  beforeEach(async () => {
    holder = await keyHolder(api, 'professional');
  });
  afterAll(() => api.drop());

  const make = (body: object, who: { secret: string } = holder) => askKeys(api, who, 'post', '', { body });
  const countKeys = async () => (await api.db('api_keys').where({ account_id: holder.accountId })).length;
  const faultsOf = (body: { code: string; errors: { parameter: string }[] }) => [
    body.code,
    ...body.errors.map(({ parameter }) => parameter),
  ];

  describe('with 400', () => {
    it('name every fault of a new key at once', async () => {
      const { body } = await make({
        name: 'x'.repeat(101),
        kind: 'prod',
        scopes: ['jobs:read', 'jobs:write'],
        expires_at: 'tomorrow',
        allowed_ips: ['10.0.0.1', '10.0.0.0/33', 'localhost', 7],
        requests_per_minute: 0,
        monthly_calls: -1,
        expires: 1,
      }).expect(400);
      expect(faultsOf(body).sort()).toEqual([
        'allowed_ips.1',
        'allowed_ips.2',
        'allowed_ips.3',
        'expires',
        'expires_at',
        'invalid_parameter',
        'kind',
        'monthly_calls',
        'name',
        'requests_per_minute',
        'scopes.1',
      ]);
      expect(await countKeys()).toBe(1);
    });

    it('say what an unknown member was probably meant to be', async () => {
      const { body } = await make({ alowed_ips: [] }).expect(400);
      expect(body.errors).toMatchObject([{ parameter: 'alowed_ips', did_you_mean: 'allowed_ips' }]);
    });

    it.each([
      ['10.0.0.0/08'],
      ['10.0.0'],
      ['10.0.0.0/-1'],
      ['10.0.0.0/8/8'],
      ['::ffff:10.0.0.1'],
      ['fe80::1%eth0'],
      ['2001:db8::/129'],
      ['0x7f.1'],
      ["'; drop table api_keys"],
      [''],
      ['\u0000'],
      ['1'.repeat(100)],
    ])('take no address for one that is none: %j', async (address) => {
      const { body } = await make({ allowed_ips: [address] }).expect(400);
      expect(body.errors[0].parameter).toBe('allowed_ips.0');
    });

    it('bound every list', async () => {
      const addresses = Array.from({ length: 51 }, (_, n) => `10.0.0.${n}`);
      await make({ allowed_ips: addresses.slice(1) }).expect(201);
      for (const body of [
        { allowed_ips: addresses },
        { scopes: [] },
        { scopes: Array(9).fill('jobs:read') },
      ]) {
        await make(body).expect(400);
      }
    });

    it.each([
      [{ expires_at: NOW }, 'expires_at'],
      [{ expires_at: '2036-02-01T12:00:00Z' }, 'expires_at'],
      [{ expires_at: '9999-12-31T23:59:59-23:00' }, 'expires_at'],
      [{ requests_per_minute: 101 }, 'requests_per_minute'],
      [{ monthly_calls: 25_001 }, 'monthly_calls'],
      [{ kind: 'test', scopes: ['jobs:read', 'account:write'] }, 'scopes'],
    ])('refuse terms that cannot be: %j', async (terms, parameter) => {
      const { body } = await make(terms).expect(400);
      expect(faultsOf(body)).toEqual(['invalid_parameter', parameter]);
      expect(body.errors[0]).toMatchObject({ expected: expect.any(String), received: expect.any(String) });
    });

    it('refuse limits above those of the account, which its own terms may set', async () => {
      const terms = { plan_overrides: { requests_per_minute: 1_000, monthly_calls: null } };
      await make({ requests_per_minute: 1_000 }).expect(400);
      await api.db('accounts').where({ id: holder.accountId }).update(terms);
      const { body } = await make({ requests_per_minute: 1_000, monthly_calls: 9_000_000 }).expect(201);
      const path = `/${body.data.id}`;
      const change = { requests_per_minute: 1_001 };
      const refusal = await askKeys(api, holder, 'patch', path, { body: change }).expect(400);
      expect(faultsOf(refusal.body)).toEqual(['invalid_parameter', 'requests_per_minute']);
    });

    it.each([
      [{}, 'body'],
      [{ scopes: ['jobs:read'] }, 'scopes'],
      [{ expires_at: null }, 'expires_at'],
      [{ name: 7 }, 'name'],
      [{ allowed_ips: null }, 'allowed_ips'],
    ])('change a key in nothing else, and not in nothing: %j', async (body, parameter) => {
      const refusal = await askKeys(api, holder, 'patch', `/${holder.id}`, { body }).expect(400);
      expect(refusal.body.errors[0]).toMatchObject({ parameter });
    });

    it.each([{ overlap_hours: -1 }, { overlap_hours: 168.1 }, { overlap_hours: '24' }, { overlap: 1 }])(
      'refuse an overlap that cannot be: %j',
      async (body) => {
        await askKeys(api, holder, 'post', `/${holder.id}/rotate`, { body }).expect(400);
        expect(await countKeys()).toBe(1);
      },
    );

    it('take no parameters in the address, and no body of another kind', async () => {
      await askKeys(api, holder, 'post', '?name=x', { body: {} }).expect(400);
      await askKeys(api, holder, 'post').type('text').send('name=x').expect(415);
      await askKeys(api, holder, 'post').type('json').send('{').expect(400);
      expect(await countKeys()).toBe(1);
    });
  });

  describe('with 403', () => {
    it('ask for the scope that each route needs', async () => {
      const { accountId } = holder;
      const reader = await api.issueKey({ accountId, scopes: ['account:read'] });
      const writer = await api.issueKey({ accountId, scopes: ['account:write', 'jobs:read'] });
      await askKeys(api, reader, 'get').expect(200);
      await askKeys(api, writer, 'get').expect(403);
      await make({}, writer).expect(201);
      const refusals = [
        await make({}, reader),
        await askKeys(api, reader, 'patch', `/${holder.id}`, { body: { name: 'x' } }),
        await askKeys(api, reader, 'delete', `/${holder.id}`),
        await askKeys(api, reader, 'post', `/${holder.id}/rotate`),
      ];
      for (const { status, body } of refusals) {
        expect([status, body.code]).toEqual([403, 'insufficient_scope']);
      }
      expect((await api.db('api_keys').where({ id: holder.id }).first()).revoked_at).toBeNull();
    });

    it('hand on no scope that the key itself has not, neither by a new key nor by a rotation', async () => {
      const writer = await api.issueKey({ accountId: holder.accountId, scopes: ['account:write'] });
      const before = await countKeys();
      for (const scopes of [undefined, ['webhooks:write', 'account:write']]) {
        const { body } = await make({ scopes }, writer).expect(403);
        expect(faultsOf(body)).toEqual(['insufficient_scope', 'scopes']);
      }
      const rotation = await askKeys(api, writer, 'post', `/${holder.id}/rotate`).expect(403);
      expect(rotation.body.errors).toHaveLength(3);
      expect(await countKeys()).toBe(before);
      await make({ scopes: ['account:write'] }, writer).expect(201);
    });

    it('let a test key change nothing, whatever scopes it was issued with', async () => {
      const { accountId } = holder;
      const test = await api.issueKey({ accountId, kind: 'test', scopes: API_KEY_SCOPES });
      await askKeys(api, test, 'get').expect(200);
      const { body } = await make({ kind: 'test' }, test).expect(403);
      expect(body).toMatchObject({
        code: 'insufficient_scope',
        message: expect.stringContaining('live key'),
      });
      await askKeys(api, test, 'delete', `/${test.id}`).expect(403);
    });
  });

  describe('with 404', () => {
    it("know no other account's key, and change nothing of it", async () => {
      const other = await keyHolder(api);
      const before = await api.db('api_keys').where({ id: other.id }).first();
      for (const id of [other.id, crypto.randomUUID(), "'", 'x'.repeat(100)]) {
        const path = `/${encodeURIComponent(id)}`;
        const refusals = [
          await askKeys(api, holder, 'patch', path, { body: { name: 'mine' } }),
          await askKeys(api, holder, 'delete', path),
          await askKeys(api, holder, 'post', `${path}/rotate`),
        ];
        for (const { status, body } of refusals) expect([status, body.code]).toEqual([404, 'not_found']);
      }
      expect(await api.db('api_keys').where({ id: other.id }).first()).toEqual(before);
      await askKeys(api, holder, 'delete', `/${'x'.repeat(101)}`).expect(400);
    });
  });

  describe('with 409', () => {
    it('replace no key that was replaced, is revoked or has expired', async () => {
      const { accountId } = holder;
      const [replaced, revoked, expired] = await Promise.all([
        api.issueKey({ accountId }),
        api.issueKey({ accountId }),
        api.issueKey({ accountId, expiresAt: NOW }),
      ]);
      await askKeys(api, holder, 'post', `/${replaced.id}/rotate`).expect(201);
      await askKeys(api, holder, 'delete', `/${revoked.id}`).expect(200);
      const before = await countKeys();
      for (const { id } of [replaced, revoked, expired]) {
        const { body } = await askKeys(api, holder, 'post', `/${id}/rotate`).expect(409);
        expect(body).toMatchObject({ code: 'conflict', message: expect.stringContaining(id) });
      }
      expect(await countKeys()).toBe(before);
    });

    it('replace a key once, however often that is asked for at the same time', async () => {
      const { id } = await api.issueKey({ accountId: holder.accountId });
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => askKeys(api, holder, 'post', `/${id}/rotate`)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
      expect(await countKeys()).toBe(3);
    });

    it('let an account have twenty keys that work, also when they are asked for at the same time', async () => {
      const answers = await Promise.all(Array.from({ length: 25 }, () => make({})));
      const made = answers.filter(({ status }) => status === 201);
      expect(made).toHaveLength(19);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(6);
      // One that is replaced makes no room, one that is revoked does.
      const path = `/${made[0]!.body.data.id}`;
      await askKeys(api, holder, 'post', `${path}/rotate`).expect(201);
      await make({}).expect(409);
      await askKeys(api, holder, 'delete', `/${made[1]!.body.data.id}`).expect(200);
      await make({}).expect(201);
    });
  });

  describe('with 429', () => {
    it('let an account make a hundred keys a day, and say when it may make another', async () => {
      const { accountId } = holder;
      const madeAt = addMillis(NOW, -DAY_MS + 90_000);
      await api.db.raw(
        `insert into api_keys (id, account_id, hash, kind, last_four, scopes, created_at, revoked_at)
         select gen_random_uuid(), :accountId, sha256(gen_random_uuid()::text::bytea), 'live', 'abcd', '{}', :madeAt, :madeAt
         from generate_series(1, 99)`,
        { accountId, madeAt },
      );
      for (const path of ['', `/${holder.id}/rotate`]) {
        const { body, headers } = await askKeys(api, holder, 'post', path, { body: {} }).expect(429);
        expect(body).toMatchObject({ code: 'rate_limited', retry_after: 90 });
        expect(headers['retry-after']).toBe('90');
      }
      const later = api.appWith({ now: () => addMillis(NOW, 90_000) });
      await askKeys(api, holder, 'post', '', { body: {}, app: later }).expect(201);
    });
  });
});
