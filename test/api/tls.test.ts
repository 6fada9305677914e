import { once } from 'node:events';
import type { Server } from 'node:http';
import { Agent, request, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import supertest from 'supertest';
import { createApiServer, type ConnectionLimits } from '../../api/server';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { testCertificate } from '../support/certificates';
import { openConnection } from '../support/rawConnection';

const certificate = testCertificate('first');

describe('the API over TLS', () => {
  let api: TestApi;
  const servers: Server[] = [];
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });
  afterAll(() => api.drop());

  const serve = async (limits: Partial<ConnectionLimits> = {}) => {
    const server = createApiServer(api.appWith({ transport: { httpsRequired: true } }), {
      tls: certificate,
      logger: api.services.logger,
      now: () => NOW,
      limits: { checkEveryMs: 20, ...limits },
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return { server: server as TlsServer, port: (server.address() as AddressInfo).port };
  };
  const ask = async (
    port: number,
    path: string,
    { ca = certificate.cert, agent }: { ca?: string; agent?: Agent } = {},
  ) => {
    const asked = request({ host: '127.0.0.1', servername: 'localhost', port, path, ca, agent }).end();
    const [response] = await once(asked, 'response');
    const peer = (response.socket as TLSSocket).getPeerCertificate().subject.CN;
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return {
      status: response.statusCode,
      headers: response.headers,
      body: Buffer.concat(chunks).toString(),
      peer,
    };
  };

  it('answers, and tells browsers to stay with HTTPS', async () => {
    const { port } = await serve();
    const { status, headers, body } = await ask(port, '/livez');
    expect(status).toBe(200);
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(JSON.parse(body)).toMatchObject({ success: true });
  });

  it('serves several requests on one connection', async () => {
    const { port } = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answers = [await ask(port, '/livez', { agent }), await ask(port, '/nothing', { agent })];
    agent.destroy();
    expect(answers.map(({ status }) => status)).toEqual([200, 404]);
  });

  it.each([
    ['a GET', 'GET /jobs HTTP/1.1\r\nHost: x\r\nX-API-KEY: secret\r\n\r\n'],
    ['a probe', 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'],
    [
      'a POST with a body',
      `POST /jobs/search HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n${'x'.repeat(50_000)}`,
    ],
    ['the first byte of a request', 'G'],
  ])('refuses %s in plain HTTP on the same port with 403, and redirects nowhere', async (_what, text) => {
    const { port } = await serve();
    const caller = await openConnection(port);
    caller.write(text);
    const { status, headers, body } = await caller.closed;
    expect(status).toBe(403);
    expect(headers['location']).toBeUndefined();
    expect(JSON.parse(body)).toMatchObject({
      success: false,
      code: 'https_required',
      message: expect.stringMatching(/rotate/),
      request_id: headers['x-request-id'],
    });
  });

  it('goes on serving others while plain callers are refused', async () => {
    const { port } = await serve();
    const plain = await Promise.all(Array.from({ length: 20 }, () => openConnection(port)));
    for (const caller of plain) caller.write('GET / HTTP/1.1\r\n\r\n');
    expect((await ask(port, '/livez')).status).toBe(200);
    const refused = await Promise.all(plain.map(({ closed }) => closed));
    expect(refused.map(({ status }) => status)).toEqual(plain.map(() => 403));
  });

  it.each([
    ['says nothing', ''],
    ['begins a handshake and does not end it', '\x16\x03\x01'],
  ])('lets go who %s', async (_what, text) => {
    const { port } = await serve({ headersTimeoutMs: 100 });
    const caller = await openConnection(port);
    if (text !== '') caller.write(text);
    expect((await caller.closed).status).toBe(0);
  });

  it('survives who breaks off, before and within the handshake', async () => {
    const { port } = await serve();
    for (const text of ['', '\x16', '\x16\x03\x01\x02\x00nonsense']) {
      const caller = await openConnection(port);
      if (text !== '') caller.write(text);
      caller.socket.resetAndDestroy();
      await caller.closed;
    }
    expect((await ask(port, '/livez')).status).toBe(200);
  });

  it('lets go who dribbles headers within TLS, with 408', async () => {
    const { port } = await serve({ headersTimeoutMs: 1_000 });
    const caller = await openConnection(port, certificate.cert);
    caller.write('GET / HTTP/1.1\r\nHost: x\r\n');
    caller.dribble('X: y\r\n', 10);
    expect((await caller.closed).status).toBe(408);
  });

  it('answers 431 to an address that is too long, within TLS', async () => {
    const { port } = await serve();
    const caller = await openConnection(port, certificate.cert);
    caller.write(`GET /?q=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect((await caller.closed).status).toBe(431);
  });

  it('shows a renewed certificate to new connections without a restart', async () => {
    const { server, port } = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await ask(port, '/livez', { agent });
    const renewed = testCertificate('second');
    server.setSecureContext(renewed);
    expect((await ask(port, '/livez', { ca: renewed.cert })).peer).toBe('second of the tests');
    expect((await ask(port, '/livez', { agent })).status).toBe(200);
    agent.destroy();
  });

  it('speaks no TLS older than 1.2', async () => {
    const { port } = await serve();
    const asked = request({
      host: '127.0.0.1',
      port,
      path: '/livez',
      ca: certificate.cert,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    }).end();
    const [error] = await once(asked, 'error');
    expect(String(error)).toMatch(/protocol version/i);
  });

  it('closes what is idle when it stops', async () => {
    const { server, port } = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await ask(port, '/livez', { agent });
    const closed = once(server, 'close');
    server.close();
    await closed;
    agent.destroy();
  });
});

describe('the API behind a proxy that speaks TLS', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.drop());

  const behindProxy = () => api.appWith({ transport: { trustProxy: 1, httpsRequired: true } });

  it('answers who came to the proxy by HTTPS, and tells browsers to stay with it', async () => {
    const { headers } = await supertest(behindProxy())
      .get('/openapi.json')
      .set('X-Forwarded-Proto', 'https')
      .expect(200);
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it.each([['http'], [undefined]])(
    'refuses who came by %s with 403, and redirects nowhere',
    async (protocol) => {
      const asked = supertest(behindProxy()).get('/jobs');
      const { body, headers } = await (
        protocol === undefined ? asked : asked.set('X-Forwarded-Proto', protocol)
      ).expect(403);
      expect(body).toMatchObject({
        success: false,
        code: 'https_required',
        message: expect.stringMatching(/rotate/),
      });
      expect(headers['strict-transport-security']).toBeUndefined();
      expect(headers['location']).toBeUndefined();
    },
  );

  it('answers probes that orchestrators make past the proxy', async () => {
    await supertest(behindProxy()).get('/livez').expect(200);
    await supertest(behindProxy()).get('/readyz').expect(200);
  });

  it('does not believe callers about HTTPS while no proxy is trusted', async () => {
    const app = api.appWith({ transport: { httpsRequired: true } });
    await supertest(app).get('/jobs').set('X-Forwarded-Proto', 'https').expect(403);
  });
});
