import { createAccount } from '../../db/accounts';
import { issueApiKey } from '../../db/apiKeys';
import { drawUnits, reportProcess, returnUnits, type UnitsWanted } from '../../db/callLimits';
import type { Db } from '../../db/connection';
import type { CallLimits } from '../../domain/callLimits';
import { createTestDatabase, type TestDatabase } from '../support/database';

const NOW = '2026-02-01T12:00:00.000Z';
const PERIOD = { startsAt: '2026-02-01T12:00:00.000Z', endsAt: '2026-03-01T12:00:00.000Z' };
const STARTER: CallLimits = {
  requestsPerMinute: 10,
  requestsInFlight: 5,
  quota: 1_000,
  maxCalls: 1_000,
  keyRequestsPerMinute: null,
  keyMaxCalls: null,
  block: 1,
};
/** Postgres's own clock tells the minutes: what is compared must have come within one. */
const ATTEMPTS = 3;

describe('units of limits', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = database.db;
  });
  afterAll(() => database.drop());

  async function newAccount(): Promise<string> {
    const id = crypto.randomUUID();
    await createAccount(db, { id, email: `${id}@example.com`, planId: 'starter', now: NOW });
    return id;
  }

  function wantedBy(accountId: string, terms: Partial<UnitsWanted> = {}): UnitsWanted {
    return {
      accountId,
      keyId: null,
      limits: STARTER,
      period: PERIOD,
      needed: { requests: 1, calls: 1 },
      block: { requests: 0, calls: 0 },
      ...terms,
    };
  }

  /** Does the same again for a new account when the minute has changed meanwhile. */
  async function withinAMinute<T extends { minute: string }[]>(
    act: (accountId: string) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const drawn = await act(await newAccount());
      if (new Set(drawn.map(({ minute }) => minute)).size === 1) return drawn;
    }
    throw new Error('No minute was long enough.');
  }

  it('are granted ten times a minute under a limit of ten, however many ask at once', async () => {
    const drawn = await withinAMinute((accountId) =>
      Promise.all(Array.from({ length: 25 }, () => drawUnits(db, wantedBy(accountId)))),
    );

    expect(drawn.filter(({ requests }) => requests === 1)).toHaveLength(10);
    expect(drawn.filter(({ requests }) => requests === 0)).toHaveLength(15);
  });

  it('of calls are not touched by a request that the minute has no room for', async () => {
    const accounts: string[] = [];
    await withinAMinute((accountId) => {
      accounts.push(accountId);
      return Promise.all(Array.from({ length: 25 }, () => drawUnits(db, wantedBy(accountId))));
    });

    const accountId = accounts.at(-1);
    expect(await db('billing_periods').where({ account_id: accountId })).toMatchObject([{ calls_drawn: 10 }]);
  });

  it('of calls end with the quota, and requests go on', async () => {
    const limits = { ...STARTER, requestsPerMinute: null, maxCalls: 7 };
    const accountId = await newAccount();

    const drawn = await Promise.all(
      Array.from({ length: 12 }, () => drawUnits(db, wantedBy(accountId, { limits }))),
    );

    expect(drawn.reduce((sum, { calls }) => sum + calls, 0)).toBe(7);
    expect(drawn.every(({ requests }) => requests === 1)).toBe(true);
  });

  it('are drawn ahead by no more than a share of what is left', async () => {
    await reportProcess(db, { id: 'one', aliveForMs: 60_000 });
    await reportProcess(db, { id: 'another', aliveForMs: 60_000 });
    const limits = { ...STARTER, requestsPerMinute: 100, maxCalls: 40 };
    const block = { requests: 50, calls: 50 };

    const [first] = await withinAMinute(async (accountId) => [
      await drawUnits(db, wantedBy(accountId, { limits, block })),
    ]);

    expect(first).toMatchObject({ requests: 25, requestsLeft: 75, calls: 10, callsLeft: 30, processes: 2 });
    await db('api_processes').delete();
  });

  it('that are needed are granted down to the last one', async () => {
    const limits = { ...STARTER, requestsPerMinute: 100, maxCalls: 5 };
    const [drawn] = await withinAMinute(async (accountId) => [
      await drawUnits(db, wantedBy(accountId, { limits, needed: { requests: 8, calls: 8 } })),
    ]);

    expect(drawn).toMatchObject({ requests: 8, calls: 5, callsLeft: 0 });
  });

  it('are held to the lower limits of a key, which take from the account as well', async () => {
    const accountId = await newAccount();
    const key = await issueApiKey(db, {
      accountId,
      kind: 'live',
      scopes: ['jobs:read'],
      expiresAt: null,
      name: null,
      pepper: 'a pepper of the tests, 32 characters',
      now: NOW,
    });
    const limits = { ...STARTER, requestsPerMinute: null, keyMaxCalls: 2 };
    const own = wantedBy(accountId, { limits, keyId: key.id });

    const drawn = [await drawUnits(db, own), await drawUnits(db, own), await drawUnits(db, own)];
    const others = await drawUnits(db, wantedBy(accountId, { limits: { ...limits, keyMaxCalls: null } }));

    expect(drawn.map(({ calls }) => calls)).toEqual([1, 1, 0]);
    expect(others.callsDrawnInPeriod).toBe(3);
  });

  it('that are given back can be drawn again', async () => {
    const limits = { ...STARTER, requestsPerMinute: null, maxCalls: 1 };
    const accountId = await newAccount();
    const { minute } = await drawUnits(db, wantedBy(accountId, { limits }));
    const returned = {
      accountId,
      keyId: null,
      minute,
      requests: 0,
      periodStartsAt: PERIOD.startsAt,
      calls: 1,
    };

    expect(await drawUnits(db, wantedBy(accountId, { limits }))).toMatchObject({ calls: 0 });
    await returnUnits(db, [returned]);

    expect(await drawUnits(db, wantedBy(accountId, { limits }))).toMatchObject({ calls: 1 });
  });

  it('of a new period are whole again', async () => {
    const limits = { ...STARTER, requestsPerMinute: null, maxCalls: 1 };
    const accountId = await newAccount();
    await drawUnits(db, wantedBy(accountId, { limits }));
    const period = { startsAt: PERIOD.endsAt, endsAt: '2026-04-01T12:00:00.000Z' };

    expect(await drawUnits(db, wantedBy(accountId, { limits, period }))).toMatchObject({ calls: 1 });
  });
});
