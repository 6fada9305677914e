import supertest from 'supertest';
import { createMetrics } from '../../api/metrics';
import { createOperatorsApp } from '../../api/operators';
import { makeOperatorToken } from '../../api/operatorToken';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { createTestOperators, type TestOperators } from '../support/operators';

const ROUTES = [
  ['get', '/admin/accounts'],
  ['post', '/admin/accounts'],
  ['get', '/admin/accounts/a'],
  ['put', '/admin/accounts/a/plan'],
  ['put', '/admin/accounts/a/overrides'],
  ['delete', '/admin/accounts/a/overrides'],
  ['post', '/admin/accounts/a/suspend'],
  ['post', '/admin/accounts/a/restore'],
  ['get', '/admin/accounts/a/keys'],
  ['post', '/admin/accounts/a/keys'],
  ['delete', '/admin/accounts/a/keys/k'],
  ['get', '/admin/keys?last4=abcd'],
  ['get', '/admin/audit'],
  ['get', '/admin/sources'],
  ['post', '/admin/sources/feed/run'],
  ['post', '/admin/sources/feed/pause'],
  ['post', '/admin/sources/feed/resume'],
  ['get', '/admin/quarantine'],
  ['post', '/admin/quarantine/1/accept'],
  ['post', '/admin/quarantine/1/reject'],
  ['get', '/admin/openapi.json'],
] as const;

describe("the operators' API", () => {
  let api: TestApi;
  let operators: TestOperators;
  let key: string;
  beforeAll(async () => {
    api = await createTestApi();
    operators = createTestOperators(api);
    key = (await api.issueKey()).secret;
  });
  afterAll(() => api.drop());

  it('asks for the token on every route, before anything else', async () => {
    for (const [method, path] of ROUTES) {
      const { status, body } = await supertest(operators.app)[method](path);
      expect({ path, status, code: body.code }).toEqual({ path, status: 401, code: 'missing_api_key' });
    }
    const { body } = await supertest(operators.app).post('/admin/accounts').send({ email: 1 });
    expect(body.message).toContain('Authorization: Bearer uj_operator_');
  });

  it('refuses another token of the same length, shorter and longer ones, and what is no token of its', async () => {
    const { token } = operators;
    for (const authorization of [
      `Bearer ${makeOperatorToken()}`,
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${token}x`,
      `Bearer ${token} ${token}`,
      `Bearer ${token.toLowerCase()}`,
      'Bearer',
      'Bearer x',
      `Basic ${token}`,
      token,
      `Bearer ${key}`,
    ]) {
      const { status, body } = await supertest(operators.app)
        .get('/admin/accounts')
        .set('Authorization', authorization);
      expect({ authorization, status, code: body.code }).toEqual({
        authorization,
        status: 401,
        code: 'invalid_api_key',
      });
    }
    await supertest(operators.app).get('/admin/accounts').set('X-API-KEY', token).expect(401);
    await supertest(operators.app).get(`/admin/accounts?token=${token}`).expect(401);
  });

  it('has a token that opens nothing of the public API', async () => {
    for (const header of ['X-API-KEY', 'Authorization']) {
      const value = header === 'X-API-KEY' ? operators.token : `Bearer ${operators.token}`;
      await supertest(api.app).get('/jobs').set(header, value).expect(401);
      await supertest(api.app).post('/ingest/jobs').set(header, value).send([]).expect(401);
    }
  });

  it('takes its own token', async () => {
    const answer = await operators.get('/admin/accounts').expect(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toMatchObject({
      success: true,
      count: 1,
      next_cursor: null,
      request_id: expect.any(String),
    });
  });

  it('is nowhere on the port of the public API', async () => {
    for (const [method, path] of ROUTES) {
      for (const prefix of ['', '/v1']) {
        const request = supertest(api.app)[method](prefix + path);
        const { status } = await request.set('Authorization', `Bearer ${operators.token}`);
        expect({ path, status }).toEqual({ path, status: 404 });
      }
    }
  });

  it('is not there, and says why, while no token is set; the metrics are', async () => {
    const { logger } = api.services;
    const app = createOperatorsApp({ metrics: createMetrics(), logger, now: () => NOW });
    const { body } = await supertest(app).get('/admin/accounts').expect(404);
    expect(body).toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('OPERATORS_TOKEN_HASH'),
    });
    await supertest(app).get('/metrics').expect(200);
  });

  it('serves the metrics without a token', async () => {
    await supertest(operators.app).get('/metrics').expect(200);
  });

  it('takes the name of whoever acts from X-Operator, when it is one', async () => {
    const create = (email: string, name: string) =>
      supertest(operators.app)
        .post('/admin/accounts')
        .set('Authorization', `Bearer ${operators.token}`)
        .set('X-Operator', name)
        .send({ email, plan: 'starter' });
    await create('named@example.com', 'ben@example.com').expect(201);
    await create('unnamed@example.com', '').expect(201);
    for (const name of ['a b', 'x'.repeat(65), 'é', 'a:b']) {
      const { status, body } = await create('none@example.com', name);
      expect({ name, status }).toEqual({ name, status: 400 });
      expect(body.errors).toMatchObject([{ parameter: 'X-Operator' }]);
    }
    const actors = (await operators.audited()).map(({ actor }) => actor);
    expect(new Set(actors)).toEqual(new Set(['operator:ben@example.com', 'operator']));
  });

  it('logs a line for each call, without the token and without the address', async () => {
    await operators.get('/admin/keys?last4=Zz09').expect(200);
    const lines = JSON.stringify(api.logged);
    expect(api.logged).toContainEqual(expect.objectContaining({ route: '/admin/keys', status: 200 }));
    expect(lines).not.toContain(operators.token);
    expect(lines).not.toContain('Zz09');
  });

  it('names the methods that a path answers', async () => {
    const { headers } = await operators.delete('/admin/accounts').expect(405);
    expect(headers.allow).toBe('GET, HEAD, POST');
  });
});
