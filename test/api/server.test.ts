import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import pino from 'pino';
import { createJsonReader } from '../../api/jsonBody';
import { failures } from '../../api/middleware/failures';
import { requestContext } from '../../api/middleware/requestContext';
import { wellFormedUrl } from '../../api/middleware/wellFormedUrl';
import { closeServer, createApiServer, type ConnectionLimits } from '../../api/server';
import { openConnection, type RawAnswer } from '../support/rawConnection';

const NOW = '2026-02-01T12:00:00.000Z';
const logger = pino({ level: 'silent' });
const MEGABYTE = 1_000_000;

/** Takes a body, answers at length, or when it is told to. */
function createTestApp(signals: EventEmitter): Express {
  const app = express();
  const readBody = createJsonReader(MEGABYTE);
  app.use(requestContext(() => NOW));
  app.use(wellFormedUrl);
  app.get('/', (_request, response) => void response.json({ fine: true }));
  app.post('/body', async (request, response) => {
    await readBody(request, response);
    response.json({ taken: true });
  });
  app.get('/long', (_request, response) => {
    response.once('close', () => signals.emit('long closed'));
    response.send(Buffer.alloc(64 * MEGABYTE));
  });
  app.get('/wait', (_request, response) => {
    signals.once('go on', () => response.json({ waited: true }));
    signals.emit('waiting');
  });
  app.get('/begun', (_request, response) => {
    response.write('the beginning');
    signals.emit('begun');
  });
  app.use(failures(logger));
  return app;
}

describe('the server of the API', () => {
  const signals = new EventEmitter();
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  const serve = async (limits: Partial<ConnectionLimits> = {}): Promise<number> =>
    portOf(await start(limits));
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  const start = async (limits: Partial<ConnectionLimits> = {}): Promise<Server> => {
    const server = createApiServer(createTestApp(signals), {
      logger,
      now: () => NOW,
      limits: { checkEveryMs: 20, ...limits },
    }).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return server;
  };
  const expectRefusal = ({ status, headers, body }: RawAnswer, expected: number, code: string) => {
    expect(status).toBe(expected);
    expect(headers).toMatchObject({
      connection: 'close',
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'x-content-type-options': 'nosniff',
    });
    const parsed = JSON.parse(body) as Record<string, unknown>;
    expect(parsed).toMatchObject({ success: false, code, data: [], count: 0, last_updated: NOW });
    expect(parsed.request_id).toBe(headers['x-request-id']);
  };

  it('answers 431 in the envelope to an address that is too long', async () => {
    const caller = await openConnection(await serve());
    caller.write(`GET /?q=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expectRefusal(await caller.closed, 431, 'headers_too_large');
  });

  it('answers 431 to headers that are too long while they are still coming', async () => {
    const caller = await openConnection(await serve());
    caller.write('GET / HTTP/1.1\r\nHost: x\r\n');
    caller.dribble(`X-Long: ${'x'.repeat(1_000)}\r\n`, 1);
    expectRefusal(await caller.closed, 431, 'headers_too_large');
  });

  it.each([
    ['what is no HTTP', 'SSH-2.0-nonsense\r\n\r\n'],
    ['a method that there is not', 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n'],
    [
      'two lengths of one body',
      'POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    ],
    [
      'a length beside chunks',
      'POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a header broken over lines', 'GET / HTTP/1.1\r\nHost: x\r\nX-One: a\r\n b\r\n\r\n'],
  ])('answers 400 in the envelope to %s', async (_what, text) => {
    const caller = await openConnection(await serve());
    caller.write(text);
    expectRefusal(await caller.closed, 400, 'invalid_parameter');
  });

  it('answers 400 in the envelope to a request without a host', async () => {
    const caller = await openConnection(await serve());
    caller.write('GET / HTTP/1.1\r\nConnection: close\r\n\r\n');
    const { status, body } = await caller.closed;
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ code: 'invalid_parameter', errors: [{ parameter: 'Host' }] });
  });

  it('answers a caller with an expectation that it does not know', async () => {
    const caller = await openConnection(await serve());
    caller.write('GET / HTTP/1.1\r\nHost: x\r\nExpect: nothing\r\nConnection: close\r\n\r\n');
    expect((await caller.closed).status).toBe(200);
  });

  it('lets go who dribbles headers, with 408', async () => {
    const caller = await openConnection(await serve({ headersTimeoutMs: 100 }));
    caller.write('GET / HTTP/1.1\r\nHost: x\r\n');
    caller.dribble('X: y\r\n', 10);
    expectRefusal(await caller.closed, 408, 'request_timeout');
  });

  it('lets go who connects and says nothing', async () => {
    const caller = await openConnection(await serve({ headersTimeoutMs: 100 }));
    expectRefusal(await caller.closed, 408, 'request_timeout');
  });

  it('lets go who dribbles a body, with 408', async () => {
    const caller = await openConnection(await serve({ headersTimeoutMs: 100, requestTimeoutMs: 150 }));
    caller.write(
      'POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n[',
    );
    caller.dribble('1,', 10);
    expectRefusal(await caller.closed, 408, 'request_timeout');
  });

  it('lets go who does not read the answer', async () => {
    const caller = await openConnection(await serve({ idleTimeoutMs: 200 }));
    const letGo = once(signals, 'long closed');
    caller.socket.pause();
    caller.write('GET /long HTTP/1.1\r\nHost: x\r\n\r\n');
    await letGo;
    caller.socket.resume();
    const { headers, body } = await caller.closed;
    expect(body.length).toBeLessThan(Number(headers['content-length']));
  });

  it('keeps a connection for the next request, and closes it when none comes', async () => {
    const caller = await openConnection(await serve({ keepAliveTimeoutMs: 100, idleTimeoutMs: 30_000 }));
    caller.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(caller.socket, 'data');
    caller.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const { body } = await caller.closed;
    expect(body.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
    expect(body.match(/"fine":true/g)).toHaveLength(2);
  });

  it('writes no refusal into an answer that has begun', async () => {
    const caller = await openConnection(await serve());
    const begun = once(signals, 'begun');
    caller.write('GET /begun HTTP/1.1\r\nHost: x\r\n\r\n');
    await begun;
    caller.write('nonsense\r\n\r\n');
    const { status, body } = await caller.closed;
    expect(status).toBe(200);
    expect(body).not.toContain('invalid_parameter');
  });

  it('finishes what is under way when it stops, then closes the connection though it could be used again', async () => {
    const server = await start();
    const caller = await openConnection(portOf(server));
    const waiting = once(signals, 'waiting');
    caller.write('GET /wait HTTP/1.1\r\nHost: x\r\n\r\n');
    await waiting;
    const stopped = closeServer(server);
    signals.emit('go on');
    await stopped;
    const { status, body } = await caller.closed;
    expect([status, body]).toEqual([200, '{"waited":true}']);
  });

  it('stops though a caller neither ends a request nor reads an answer', async () => {
    const server = await start();
    const [dribbling, deaf] = [await openConnection(portOf(server)), await openConnection(portOf(server))];
    dribbling.write('GET / HTTP/1.1\r\nHost: x\r\n');
    dribbling.dribble('X: y\r\n', 10);
    deaf.socket.pause();
    const begun = once(signals, 'begun');
    deaf.write('GET /begun HTTP/1.1\r\nHost: x\r\n\r\n');
    await begun;
    await closeServer(server, 100);
    deaf.socket.resume();
    await Promise.all([dribbling.closed, deaf.closed]);
  });

  it('takes no more connections than it may', async () => {
    const port = await serve({ maxConnections: 1 });
    const first = await openConnection(port);
    first.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(first.socket, 'data');
    const second = await openConnection(port);
    second.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await second.closed).status).toBe(0);
    first.socket.destroy();
  });
});
