import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import supertest from 'supertest';
import type { FindKeyOwner } from '../../api/keyOwners';
import { findApiKey } from '../../db/apiKeys';
import * as database from '../../db/connection';
import type { JobSearch } from '../../search/searchIndex';
import { createTestApi, NOW, type TestApi } from '../support/api';

const noSearch: JobSearch = {
  search: () => Promise.reject(new Error('column "secret_column" does not exist')),
  facets: () => Promise.reject(new Error('No facets were asked for.')),
};

describe('the envelope of every answer', () => {
  let api: TestApi;
  let key: { id: string; secret: string };
  let token: { secret: string };

  beforeAll(async () => {
    api = await createTestApi();
    key = await api.issueKey();
    token = await api.issueToken();
  });
  afterAll(() => api.drop());

  const postPostings = () => supertest(api.app).post('/ingest/jobs').set('X-API-KEY', token.secret);

  const expectFailure = (response: supertest.Response, status: number, code: string) => {
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.body).toMatchObject({ success: false, code, data: [], count: 0, last_updated: NOW });
    expect(response.body.message).toEqual(expect.any(String));
    expect(response.body.errors).toEqual(expect.any(Array));
    expect(response.body.request_id).toBe(response.headers['x-request-id']);
  };

  it.each(['/nothing', '/v2/jobs', '/', '/v1/v1/jobs', '/jobs/1/2'])('answers 404 at %s', async (path) => {
    expectFailure(await api.get(path), 404, 'not_found');
  });

  it.each(['post', 'put', 'delete', 'patch', 'options'] as const)(
    'answers 405 with Allow to %s',
    async (method) => {
      for (const path of ['/jobs', '/v1/jobs/1', '/health', '/livez']) {
        const response = await supertest(api.app)[method](path);
        expectFailure(response, 405, 'method_not_allowed');
        expect(response.headers['allow']).toBe('GET, HEAD');
      }
    },
  );

  it('answers 400 to a body that is not JSON', async () => {
    const response = await postPostings().type('json').send('{"jobs": ');
    expectFailure(response, 400, 'invalid_parameter');
    expect(response.body.errors).toMatchObject([{ parameter: 'body' }]);
  });

  it('answers 413 to a body that is too large', async () => {
    const response = await postPostings().send({ jobs: 'x'.repeat(6_000_000) });
    expectFailure(response, 413, 'payload_too_large');
  });

  it('answers 415 to an encoding and a character set it does not read', async () => {
    expectFailure(
      await postPostings().type('json').set('Content-Encoding', 'zip').send('{}'),
      415,
      'unsupported_media_type',
    );
    expectFailure(
      await postPostings().set('Content-Type', 'application/json; charset=klingon').send('{}'),
      415,
      'unsupported_media_type',
    );
  });

  it('reads no body where none belongs', async () => {
    const response = await supertest(api.app).post('/jobs').type('json').send('{"q": ');
    expectFailure(response, 405, 'method_not_allowed');
  });

  it('shows no internals when something breaks, and logs them under the request id', async () => {
    const broken = api.appWith({ search: noSearch });
    const response = await supertest(broken).get('/jobs').set('X-API-KEY', key.secret);
    expectFailure(response, 500, 'internal');
    expect(response.text).not.toContain('secret_column');
    expect(response.headers['etag']).toBeUndefined();
    const line = api.logged.find(
      ({ requestId, level }) => requestId === response.body.request_id && level === 50,
    );
    expect(line).toMatchObject({ err: { message: expect.stringContaining('secret_column') } });
  });

  it('answers 503 with Retry-After while Postgres is away', async () => {
    const db = database.connect({ databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing' });
    const findOwner: FindKeyOwner = (hash, now) => findApiKey(db, hash, now);
    const away = api.appWith({ db, keys: { ...api.services.keys, findOwner } });
    const response = await supertest(away).get('/jobs').set('X-API-KEY', key.secret);
    await db.destroy();
    expectFailure(response, 503, 'unavailable');
    expect(response.headers['retry-after']).toBe(String(response.body.retry_after));
    expect(response.body.retry_after).toBeGreaterThan(0);
  });

  it("keeps a caller's own request id of a sane form and replaces any other", async () => {
    const idFor = async (given: string) =>
      (await api.get('/livez').set('X-Request-Id', given)).headers['x-request-id'];
    expect(await idFor('order-17:a.b_c')).toBe('order-17:a.b_c');
    expect(await idFor('a b')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idFor('x'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idFor('<script>')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(['/jobs', '/nothing', '/livez'])(
    'guards %s with security headers and does not name its framework',
    async (path) => {
      const { headers } = await api.get(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, no-cache',
      });
      expect(headers['content-security-policy']).toBeDefined();
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['vary']).toBe('X-API-KEY, Accept');
    },
  );

  it('logs one line a request: the route, not the address; the id of the key, not the key', async () => {
    const { headers } = await api.get('/v1/jobs?q=plumber', key.secret).expect(200);
    const lines = api.logged.filter(({ requestId }) => requestId === headers['x-request-id']);
    expect(lines).toEqual([
      expect.objectContaining({
        method: 'GET',
        route: '/jobs',
        status: 200,
        durationMs: expect.any(Number),
        keyId: key.id,
      }),
    ]);
    const everything = JSON.stringify(api.logged);
    expect(everything).not.toContain('plumber');
    expect(everything).not.toContain(key.secret.slice(8));
  });

  it('survives a caller who hangs up before the answer', async () => {
    const signals = new EventEmitter();
    const slow = api.appWith({
      search: {
        ...noSearch,
        search: async () => {
          const released = once(signals, 'release');
          signals.emit('asked');
          await released;
          return { jobs: [], total: 0, totalIsExact: true, nextCursor: null, engine: 'postgres' };
        },
      },
    });
    const server = createServer(slow).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    const [asked, connected] = [once(signals, 'asked'), once(server, 'connection')];
    const caller = connect({ host: '127.0.0.1', port });
    caller.write(
      `GET /jobs HTTP/1.1\r\nHost: x\r\nX-Request-Id: hung-up\r\nX-API-KEY: ${key.secret}\r\n\r\n`,
    );
    await asked;
    const [connection] = (await connected) as [Socket];
    const closed = once(connection, 'close');
    caller.destroy();
    await closed;
    signals.emit('release');

    await supertest(`http://127.0.0.1:${port}`).get('/livez').expect(200);
    server.close();
    expect(api.logged).toContainEqual(expect.objectContaining({ requestId: 'hung-up', abandoned: true }));
    expect(api.logged).not.toContainEqual(expect.objectContaining({ requestId: 'hung-up', level: 50 }));
  });
});
