import supertest from 'supertest';
import { createKeyOwners } from '../../api/keyOwners';
import { createAccount } from '../../db/accounts';
import { connect, type Db } from '../../db/connection';
import { createListener, type Listener } from '../../db/listener';
import type { JobSearch } from '../../search/searchIndex';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type DatabaseProxy, startDatabaseProxy } from '../support/databaseProxy';
import { limitedApi, type LimitedApi } from '../support/limits';
import { until } from '../support/until';

/** The engine that Postgres's absence leaves: it finds nothing, and says so. */
const elsewhere: Pick<JobSearch, 'search'> = {
  search: () =>
    Promise.resolve({ jobs: [], total: 0, totalIsExact: true, nextCursor: null, engine: 'meilisearch' }),
};

describe('while Postgres is away', () => {
  let api: TestApi;
  let proxy: DatabaseProxy;
  let db: Db;
  let listener: Listener;
  let limited: LimitedApi;

  beforeAll(async () => {
    api = await createTestApi();
    proxy = await startDatabaseProxy(api.databaseUrl);
    db = connect({ databaseUrl: proxy.databaseUrl });
    listener = createListener({ databaseUrl: proxy.databaseUrl });
    const keyOwners = createKeyOwners({ db, listener });
    listener.start();
    await until(() => listener.isCurrent());
    limited = limitedApi(api, {
      services: {
        db,
        keys: { ...api.services.keys, ...keyOwners },
        search: { ...api.services.search, ...elsewhere },
      },
    });
  });
  afterAll(async () => {
    await limited.stop();
    await Promise.all([listener.close(), db.destroy()]);
    await proxy.close();
    await api.drop();
  });

  async function keyOf(planId: string, terms: object = {}) {
    const accountId = crypto.randomUUID();
    await createAccount(api.db, { id: accountId, email: `${accountId}@example.com`, planId, now: NOW });
    await api
      .db('accounts')
      .where({ id: accountId })
      .update({ plan_overrides: JSON.stringify(terms) });
    return { accountId, secret: (await api.issueKey({ accountId })).secret };
  }
  const ask = (secret: string) =>
    supertest(limited.app).get('/jobs?limit=1&exact=true&posted_after=2026-01-31').set('X-API-KEY', secret);
  const breakOff = () => {
    proxy.take(false);
    proxy.breakOff();
  };

  it('known keys of paid plans go on under their share, others are told to come back, and nothing is lost', async () => {
    const paid = await keyOf('professional', { requests_per_minute: 30 });
    const free = await keyOf('starter');
    const unknown = await keyOf('business');
    await ask(paid.secret).expect(200);
    await ask(free.secret).expect(200);

    breakOff();
    const statuses: number[] = [];
    for (let turn = 0; turn < 45; turn += 1) statuses.push((await ask(paid.secret)).status);
    const answered = statuses.filter((status) => status === 200).length;
    expect(statuses[0]).toBe(200);
    expect(answered).toBeLessThanOrEqual(60);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    for (const { secret } of [free, unknown]) {
      const refused = await ask(secret);
      expect([refused.status, refused.body.code]).toEqual([503, 'unavailable']);
      expect(refused.get('Retry-After')).toBeDefined();
    }

    proxy.take(true);
    const counted = async () => {
      const period = await api
        .db('billing_periods')
        .where({ account_id: paid.accountId })
        .first<{ calls_counted: number; calls_drawn: number }>();
      return { counted: period?.calls_counted, drawn: period?.calls_drawn ?? 0 };
    };
    await until(async () => (await counted()).counted === answered + 1);
    await until(async () => (await counted()).drawn >= answered + 1);
  }, 60_000);
});
