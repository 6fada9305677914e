import { createAccount, findAccountByEmail } from '../../db/accounts';
import {
  findApiKey,
  findApiKeysByLastFour,
  hashApiKey,
  issueApiKey,
  listApiKeys,
  revokeApiKey,
  type NewApiKey,
} from '../../db/apiKeys';
import type { Db } from '../../db/connection';
import { parseApiKey } from '../../domain/apiKey';
import { createTestDatabase, type TestDatabase } from '../support/database';

const NOW = '2026-02-01T12:00:00.000Z';
const PEPPER = 'a pepper of the tests, 32 characters';

describe('accounts and API keys', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = database.db;
  });
  afterAll(() => database.drop());

  async function accountWith({ planId = 'starter', overrides = {} } = {}): Promise<string> {
    const id = crypto.randomUUID();
    await createAccount(db, { id, email: `${id}@example.com`, planId, now: NOW });
    await db('accounts').where({ id }).update({ plan_overrides: overrides });
    return id;
  }

  const issue = (accountId: string, terms: Partial<NewApiKey> = {}) =>
    issueApiKey(db, {
      accountId,
      kind: 'live',
      scopes: ['jobs:read'],
      expiresAt: null,
      name: 'test',
      pepper: PEPPER,
      now: NOW,
      ...terms,
    });

  const find = (secret: string, now = NOW) => findApiKey(db, hashApiKey(secret, PEPPER), now);

  it('finds a key it has issued, with account and plan', async () => {
    const accountId = await accountWith({ planId: 'professional' });
    const { id, secret, lastFour } = await issue(accountId, {
      kind: 'test',
      scopes: ['jobs:read', 'account:read'],
    });

    expect(parseApiKey(secret)).toEqual({ kind: 'test', lastFour });
    expect(await find(secret)).toEqual({
      key: {
        id,
        accountId,
        kind: 'test',
        lastFour,
        name: 'test',
        scopes: ['jobs:read', 'account:read'],
        createdAt: NOW,
        expiresAt: null,
        revokedAt: null,
        allowedIps: [],
        requestsPerMinute: null,
        monthlyCalls: null,
      },
      account: {
        id: accountId,
        email: `${accountId}@example.com`,
        name: null,
        planId: 'professional',
        periodAnchor: NOW,
        suspendedAt: null,
        monthlyOverageCapCents: null,
      },
      plan: {
        id: 'professional',
        name: 'Professional',
        rank: 2,
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
    });
  });

  it('stores no secret', async () => {
    const { secret } = await issue(await accountWith());
    const { rows } = await db.raw<{ rows: { row: string }[] }>(
      'select to_jsonb(api_keys)::text as row from api_keys',
    );
    expect(rows.some(({ row }) => row.includes(secret.slice(8, 40)))).toBe(false);
  });

  it('does not find a key under another pepper', async () => {
    const { secret } = await issue(await accountWith());
    expect(await findApiKey(db, hashApiKey(secret, `${PEPPER}!`), NOW)).toBeNull();
  });

  it("lets a contract's terms replace the plan's, no limit among them", async () => {
    const accountId = await accountWith({ overrides: { retention_days: null, requests_per_minute: 25 } });
    const owner = await find((await issue(accountId)).secret);
    expect(owner?.plan).toMatchObject({
      name: 'Starter',
      retention_days: null,
      requests_per_minute: 25,
      monthly_calls: 1_000,
    });
  });

  it('refuses to guess what a malformed contract means', async () => {
    const accountId = await accountWith({ overrides: { retention_days: 'all' } });
    const { secret } = await issue(accountId);
    await expect(find(secret)).rejects.toMatchObject({ code: 'internal' });
  });

  it('applies the newest terms of a plan that are in force, and not those of tomorrow', async () => {
    const { secret } = await issue(await accountWith({ planId: 'business' }));
    await db.raw(`insert into plans select id, '2026-06-01Z', name, rank, 39900, annual_discount_percent, monthly_calls,
      overage_cents_per_call, requests_per_minute, requests_in_flight, 365, saved_searches, webhook_endpoints,
      advanced_filters, exports, support_target_hours from plans where id = 'business'`);
    expect((await find(secret))?.plan.retention_days).toBe(183);
    expect((await find(secret, '2026-06-01T00:00:00.000Z'))?.plan.retention_days).toBe(365);
  });

  it('issues keys that differ in every position', async () => {
    const accountId = await accountWith();
    const secrets = await Promise.all(Array.from({ length: 20 }, () => issue(accountId)));
    const bodies = secrets.map(({ secret }) => secret.slice(8, 40));
    for (let place = 0; place < 32; place += 1) {
      expect(new Set(bodies.map((body) => body[place])).size).toBeGreaterThan(1);
    }
  });

  it('revokes a key of the account only, as of the first time', async () => {
    const [mine, theirs] = [await accountWith(), await accountWith()];
    const { id } = await issue(mine);
    const later = '2026-02-02T12:00:00.000Z';

    expect(await revokeApiKey(db, { accountId: theirs, id, now: NOW })).toBe(false);
    expect(await listApiKeys(db, mine)).toMatchObject([{ id, revokedAt: null }]);
    expect(await revokeApiKey(db, { accountId: mine, id, now: NOW })).toBe(true);
    expect(await revokeApiKey(db, { accountId: mine, id, now: later })).toBe(true);
    expect(await listApiKeys(db, mine)).toMatchObject([{ id, revokedAt: NOW }]);
  });

  it('refuses a key a name that is longer than any', async () => {
    await expect(issue(await accountWith(), { name: 'x'.repeat(101) })).rejects.toMatchObject({
      code: 'invalid_parameter',
      faults: [{ parameter: 'name' }],
    });
  });

  it('lists the keys of an account, newest first', async () => {
    const accountId = await accountWith();
    const first = await issue(accountId, { now: '2026-02-01T00:00:00.000Z' });
    const second = await issue(accountId, { now: '2026-02-01T00:00:01.000Z' });
    await issue(await accountWith());
    expect((await listApiKeys(db, accountId)).map((key) => key.id)).toEqual([second.id, first.id]);
  });

  it('finds keys of any account by their last four characters', async () => {
    const { id, lastFour } = await issue(await accountWith());
    expect((await findApiKeysByLastFour(db, lastFour)).map((key) => key.id)).toContain(id);
    expect(await findApiKeysByLastFour(db, '----')).toEqual([]);
  });

  it('holds one account an address, whatever its case', async () => {
    const account = { id: crypto.randomUUID(), email: 'Ada@Example.com', planId: 'starter', now: NOW };
    await createAccount(db, account);
    await expect(
      createAccount(db, { ...account, id: crypto.randomUUID(), email: 'ada@example.com' }),
    ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('ada@example.com') });
    expect(await findAccountByEmail(db, 'ADA@example.com')).toMatchObject({
      id: account.id,
      email: 'Ada@Example.com',
    });
    expect(await findAccountByEmail(db, 'nobody@example.com')).toBeNull();
  });

  it('refuses an address and a plan that cannot be, both at once', async () => {
    const account = { id: crypto.randomUUID(), email: 'not an address', planId: 'platinum', now: NOW };
    await expect(createAccount(db, account)).rejects.toMatchObject({
      code: 'invalid_parameter',
      faults: [{ parameter: 'email' }, { parameter: 'plan' }],
    });
  });
});
