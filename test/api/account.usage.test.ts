import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { insertUsageHours, type UsageHour } from '../support/accountRecords';
import { createTestApi, NOW, type TestApi } from '../support/api';

/** Ten days and a half into the period. */
const PERIOD_START = '2026-01-22T00:30:00.000Z';
const ROUTES = ['GET /jobs', 'GET /jobs/{id}', 'GET /account'];

describe('GET /account/usage', () => {
  let api: TestApi;
  let secret: string;
  let accountId: string;
  let keyIds: string[];
  let stored: UsageHour[];

  beforeAll(async () => {
    api = await createTestApi();
    const first = await api.issueKey({ planId: 'business', scopes: ['account:read'], name: 'first' });
    ({ secret } = first);
    ({ account_id: accountId } = await api.db('api_keys').where({ id: first.id }).first('account_id'));
    const second = await api.issueKey({ accountId });
    keyIds = [first.id, second.id];
    await api.db('accounts').where({ id: accountId }).update({ period_anchor: PERIOD_START });
    stored = usageOf(accountId, keyIds);
    await insertUsageHours(api.db, stored);
    const other = await api.issueKey({ planId: 'business' });
    const { account_id: otherId } = await api.db('api_keys').where({ id: other.id }).first('account_id');
    await insertUsageHours(api.db, usageOf(otherId, [other.id]));
    await api.db('billing_periods').insert({
      account_id: accountId,
      starts_at: PERIOD_START,
      ends_at: '2026-02-22T00:30:00.000Z',
      calls_counted: 105_000,
    });
  });
  afterAll(() => api.drop());

  const usage = async (query = '') => (await api.get(`/account/usage?${query}`, secret).expect(200)).body;

  /** As the route should answer, summed up one by one. */
  function bruteForce(rows: readonly UsageHour[], lengthOf: 'hour' | 'day' | 'month') {
    const start = (hour: string) =>
      lengthOf === 'hour'
        ? hour
        : lengthOf === 'day'
          ? `${hour.slice(0, 10)}T00:00:00.000Z`
          : `${hour.slice(0, 7)}-01T00:00:00.000Z`;
    const sums = new Map<string, { requests: number; calls: number }>();
    for (const { hour, route, keyId, statusClass, requests, calls } of rows) {
      const name = JSON.stringify([start(hour), route, keyId, `${statusClass}xx`]);
      const sum = sums.get(name) ?? { requests: 0, calls: 0 };
      sums.set(name, { requests: sum.requests + requests, calls: sum.calls + calls });
    }
    return Object.fromEntries(sums);
  }
  const summed = (body: { data: Record<string, unknown>[] }) =>
    Object.fromEntries(
      body.data.map(({ interval_start, route, key, status, requests, calls }) => [
        JSON.stringify([interval_start, route, (key as { id: string }).id, status]),
        { requests, calls },
      ]),
    );

  it('tells of the billing period, day by day, unless asked otherwise', async () => {
    const body = await usage();
    const ofPeriod = stored.filter(({ periodStartsAt }) => periodStartsAt === PERIOD_START);
    expect(summed(body)).toEqual(bruteForce(ofPeriod, 'day'));
    expect(body).toMatchObject({ interval: 'day', from: PERIOD_START, to: '2026-02-22T00:30:00.000Z' });
    expect(body.totals).toEqual({
      requests: ofPeriod.reduce((sum, { requests }) => sum + requests, 0),
      calls: ofPeriod.reduce((sum, { calls }) => sum + calls, 0),
    });
    expect(body.count).toBe(body.data.length);
  });

  it.each([
    ['hour', '2026-01-20T00:00:00Z', '2026-01-24T05:00:00Z'],
    ['day', '2026-01-05T00:00:00Z', '2026-02-01T11:00:00Z'],
    ['month', '2025-12-01T00:00:00Z', '2026-02-01T11:00:00Z'],
  ] as const)('sums up by %s as counting one by one does', async (interval, from, to) => {
    const body = await usage(`interval=${interval}&from=${from}&to=${to}`);
    const span = { from: addMillis(from, 0), to: addMillis(to, 0) };
    const within = stored.filter(({ hour }) => hour >= span.from && hour < span.to);
    expect(within.length).toBeGreaterThan(20);
    expect(summed(body)).toEqual(bruteForce(within, interval));
    expect(body).toMatchObject(span);
  });

  it('names keys by what their holder knows them by', async () => {
    const { data } = await usage();
    const keys = new Map(data.map(({ key }: { key: { id: string } }) => [key.id, key]));
    expect(keys.get(keyIds[0])).toEqual({ id: keyIds[0], name: 'first', last_four: secret.slice(-4) });
    expect(keys.size).toBe(2);
  });

  it('goes from the oldest to the newest', async () => {
    const starts = (await usage()).data.map((row: { interval_start: string }) => row.interval_start);
    expect(starts).toEqual([...starts].sort());
  });

  it('projects calls and overage to the end of the period', async () => {
    const { period } = await usage('from=-1d');
    const atThisPace = Math.round((105_000 / (10 * 24 + 11.5)) * 31 * 24);
    expect(period).toEqual({
      starts_at: PERIOD_START,
      ends_at: '2026-02-22T00:30:00.000Z',
      calls: 105_000,
      quota: 100_000,
      remaining: 0,
      projected_calls: atThisPace,
      projected_overage_cents: atThisPace - 100_000,
    });
  });

  it('says nothing of the end of a period that has just begun, and has nothing to tell of an account that never called', async () => {
    const { secret: fresh } = await api.issueKey({ scopes: ['account:read'] });
    const { body } = await api.get('/account/usage', fresh).expect(200);
    expect(body).toMatchObject({
      data: [],
      count: 0,
      totals: { requests: 0, calls: 0 },
      period: {
        calls: 0,
        quota: 1_000,
        remaining: 1_000,
        projected_calls: null,
        projected_overage_cents: null,
      },
    });
  });

  it('refuses what it does not know, by name', async () => {
    const { body } = await api.get('/account/usage?intreval=day&from=2026-13-01', secret).expect(400);
    expect(body.errors).toMatchObject([
      { parameter: 'intreval', did_you_mean: 'interval' },
      { parameter: 'from', received: '2026-13-01' },
    ]);
  });

  it('refuses a span of more rows than an answer has', async () => {
    const { id, secret: busy } = await api.issueKey({ planId: 'business', scopes: ['account:read'] });
    const { account_id: busyId } = await api.db('api_keys').where({ id }).first('account_id');
    await insertUsageHours(
      api.db,
      Array.from({ length: 10_001 }, (_, n) => ({
        ...stored[0]!,
        accountId: busyId as string,
        keyId: id,
        hour: addMillis('2026-01-31T00:00:00.000Z', -Math.floor(n / 20) * HOUR_MS),
        route: `GET /made-up/${n % 20}`,
      })),
    );
    const { body } = await api
      .get('/account/usage?interval=hour&from=2026-01-08&to=2026-02-01', busy)
      .expect(400);
    expect(body.errors).toMatchObject([{ parameter: 'interval' }]);
    await api.get('/account/usage?interval=day&from=2026-01-08&to=2026-02-01', busy).expect(200);
  });
});

/** Sixty days of usage before `NOW`, every third hour, over periods that begin within an hour. */
function usageOf(accountId: string, keyIds: readonly string[]): UsageHour[] {
  const rows: UsageHour[] = [];
  for (let hours = 0; hours < 60 * 24; hours += 3) {
    const hour = addMillis(NOW, -hours * HOUR_MS);
    const n = hours / 3;
    const isOfPeriodBefore = hour < PERIOD_START;
    rows.push({
      accountId,
      keyId: keyIds[n % keyIds.length]!,
      periodStartsAt: isOfPeriodBefore ? addMillis(PERIOD_START, -31 * DAY_MS) : PERIOD_START,
      hour,
      route: ROUTES[n % 3]!,
      statusClass: [2, 4, 3, 5][n % 4]!,
      requests: 10 + n,
      calls: n % 4 < 2 ? 10 + n : 0,
    });
  }
  // Late usage: of an hour of the period before, billed in the one under way.
  rows.push({ ...rows.at(-1)!, periodStartsAt: PERIOD_START, requests: 3, calls: 3 });
  return rows;
}
