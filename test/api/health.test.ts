import supertest from 'supertest';
import { connect } from '../../db/connection';
import { createTestApi, NOW, type TestApi } from '../support/api';

describe('health', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.drop());

  it.each(['/health', '/v1/health'])(
    'tells the holder of any key at %s that the API is healthy',
    async (path) => {
      const { secret } = await api.issueKey({ scopes: [] });
      const response = await api.get(path, secret).expect(200);
      expect(response.body).toEqual({
        success: true,
        message: 'API is healthy',
        data: [],
        count: 0,
        last_updated: NOW,
        request_id: response.headers['x-request-id'],
      });
    },
  );

  it('says that it is alive without a key', async () => {
    await api.get('/livez').expect(200);
    await api.get('/v1/livez').expect(200);
  });

  it('names the state of each part', async () => {
    const { body } = await api.get('/readyz').expect(200);
    expect(body).toMatchObject({ success: true, parts: { postgres: 'up', search: 'up', temporal: 'up' } });
  });

  it.each([
    ['answers no', () => Promise.resolve(false)],
    ['fails', () => Promise.reject(new Error('no route to host'))],
  ])('stays ready when Temporal %s, for reads do not need it', async (_how, temporal) => {
    const { body } = await supertest(api.appWith({ probes: { temporal } }))
      .get('/readyz')
      .expect(200);
    expect(body.parts).toEqual({ postgres: 'up', search: 'up', temporal: 'down' });
  });

  it('stays ready while Postgres stands in for Meilisearch, and says so', async () => {
    const probes = { temporal: () => Promise.resolve(true), meilisearch: () => Promise.resolve(false) };
    const { body } = await supertest(api.appWith({ probes })).get('/readyz').expect(200);
    expect(body.parts).toEqual({ postgres: 'up', search: 'up', meilisearch: 'down', temporal: 'up' });
  });

  it('is not ready while Postgres is down', async () => {
    const db = connect({ databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing' });
    const { body, headers } = await supertest(api.appWith({ db })).get('/readyz').expect(503);
    await db.destroy();
    expect(body).toMatchObject({
      success: false,
      code: 'unavailable',
      parts: { postgres: 'down', search: 'up', temporal: 'up' },
    });
    expect(headers['retry-after']).toBe(String(body.retry_after));
  });
});
