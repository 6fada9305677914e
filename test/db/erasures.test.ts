import { createAccount } from '../../db/accounts';
import { issueApiKey } from '../../db/apiKeys';
import { finishErasure, requestErasure } from '../../db/erasures';
import { storeUsage } from '../../db/usage';
import { createTestDatabase, type TestDatabase } from '../support/database';

const NOW = '2026-02-01T12:00:00.000Z';

describe('the end of an erasure', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  async function erasedAccount(accountId: string) {
    const { db } = database;
    await createAccount(db, {
      id: accountId,
      email: `${accountId}@example.com`,
      planId: 'business',
      now: NOW,
    });
    const { id: keyId } = await issueApiKey(db, {
      accountId,
      kind: 'live',
      scopes: ['jobs:read'],
      expiresAt: null,
      name: null,
      pepper: 'a pepper of the tests, 32 characters',
      now: NOW,
    });
    const erasureId = `erasure-${accountId}`;
    await db.transaction((transaction) =>
      requestErasure(transaction, { id: erasureId, accountId, actor: 'cli', now: NOW }),
    );
    return { erasureId, keyId };
  }

  it('neither misses usage that is stored at the same moment, nor hinders it', async () => {
    const { db } = database;
    const { erasureId, keyId } = await erasedAccount('one');
    const usage = (n: number) => ({
      at: NOW,
      requestId: `request-${n}`,
      accountId: 'one',
      keyId,
      route: 'GET /jobs',
      status: 200,
      durationMs: 1,
      calls: 1,
      periodStartsAt: NOW,
      periodEndsAt: '2026-03-01T12:00:00.000Z',
      quota: 100_000,
      isBlocked: false,
    });
    const store = (n: number) => storeUsage(db, [{ id: `batch-${n}`, usages: [usage(n)] }], NOW);
    await store(0);
    const stored = Array.from({ length: 20 }, (_, n) => store(n + 1));
    const [{ removed }] = await Promise.all([finishErasure(db, erasureId, NOW), ...stored]);
    const kept = (await Promise.all(stored)).reduce((sum, requests) => sum + requests, 1);
    expect(removed.request_log).toBe(kept);
    for (const table of ['usage_hours', 'request_log', 'billing_periods', 'events', 'accounts']) {
      expect([table, await db(table)]).toEqual([table, []]);
    }
    expect(await store(99)).toBe(0);
  });

  it('comes once, however often it is asked for at the same time', async () => {
    const { db } = database;
    const { erasureId } = await erasedAccount('two');
    const reports = await Promise.all([1, 2, 3].map(() => finishErasure(db, erasureId, NOW)));
    expect(new Set(reports.map((report) => JSON.stringify(report))).size).toBe(1);
    const erased = await db('audit_log').where({ account_id: 'two', action: 'account.erased' });
    expect(erased).toHaveLength(1);
  });
});
