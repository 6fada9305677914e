import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Webhook } from 'standardwebhooks';
import type { WebhookTarget } from '../../domain/webhooks/message';
import { createLookup, type Lookup } from '../../webhooks/resolution';
import { createWebhookSender, type WebhookSender, type WebhookSenderOptions } from '../../webhooks/sender';
import { newWebhookSecret } from '../../webhooks/signature';
import { type NameServer, startNameServer } from '../support/nameServer';
import { startReceiver, type WebhookReceiver } from '../support/webhookReceiver';

const MESSAGE = { id: 'evt_1', body: '{"type":"job.matched","data":{"title":"Déjà vu"}}' };
const NEVER_IN_THIS_TEST = 60_000;
const KIB = 1_024;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function createSender(options: Partial<WebhookSenderOptions> = {}): WebhookSender {
  const sender = createWebhookSender({
    allowsLoopback: true,
    extraPorts: [],
    userAgent: 'tests/1.0',
    ...options,
  });
  cleanups.push(() => sender.close());
  return sender;
}

async function receiverThat(answer?: (response: ServerResponse) => void): Promise<WebhookReceiver> {
  const receiver = await startReceiver(answer);
  cleanups.push(() => receiver.stop());
  return receiver;
}

/** A receiver that speaks no HTTP of its own. */
async function rawReceiver(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const targetAt = (origin: string, headers: Record<string, string> = {}): WebhookTarget => ({
  url: `${origin}/hook`,
  headers,
  secrets: [newWebhookSecret()],
});

const sendTo = (origin: string, options: Partial<WebhookSenderOptions> = {}) =>
  createSender(options).send(targetAt(origin), MESSAGE);

const answering = async (answer: (response: ServerResponse) => void, options = {}) =>
  sendTo((await receiverThat(answer)).origin, options);

describe('the request of a webhook', () => {
  it('is a POST of the body with the id, the time and a signature that verifies', async () => {
    const receiver = await receiverThat();
    const target = { ...targetAt(receiver.origin), secrets: [newWebhookSecret(), newWebhookSecret()] };
    await createSender().send(target, MESSAGE);
    const [request] = receiver.received;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hook',
      body: MESSAGE.body,
      headers: {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(MESSAGE.body)),
        'user-agent': 'tests/1.0',
        'webhook-id': 'evt_1',
      },
    });
    for (const secret of target.secrets) {
      const verify = () =>
        new Webhook(secret).verify(request!.body, request!.headers as Record<string, string>);
      expect(verify).not.toThrow();
    }
  });

  it('is signed with the time at which it is sent', async () => {
    const receiver = await receiverThat();
    const { at } = await sendTo(receiver.origin, { nowMs: () => Date.parse('2026-01-20T12:00:00.900Z') });
    expect(at).toBe('2026-01-20T12:00:00.900Z');
    expect(receiver.received[0]!.headers['webhook-timestamp']).toBe('1768910400');
  });

  it('carries the headers of the endpoint, and none of them in place of its own', async () => {
    const receiver = await receiverThat();
    const target = targetAt(receiver.origin, {
      Authorization: 'Bearer abc',
      'X-Tenant': 'a b',
      Host: 'inner.example.com',
      'Content-Type': 'text/plain',
      'Content-Length': '1',
      'content-encoding': 'gzip',
      'User-Agent': 'other',
      'Webhook-Id': 'evt_other',
      'webhook-signature': 'v1,other',
      Connection: 'close',
      'Keep-Alive': 'timeout=1',
      'Transfer-Encoding': 'chunked',
      Upgrade: 'h2c',
      Expect: '100-continue',
      TE: 'trailers',
      'Proxy-Authorization': 'Basic abc',
    });
    expect((await createSender().send(target, MESSAGE)).error).toBeNull();
    const { headers } = receiver.received[0]!;
    expect(headers).toMatchObject({ authorization: 'Bearer abc', 'x-tenant': 'a b', 'webhook-id': 'evt_1' });
    expect(Object.keys(headers).sort()).toEqual([
      ...[
        'accept-encoding',
        'authorization',
        'connection',
        'content-length',
        'content-type',
        'host',
        'user-agent',
      ],
      ...['webhook-id', 'webhook-signature', 'webhook-timestamp', 'x-tenant'],
    ]);
    expect(headers.host).toBe(new URL(receiver.origin).host);
    expect(headers['content-type']).toBe('application/json');
  });

  it.each([
    ['name', { 'X Tenant': 'a' }],
    ['value', { 'X-Tenant': 'a\r\nHost: b' }],
    ['value in another script', { 'X-Tenant': 'データ' }],
  ])('is not made with a header of a wrong %s', async (_what, headers) => {
    const receiver = await receiverThat();
    const result = await createSender().send(targetAt(receiver.origin, headers), MESSAGE);
    expect(result).toMatchObject({ status_code: null, error: 'header_refused' });
    expect(receiver.connections).toBe(0);
  });

  it('is not made without a secret that can sign, and the error does not show it', async () => {
    const receiver = await receiverThat();
    const target = { ...targetAt(receiver.origin), secrets: ['whsec_short'] };
    expect(await createSender().send(target, MESSAGE)).toMatchObject({ error: 'failed: internal' });
    expect(receiver.connections).toBe(0);
  });

  it('is made on connections that are there, of which one recovers while the other is used', async () => {
    const receiver = await receiverThat();
    const sender = createSender();
    const target = targetAt(receiver.origin);
    for (let count = 0; count < 20; count += 1) await sender.send(target, MESSAGE);
    expect(receiver.received).toHaveLength(20);
    expect(receiver.connections).toBeLessThanOrEqual(2);
  });
});

describe('the answer to a webhook', () => {
  it.each([200, 201, 202, 204, 299])('is a success with %d', async (status) => {
    const result = await answering((response) => response.writeHead(status).end());
    expect(result).toMatchObject({ status_code: status, error: null, answer: '', retryAfterSeconds: null });
    expect(result.duration_ms).toBeGreaterThanOrEqual(0);
  });

  it.each([400, 404, 410, 429, 500, 502, 503])('is a failure with %d, told by its status', async (status) => {
    const result = await answering((response) => response.writeHead(status).end('no'));
    expect(result).toMatchObject({ status_code: status, error: `status ${status}`, answer: 'no' });
  });

  it('is the one that comes after hints', async () => {
    const result = await answering((response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.writeHead(200).end('ok');
    });
    expect(result).toMatchObject({ status_code: 200, error: null, answer: 'ok' });
  });

  it('is kept to its first KiB, and connections are used again', async () => {
    const receiver = await receiverThat((response) => response.end('a'.repeat(10 * KIB)));
    const sender = createSender();
    const target = targetAt(receiver.origin);
    for (let count = 0; count < 10; count += 1) {
      expect((await sender.send(target, MESSAGE)).answer).toBe('a'.repeat(KIB));
    }
    expect(receiver.connections).toBeLessThanOrEqual(2);
  });

  it('is not waited for beyond 16 KiB, however long it is', async () => {
    const result = await answering(
      (response) => {
        const more = () => {
          while (response.write('a'.repeat(8 * KIB)));
        };
        response.on('drain', more);
        more();
      },
      { timeoutMs: NEVER_IN_THIS_TEST },
    );
    expect(result).toMatchObject({ status_code: 200, error: null, answer: 'a'.repeat(KIB) });
  });

  it('may come in one piece with all of a long body, on a connection that closes after it', async () => {
    const receiver = await receiverThat((response) =>
      response.writeHead(200, { connection: 'close', 'content-length': 32 * KIB }).end('a'.repeat(32 * KIB)),
    );
    const sender = createSender();
    const results = await Promise.all(
      Array.from({ length: 20 }, () => sender.send(targetAt(receiver.origin), MESSAGE)),
    );
    for (const result of results) expect(result).toMatchObject({ status_code: 200, error: null });
  });

  it('is text that a database takes, whatever bytes it is made of', async () => {
    const result = await answering((response) =>
      response.end(Buffer.concat([Buffer.from('a\r\nb\tc\0d\x1b'), Buffer.from([0xff, 0xed, 0xa0, 0x80])])),
    );
    expect(result.answer).toMatch(/^a\nb\tc\ufffdd\ufffd\ufffd+$/);
    expect(result.answer!.isWellFormed()).toBe(true);
  });

  it('is not cut through a character', async () => {
    const result = await answering((response) => response.end('日'.repeat(KIB)));
    expect(result.answer).toBe('日'.repeat(341));
  });

  it('is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * KIB * KIB));
    const result = await answering((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb.subarray(0, 500)),
    );
    expect(result).toMatchObject({ status_code: 200, error: null });
    expect(result.answer!.length).toBeLessThanOrEqual(500);
  });
});

describe('the wait that an answer asks for', () => {
  const NOW = Date.parse('2026-01-20T12:00:00.000Z');
  const waitAfter = async (status: number, header: string | undefined, body = '') => {
    const result = await answering(
      (response) =>
        response.writeHead(status, header === undefined ? {} : { 'retry-after': header }).end(body),
      { nowMs: () => NOW },
    );
    return result.retryAfterSeconds;
  };

  it.each([
    [429, '120', 120],
    [503, '120', 120],
    [429, 'Tue, 20 Jan 2026 12:00:30 GMT', 30],
    [503, 'Tue, 20 Jan 2026 11:00:00 GMT', 0],
    [429, '9999999', 86_400],
    [503, 'Fri, 20 Jan 2040 12:00:00 GMT', 86_400],
    [429, 'soon', null],
    [429, undefined, null],
    [500, '120', null],
    [410, '120', null],
    [200, '120', null],
  ])('with %d and Retry-After: %s is %s seconds', async (status, header, seconds) => {
    expect(await waitAfter(status, header)).toBe(seconds);
  });

  it.each([
    ['{"ok":false,"error_code":429,"parameters":{"retry_after":35}}', 35],
    ['{"parameters":{"retry_after":1e9}}', 86_400],
    ['{"parameters":{"retry_after":-5}}', 0],
    ['{"parameters":{"retry_after":0.3}}', 1],
    ['{"parameters":{"retry_after":"35"}}', null],
    ['{"parameters":null}', null],
    ['{"parameters":{"retry_after":', null],
    ['[]', null],
  ])('with 429 in the manner of Telegram, %s, is %s seconds', async (body, seconds) => {
    expect(await waitAfter(429, undefined, body)).toBe(seconds);
  });

  it('is the one of the header where both say one', async () => {
    expect(await waitAfter(429, '7', '{"parameters":{"retry_after":35}}')).toBe(7);
  });

  it('is not read from the body of a 503', async () => {
    expect(await waitAfter(503, undefined, '{"parameters":{"retry_after":35}}')).toBeNull();
  });
});

describe('a receiver that does not answer as it should', () => {
  const timeoutMs = 300;
  const expectTimeout = ({ error, duration_ms }: { error: string | null; duration_ms: number }) => {
    expect(error).toBe('timeout');
    expect(duration_ms).toBeGreaterThanOrEqual(timeoutMs - 1);
    expect(duration_ms).toBeLessThan(5_000);
  };

  it('that takes the connection and says nothing is left after the time for a request', async () => {
    const result = await sendTo(await rawReceiver(() => undefined), { timeoutMs });
    expectTimeout(result);
    expect(result.status_code).toBeNull();
  });

  it('that drips its headers is left after the time for a request', async () => {
    const origin = await rawReceiver((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-a: b\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    const result = await sendTo(origin, { timeoutMs });
    expectTimeout(result);
    expect(result.status_code).toBeNull();
  });

  it('that goes on giving hints is left after the time for a request', async () => {
    const origin = await rawReceiver((socket) => {
      const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    expectTimeout(await sendTo(origin, { timeoutMs }));
  });

  it('that drips its body is left after the time for a request, and what came is kept', async () => {
    let closed: Promise<unknown> | undefined;
    const result = await answering(
      (response) => {
        closed = once(response, 'close');
        const drip = setInterval(() => response.write('a'), 20);
        response.on('close', () => clearInterval(drip));
      },
      { timeoutMs },
    );
    expectTimeout(result);
    expect(result).toMatchObject({ status_code: 200, answer: expect.stringMatching(/^a+$/) });
    // It does not go on dripping to nobody.
    await closed;
  });

  it('that closes the connection without an answer is a failure', async () => {
    const origin = await rawReceiver((socket) => socket.once('data', () => socket.destroy()));
    expect(await sendTo(origin)).toMatchObject({ status_code: null, error: 'connection_closed' });
  });

  it('that resets the connection is a failure', async () => {
    const origin = await rawReceiver((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await sendTo(origin)).toMatchObject({ status_code: null, error: 'connection_closed' });
  });

  it('that closes the connection half-way through its answer is a failure', async () => {
    const origin = await rawReceiver((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')),
    );
    expect(await sendTo(origin)).toMatchObject({
      status_code: 200,
      answer: 'half',
      error: 'connection_closed',
    });
  });

  it.each([
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok'],
    [
      'has a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  ])('whose answer %s is a failure', async (_what, answer) => {
    const origin = await rawReceiver((socket) => socket.once('data', () => socket.end(answer)));
    expect((await sendTo(origin)).error).toMatch(/^(?:invalid_answer|connection_closed)$/);
  });

  it('that changes to another protocol is a failure', async () => {
    const origin = await rawReceiver((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
      ),
    );
    expect(await sendTo(origin, { timeoutMs })).toMatchObject({
      status_code: null,
      error: 'connection_closed',
    });
  });

  it('whose headers have no end is a failure', async () => {
    const origin = await rawReceiver((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = () => {
          while (socket.write(`x-a: ${'b'.repeat(KIB)}\r\n`));
        };
        socket.on('drain', more);
        more();
      }),
    );
    expect(await sendTo(origin, { timeoutMs: NEVER_IN_THIS_TEST })).toMatchObject({
      status_code: null,
      error: 'headers_too_large',
    });
  });

  it('that is not there is a failure', async () => {
    const receiver = await startReceiver();
    await receiver.stop();
    expect(await sendTo(receiver.origin)).toMatchObject({ status_code: null, error: 'connection_refused' });
  });

  it('does not delay what is sent to the same host', async () => {
    const receiver = await receiverThat();
    const slow = await receiverThat(() => undefined);
    const sender = createSender({ timeoutMs: 1_000 });
    const slowTarget = targetAt(slow.origin);
    const waiting = Array.from({ length: 50 }, () => sender.send(slowTarget, MESSAGE));
    const { duration_ms } = await sender.send(targetAt(receiver.origin), MESSAGE);
    expect(duration_ms).toBeLessThan(900);
    expect((await Promise.all(waiting)).map(({ error }) => error)).toEqual(Array(50).fill('timeout'));
  });

  it('is never told in words of its own or with its address', async () => {
    const target = { ...targetAt('http://secret-name.test'), headers: { 'x-key': 'hidden' } };
    const lookup: Lookup = (hostname) => Promise.reject(new Error(`queryA ESERVFAIL ${hostname}`));
    const result = await createSender({ lookup }).send(target, MESSAGE);
    expect(JSON.stringify(result)).not.toMatch(/secret-name|hidden|whsec_/);
    expect(result.error).toBe('name_not_resolved');
  });
});

describe('the name of a receiver', () => {
  let names: NameServer;
  beforeEach(async () => {
    names = await startNameServer({ 'hooks.test': ['127.0.0.1'], 'silent.test': 'silent', 'empty.test': [] });
    cleanups.push(() => names.stop());
  });
  const askingNames = (options: Partial<WebhookSenderOptions> = {}) =>
    createSender({ lookup: createLookup(names.resolver), ...options });

  it.each([
    ['does not exist', 'nobody.test', 'The name nobody.test has no address in the DNS.'],
    ['has no address', 'empty.test', 'The name empty.test has no address in the DNS.'],
    ['is not answered for', 'silent.test', 'The name silent.test cannot be looked up in the DNS now.'],
  ])('that %s is a fault of the URL, and a failure of each attempt', async (_what, name, message) => {
    const sender = askingNames();
    expect(await sender.check(`https://${name}/`)).toBe(message);
    expect((await sender.send(targetAt(`http://${name}`), MESSAGE)).error).toBe('name_not_resolved');
  });

  it('that takes too long to resolve ends with the time for a request', async () => {
    const sender = createSender({ lookup: () => new Promise<never>(() => undefined), timeoutMs: 100 });
    expect(await sender.check('https://hooks.test/')).toBe('The name of the host is not resolved in time.');
    expect((await sender.send(targetAt('http://hooks.test'), MESSAGE)).error).toBe('timeout');
  });

  it('is asked for once by all that are sent at the same time', async () => {
    const receiver = await receiverThat();
    const sender = askingNames();
    const target = targetAt(`http://hooks.test:${receiver.port}`);
    await Promise.all(Array.from({ length: 30 }, () => sender.send(target, MESSAGE)));
    expect(receiver.received).toHaveLength(30);
    expect(names.asked.get('hooks.test')).toBe(1);
  });
});

describe('the URL of an endpoint', () => {
  const lookup: Lookup = () => Promise.resolve(['3ffe::1']);
  const check = (url: string, options: Partial<WebhookSenderOptions> = {}) =>
    createSender({ allowsLoopback: false, lookup, ...options }).check(url);

  it.each([
    ['a path and a query', 'https://hooks.example.com/jobs?key=a%20b'],
    ['the usual port', 'https://hooks.example.com:443/jobs'],
    ['the other usual port', 'https://hooks.example.com:8443/jobs'],
    ['capitals', 'HTTPS://Hooks.Example.COM/'],
    ['a name in another script', 'https://bücher.example/haken'],
    ['an underscore', 'https://my_hooks.example.com/'],
    ['an address that is public', 'https://[3ffe::1]/'],
    ['2,048 characters', `https://hooks.example.com/${'a'.repeat(2_048 - 26)}`],
  ])('may have %s', async (_what, url) => {
    expect(await check(url)).toBeNull();
  });

  it.each([
    ['empty', '', /^This is no URL such as/],
    ['without a scheme', 'hooks.example.com', /^This is no URL such as/],
    ['of plain http', 'http://hooks.example.com/', /^The URL does not begin with https:/],
    ['on another port', 'https://hooks.example.com:444/', /^The port is not one of 443, 8443\.$/],
    ['on the port of http', 'https://hooks.example.com:80/', /^The port is not one of/],
    ['with credentials', 'https://a:b@hooks.example.com/', /user name or a password/],
    ['with an empty fragment', 'https://hooks.example.com/#', /fragment/],
    ['with a dot behind the name', 'https://hooks.example.com./', /^The host is no name/],
    ['with an empty part of the name', 'https://hooks..example.com/', /^The host is no name/],
    ['with other characters in the name', 'https://hooks.exa$mple.com/', /^The host is no name/],
    ['with a part of the name too long', `https://${'a'.repeat(64)}.example.com/`, /^The host is no name/],
    ['with a name too long', `https://${'a.'.repeat(130)}com/`, /^The host is no name/],
    ['with a blank before it', ' https://hooks.example.com/', /blank/],
    ['longer', `https://hooks.example.com/${'a'.repeat(2_048 - 25)}`, /more than 2048 characters/],
    ['longer once encoded', `https://hooks.example.com/${'日'.repeat(300)}`, /more than 2048 characters/],
  ])('may not be %s', async (_what, url, message) => {
    expect(await check(url)).toMatch(message);
  });

  it('may have a port that the operator added', async () => {
    expect(await check('https://hooks.example.com:9443/', { extraPorts: [9_443] })).toBeNull();
  });
});
