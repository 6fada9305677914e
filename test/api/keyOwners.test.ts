import supertest from 'supertest';
import { createKeyOwners } from '../../api/keyOwners';
import { revokeApiKey } from '../../db/apiKeys';
import { createListener, type Listener } from '../../db/listener';
import { addMillis } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { keyHolder } from '../support/keys';
import { until } from '../support/until';

describe('owners of keys', () => {
  let api: TestApi;
  let listener: Listener;
  let app: ReturnType<TestApi['appWith']>;
  let lookUps: number;

  beforeAll(async () => {
    api = await createTestApi();
    listener = createListener({ databaseUrl: api.databaseUrl, applicationName: 'keys listener' });
    app = api.appWith({ keys: { ...api.services.keys, ...createKeyOwners({ db: api.db, listener }) } });
    api.db.on('query', ({ sql }: { sql: string }) => {
      if (sql.includes('from api_keys')) lookUps += 1;
    });
    listener.start();
    await until(() => listener.isCurrent());
  });
  afterAll(async () => {
    await listener.close();
    await api.drop();
  });
  beforeEach(() => (lookUps = 0));

  const get = (secret: string) => supertest(app).get('/health').set('X-API-KEY', secret);

  it('are looked up once, however often they call', async () => {
    const { secret } = await api.issueKey();
    await until(async () => {
      lookUps = 0;
      await get(secret).expect(200);
      return lookUps === 0;
    });
    for (let call = 0; call < 5; call += 1) await get(secret).expect(200);
    expect(lookUps).toBe(0);
  });

  it('lose a revoked key within a second, whoever revoked it', async () => {
    const { accountId, id, secret } = await keyHolder(api);
    await get(secret).expect(200);
    await revokeApiKey(api.db, { accountId, id, now: addMillis(NOW, -1) });
    const revokedAt = performance.now();
    await until(async () => (await get(secret)).status === 401);
    expect(performance.now() - revokedAt).toBeLessThan(1_500);
  });

  it('are on their new plan within a second', async () => {
    const { accountId, secret } = await keyHolder(api);
    const ask = () => supertest(app).get('/jobs?facets=country').set('X-API-KEY', secret);
    await ask().expect(403);
    await api.db('accounts').where({ id: accountId }).update({ plan_id: 'professional' });
    await until(async () => (await ask()).status === 200);
  });

  it('are looked up each time while notifications may go unheard', async () => {
    const { secret } = await api.issueKey();
    await get(secret).expect(200);
    await listener.close();
    await until(() => !listener.isCurrent());
    lookUps = 0;
    for (let call = 0; call < 3; call += 1) await get(secret).expect(200);
    expect(lookUps).toBe(3);
  });
});
