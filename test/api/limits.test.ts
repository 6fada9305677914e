import supertest, { type Response } from 'supertest';
import { createAccount } from '../../db/accounts';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { limitedApi, type LimitedApi } from '../support/limits';
import { listen } from '../support/server';
import { until } from '../support/until';

/** Postgres's own clock tells the minutes: what is compared must have come within one. */
const ATTEMPTS = 3;

describe('the limits of an account', () => {
  let api: TestApi;
  let one: LimitedApi;
  let another: LimitedApi;

  beforeAll(async () => {
    api = await createTestApi();
    one = limitedApi(api);
    another = limitedApi(api);
  });
  afterAll(async () => {
    await Promise.all([one.stop(), another.stop()]);
    await api.drop();
  });

  const ask = (limited: LimitedApi, secret: string, path = '/jobs') =>
    supertest(limited.app).get(path).set('X-API-KEY', secret);

  async function keyOf(planId: string, overrides: object = {}) {
    const accountId = crypto.randomUUID();
    await createAccount(api.db, { id: accountId, email: `${accountId}@example.com`, planId, now: NOW });
    await api
      .db('accounts')
      .where({ id: accountId })
      .update({ plan_overrides: JSON.stringify(overrides) });
    return { accountId, ...(await api.issueKey({ accountId, scopes: ['jobs:read', 'account:read'] })) };
  }

  const minuteOf = (response: Response) => response.get('X-RateLimit-Reset');

  /** With a new key once more when the minute changed meanwhile. */
  async function withinAMinute(
    planId: string,
    act: (secret: string) => Promise<Response[]>,
    overrides: object = {},
  ): Promise<Response[]> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { secret } = await keyOf(planId, overrides);
      const { rows } = await api.db.raw<{ rows: { before: number }[] }>(
        'select extract(minute from now()) as before',
      );
      const responses = await act(secret);
      const { rows: after } = await api.db.raw<{ rows: { before: number }[] }>(
        'select extract(minute from now()) as before',
      );
      if (rows[0]?.before === after[0]?.before) return responses;
    }
    throw new Error('No minute was long enough.');
  }

  it('refuse the eleventh Starter request in a minute, whichever process it reaches', async () => {
    const responses = await withinAMinute('starter', async (secret) => {
      const answers: Response[] = [];
      for (let turn = 0; turn < 12; turn += 1) answers.push(await ask(turn % 2 ? one : another, secret));
      return answers;
    });

    expect(responses.map(({ status }) => status)).toEqual([...Array<number>(10).fill(200), 429, 429]);
    expect(responses[10]?.body).toMatchObject({ code: 'rate_limited', retry_after: expect.any(Number) });
    expect(Number(responses[10]?.get('Retry-After'))).toBeLessThanOrEqual(60);
  });

  it('tell in headers what is left, exactly on Starter', async () => {
    const responses = await withinAMinute('starter', async (secret) => [
      await ask(one, secret),
      await ask(another, secret),
    ]);

    expect(responses.map((response) => response.get('X-RateLimit-Remaining'))).toEqual(['9', '8']);
    expect(responses.map((response) => response.get('X-Quota-Remaining'))).toEqual(['999', '998']);
    expect(responses[0]?.headers).toMatchObject({
      'x-ratelimit-limit': '10',
      'x-ratelimit-burst': '10',
      'x-quota-limit': '1000',
      'x-quota-reset': String(Date.parse('2026-03-01T12:00:00.000Z') / 1_000),
      'ratelimit-policy': '"minute";q=10;w=60, "period";q=1000;w=2419200',
      ratelimit: expect.stringMatching(/^"minute";r=9;t=\d+, "period";r=999;t=2419200$/),
    });
    expect(minuteOf(responses[0] as Response)).toMatch(/^\d{10}$/);
  });

  it('let as many requests of Business in as a minute has, spread over processes', async () => {
    const responses = await withinAMinute(
      'business',
      (secret) =>
        Promise.all(
          Array.from({ length: 8 }, async (_, loop) => {
            const answers: Response[] = [];
            for (let turn = 0; turn < 12; turn += 1) {
              answers.push(await ask((loop + turn) % 2 ? one : another, secret, '/health'));
            }
            return answers;
          }),
        ).then((loops) => loops.flat()),
      { requests_per_minute: 60 },
    );

    const answered = responses.filter(({ status }) => status === 200).length;
    expect(answered).toBeLessThanOrEqual(60);
    expect(answered).toBeGreaterThanOrEqual(59);
  });

  it('end the calls of Starter at its quota, to the call, and leave other routes open', async () => {
    const responses = await withinAMinute(
      'starter',
      async (secret) => {
        const answers = await Promise.all(
          Array.from({ length: 9 }, (_, turn) => ask(turn % 2 ? one : another, secret)),
        );
        return [...answers, await ask(one, secret, '/health')];
      },
      { monthly_calls: 6, requests_in_flight: 50 },
    );

    const statuses = responses.slice(0, 9).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(6);
    const refused = responses.find(({ status }) => status === 402);
    expect(refused?.body).toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining('2026-03-01T12:00:00.000Z'),
    });
    expect(responses[9]?.status).toBe(200);
  });

  it('give a call back that turns out to be none', async () => {
    const responses = await withinAMinute('starter', async (secret) => {
      const first = await ask(one, secret);
      const unchanged = await ask(one, secret).set('If-None-Match', first.get('ETag') ?? '');
      return [first, unchanged, await ask(one, secret, '/jobs?limit=0'), await ask(one, secret)];
    });

    expect(responses.map(({ status }) => status)).toEqual([200, 304, 400, 200]);
    // The 400 is a call, the 304 is none.
    expect(responses.map((response) => response.get('X-Quota-Remaining'))).toEqual([
      '999',
      '999',
      '998',
      '997',
    ]);
    expect(responses.map((response) => response.get('X-RateLimit-Remaining'))).toEqual(['9', '8', '7', '6']);
  });

  it('charge nothing to who has left before a call was drawn', async () => {
    const { secret, accountId } = await keyOf('starter');
    await ask(one, secret);
    const server = await listen(one.app);
    const minute = async () =>
      JSON.stringify(await api.db('account_minutes').where({ account_id: accountId }));
    const minuteBefore = await minute();
    const leaving = new AbortController();
    await api.db.transaction(async (transaction) => {
      await transaction.raw('select from account_minutes where account_id = ? for update', [accountId]);
      const request = fetch(`${server.url}/jobs`, {
        headers: { 'X-API-KEY': secret },
        signal: leaving.signal,
      });
      await until(async () => {
        const { rows } = await api.db.raw<{ rows: unknown[] }>(
          `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%draw_units%' and datname = current_database()`,
        );
        return rows.length > 0;
      });
      leaving.abort();
      await expect(request).rejects.toThrow();
    });
    await until(async () => (await minute()) !== minuteBefore);
    const callsDrawn = async () => {
      const [row] = await api.db('billing_periods').where({ account_id: accountId });
      return (row as { calls_drawn: number }).calls_drawn;
    };
    await until(async () => (await callsDrawn()) === 1);
    await server.close();
  });

  it('let paid plans go on beyond their quota, up to the cap of the account', async () => {
    const { secret, accountId } = await keyOf('business', { monthly_calls: 2 });
    const statuses: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) statuses.push((await ask(one, secret)).status);
    await api.db('accounts').where({ id: accountId }).update({ monthly_overage_cap_cents: 2 });
    for (let turn = 0; turn < 3; turn += 1) statuses.push((await ask(one, secret)).status);

    expect(statuses).toEqual([200, 200, 200, 200, 402, 402]);
  });

  it('refuse more requests at the same time than the plan has, and let the next one in', async () => {
    const { secret } = await keyOf('starter');
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = limitedApi(api, {
      services: {
        search: {
          ...api.services.search,
          search: async (request) => {
            await gate;
            return api.services.search.search(request);
          },
        },
      },
    });
    const waiting = Array.from({ length: 6 }, () => ask(slow, secret).then((response) => response));
    const refused = await Promise.race(waiting);
    release();
    const statuses = (await Promise.all(waiting)).map(({ status }) => status).sort();
    await slow.stop();

    expect(refused.body).toMatchObject({ code: 'too_many_concurrent', retry_after: 1 });
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('close the metered routes of an account that is suspended, and no others', async () => {
    const { secret, accountId } = await keyOf('business');
    await api.db('accounts').where({ id: accountId }).update({ suspended_at: NOW });

    const refused = await ask(one, secret);
    expect([refused.status, refused.body.code]).toEqual([402, 'account_suspended']);
    expect((await ask(one, secret, '/health')).status).toBe(200);
  });

  it('of a key bind it alone', async () => {
    const { accountId, secret } = await keyOf('business');
    const { id, secret: limited } = await api.issueKey({ accountId });
    await api.db('api_keys').where({ id }).update({ monthly_calls: 1 });

    expect((await ask(one, limited)).status).toBe(200);
    const refused = await ask(one, limited);
    expect(refused.body).toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining('This key'),
    });
    expect((await ask(one, secret)).status).toBe(200);
  });

  it('do not count the calls of test keys', async () => {
    const { accountId } = await keyOf('starter', { monthly_calls: 0 });
    const { secret } = await api.issueKey({ accountId, kind: 'test' });

    expect((await ask(one, secret)).status).toBe(200);
  });

  it('are told where the contract sets none', async () => {
    const { secret } = await keyOf('enterprise');
    const { headers, status } = await ask(one, secret);

    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'x-ratelimit-limit': 'unlimited', 'x-quota-remaining': 'unlimited' });
    expect(headers).not.toHaveProperty('ratelimit');
  });

  it('cost a paid plan no round trip in the steady state, and Starter one', async () => {
    const business = await keyOf('business');
    const starter = await keyOf('starter');
    const draws: string[] = [];
    const hear = ({ sql }: { sql: string }) => {
      if (sql.includes('draw_units')) draws.push(sql);
    };
    await ask(one, business.secret, '/health');
    api.db.on('query', hear);
    for (let turn = 0; turn < 20; turn += 1) await ask(one, business.secret, '/health');
    const ofBusiness = draws.splice(0).length;
    for (let turn = 0; turn < 5; turn += 1) await ask(one, starter.secret, '/health');
    api.db.removeListener('query', hear);

    // One where the minute has changed meanwhile.
    expect(ofBusiness).toBeLessThanOrEqual(1);
    expect(draws).toHaveLength(5);
  });
});
