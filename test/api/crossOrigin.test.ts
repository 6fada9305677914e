import type { Express } from 'express';
import supertest from 'supertest';
import { createTestApi, type TestApi } from '../support/api';

const PAGE = 'https://app.example.com';

describe('calls from pages of other websites', () => {
  let api: TestApi;
  let key: string;
  let open: Express;
  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey()).secret;
    open = api.appWith({ transport: { corsOrigins: [PAGE, 'https://other.example.com'] } });
  });
  afterAll(() => api.drop());

  const preflight = (app: Express, origin: string) =>
    supertest(app).options('/jobs').set({
      Origin: origin,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'x-api-key',
    });
  const corsHeadersOf = (headers: Record<string, unknown>) =>
    Object.keys(headers).filter((name) => name.startsWith('access-control-'));

  it('are not provided for unless configured', async () => {
    const asked = await preflight(api.app, PAGE).expect(405);
    expect(corsHeadersOf(asked.headers)).toEqual([]);
    const answered = await api.get('/jobs', key).set('Origin', PAGE).expect(200);
    expect(corsHeadersOf(answered.headers)).toEqual([]);
  });

  it('are announced to browsers without a key', async () => {
    const { headers } = await preflight(open, PAGE).expect(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-methods': 'GET,HEAD,POST,PUT,PATCH,DELETE',
      'access-control-max-age': '600',
    });
    expect(headers['access-control-allow-headers']).toContain('X-API-KEY');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('may read the answer and the headers that say how it stands with limits', async () => {
    const { headers } = await supertest(open)
      .get('/jobs')
      .set({ Origin: PAGE, 'X-API-KEY': key })
      .expect(200);
    expect(headers['access-control-allow-origin']).toBe(PAGE);
    expect(headers['access-control-allow-credentials']).toBeUndefined();
    const exposed = String(headers['access-control-expose-headers']).split(',');
    expect(exposed).toEqual(
      expect.arrayContaining([
        'X-Request-Id',
        'X-RateLimit-Remaining',
        'X-Quota-Remaining',
        'RateLimit',
        'Retry-After',
        'X-Export-Rows',
        'X-Export-Calls',
      ]),
    );
    expect(headers['vary']).toBe('X-API-KEY, Accept, Origin');
  });

  it('may read failures, too', async () => {
    const { headers } = await supertest(open).get('/jobs?limt=%zz').set('Origin', PAGE).expect(400);
    expect(headers['access-control-allow-origin']).toBe(PAGE);
  });

  it.each(['https://evil.example.com', 'https://app.example.com.evil.com', 'http://app.example.com', 'null'])(
    'are not allowed to %s',
    async (origin) => {
      expect((await preflight(open, origin)).headers['access-control-allow-origin']).toBeUndefined();
      const { headers } = await supertest(open).get('/livez').set('Origin', origin);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  it('are allowed to all by *, never with credentials', async () => {
    const everywhere = api.appWith({ transport: { corsOrigins: ['*'] } });
    const { headers } = await preflight(everywhere, 'https://anything.example.com').expect(204);
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });
});
