import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createConnectionPools } from '../../webhooks/connections';
import { exchange, type PostRequest } from '../../webhooks/exchange';
import { describeFailure } from '../../webhooks/failures';
import { testCertificate } from '../support/certificates';
import { startReceiver } from '../support/webhookReceiver';

const certificate = testCertificate('first');
const REQUEST: PostRequest = { method: 'POST', path: '/', headers: [], body: Buffer.from('{}') };

describe('a connection over TLS', () => {
  const requests: { host: string | undefined; servername: string | false }[] = [];
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    requests.length = 0;
    for (const clean of cleanups.splice(0).reverse()) await clean();
  });

  const serve = async (options: ServerOptions = {}) => {
    const server = createServer({ ...certificate, ...options }, (request: IncomingMessage, response) => {
      const { servername } = request.socket as unknown as { servername: string | false };
      requests.push({ host: request.headers.host, servername });
      response.end('ok');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close().closeAllConnections());
    return (server.address() as AddressInfo).port;
  };
  /** To 127.0.0.1, whatever the name. */
  const ask = async (
    port: number,
    { hostname = 'localhost', ca = certificate.cert }: { hostname?: string; ca?: string | undefined } = {},
  ) => {
    const pools = createConnectionPools({ ca });
    cleanups.push(() => pools.close());
    const destination = {
      scheme: 'https',
      origin: `https://${hostname}:${port}`,
      hostname,
      path: '/',
    } as const;
    const { pool } = pools.poolFor(destination, ['127.0.0.1']);
    const { answer, failure } = await exchange(pool, REQUEST, 5_000);
    return { status: answer?.statusCode, fault: failure && describeFailure(failure.error) };
  };

  it('goes to the checked address, with the name as SNI and as Host', async () => {
    const port = await serve();
    expect(await ask(port)).toEqual({ status: 200, fault: null });
    expect(requests).toEqual([{ host: `localhost:${port}`, servername: 'localhost' }]);
  });

  it('to an address has no SNI, and the certificate must be for the address', async () => {
    const port = await serve();
    expect(await ask(port, { hostname: '127.0.0.1' })).toEqual({ status: 200, fault: null });
    expect(requests).toEqual([{ host: `127.0.0.1:${port}`, servername: false }]);
  });

  it.each([
    ['for another name', { hostname: 'hooks.example.com' }, 'tls: cert_altname_invalid'],
    ['that nobody vouches for', { ca: testCertificate('second').cert }, 'tls: depth_zero_self_signed_cert'],
  ])('is refused with a certificate %s, again and again', async (_what, options, fault) => {
    const port = await serve();
    for (let count = 0; count < 3; count += 1) {
      expect(await ask(port, options)).toEqual({ status: undefined, fault });
    }
    expect(requests).toEqual([]);
  });

  it('verifies certificates also where the environment tells Node.js not to', async () => {
    const port = await serve();
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    cleanups.push(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED);
    expect((await ask(port, { ca: testCertificate('second').cert })).fault).toMatch(/^tls: /);
    expect(requests).toEqual([]);
  });

  it('is refused below TLS 1.2', async () => {
    const port = await serve({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    expect((await ask(port)).fault).toMatch(/^tls: /);
  });

  it('is refused by who speaks plain HTTP', async () => {
    const receiver = await startReceiver();
    cleanups.push(() => receiver.stop());
    expect((await ask(receiver.port)).fault).toMatch(/^tls: /);
    expect(receiver.received).toEqual([]);
  });
});

describe('the pools of connections', () => {
  const destinationOf = (port: number) =>
    ({ scheme: 'http', origin: `http://hooks.test:${port}`, hostname: 'hooks.test', path: '/' }) as const;

  it('are one for each origin and address', async () => {
    const pools = createConnectionPools();
    const one = pools.poolFor(destinationOf(1), ['127.0.0.1']);
    expect(pools.poolFor(destinationOf(1), ['127.0.0.1'])).toBe(one);
    expect(pools.poolFor(destinationOf(2), ['127.0.0.1'])).not.toBe(one);
    expect(pools.poolFor(destinationOf(1), ['127.0.0.2'])).not.toBe(one);
    await pools.close();
  });

  it('give the address that has connections already, until it takes none', async () => {
    const pools = createConnectionPools();
    const second = pools.poolFor(destinationOf(1), ['127.0.0.2']);
    expect(pools.poolFor(destinationOf(1), ['127.0.0.1', '127.0.0.2'])).toBe(second);
    pools.drop(second);
    expect(pools.poolFor(destinationOf(1), ['127.0.0.1', '127.0.0.2']).address).toBe('127.0.0.1');
    await pools.close();
  });

  it('are a thousand at most: the one that was used least lately is closed, after what is under way', async () => {
    const receiver = await startReceiver();
    const pools = createConnectionPools();
    const oldest = pools.poolFor(destinationOf(receiver.port), ['127.0.0.1']);
    const underWay = exchange(oldest.pool, REQUEST, 5_000);
    for (let port = 1; port <= 1_000; port += 1) pools.poolFor(destinationOf(port), ['127.0.0.9']);
    expect(oldest.pool.closed).toBe(true);
    expect((await underWay).answer?.statusCode).toBe(200);
    expect(pools.poolFor(destinationOf(receiver.port), ['127.0.0.1'])).not.toBe(oldest);
    await pools.close();
    await receiver.stop();
  });
});
