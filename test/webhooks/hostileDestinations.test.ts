import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isAddressAllowed } from '../../webhooks/addressRules';
import { createLookup } from '../../webhooks/resolution';
import { createWebhookSender, type WebhookSender } from '../../webhooks/sender';
import { newWebhookSecret } from '../../webhooks/signature';
import { type NameServer, startNameServer } from '../support/nameServer';
import { startReceiver, type WebhookReceiver } from '../support/webhookReceiver';

/** Global unicast that is given to nobody (once of the 6bone, RFC 3701): allowed, and nobody is there. */
const PUBLIC_ADDRESS = '3ffe::1';
const OWN_PRIVATE_ADDRESSES = Object.values(networkInterfaces())
  .flatMap((entries) => entries ?? [])
  .map(({ address }) => address)
  .filter(
    (address) => !address.includes('%') && !isAddressAllowed(address, 'https', { allowsLoopback: false }),
  );

/** Each the host of `https://<host>:<port>/`. */
const HOSTILE_HOSTS = [
  ['loopback', '127.0.0.1'],
  ['loopback, another of the block', '127.255.255.254'],
  ['loopback in decimal', '2130706433'],
  ['loopback in hexadecimal', '0x7f000001'],
  ['loopback in octal', '017700000001'],
  ['loopback in dotted octal', '0177.0.0.01'],
  ['loopback in dotted hexadecimal', '0x7f.0x0.0x0.0x1'],
  ['loopback in a mix of bases', '0x7f.0.0.01'],
  ['loopback in its short form', '127.1'],
  ['loopback in three parts', '127.0.1'],
  ['loopback in full-width digits', '１２７．０．０．１'],
  ['loopback with ideographic full stops', '127。0。0。1'],
  ['loopback in circled digits', '①②⑦.⓪.⓪.①'],
  ['loopback, percent-encoded', '%31%32%37.0.0.1'],
  ['loopback with a dot at the end', '127.0.0.1.'],
  ['this host by name', 'localhost'],
  ['this host by name in capitals', 'LOCALHOST'],
  ['this host by name with a dot at the end', 'localhost.'],
  ['a name below localhost', 'hooks.localhost'],
  ['unspecified', '0.0.0.0'],
  ['unspecified in its short form', '0'],
  ['this network', '0.1.2.3'],
  ['private 10/8', '10.0.0.1'],
  ['private 10/8 in decimal', '167772161'],
  ['private 172.16/12', '172.16.0.1'],
  ['private 172.16/12, the end', '172.31.255.255'],
  ['private 192.168/16', '192.168.1.1'],
  ['private 192.168/16 in two parts', '192.168.257'],
  ['link-local', '169.254.1.1'],
  ['metadata of clouds', '169.254.169.254'],
  ['metadata of clouds in decimal', '2852039166'],
  ['metadata of clouds in hexadecimal', '0xa9fea9fe'],
  ['metadata of clouds in octal', '0251.0376.0251.0376'],
  ['metadata of Alibaba', '100.100.100.200'],
  ['the host of an Azure machine', '168.63.129.16'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['carrier-grade NAT, the end', '100.127.255.255'],
  ['protocol assignments', '192.0.0.192'],
  ['documentation', '192.0.2.1'],
  ['6to4 relays', '192.88.99.1'],
  ['benchmarking', '198.18.0.1'],
  ['benchmarking, the end', '198.19.255.255'],
  ['documentation, second block', '198.51.100.1'],
  ['documentation, third block', '203.0.113.1'],
  ['multicast', '224.0.0.1'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['IPv6 loopback', '[::1]'],
  ['IPv6 loopback written out', '[0:0:0:0:0:0:0:1]'],
  ['IPv6 unspecified', '[::]'],
  ['mapped loopback', '[::ffff:127.0.0.1]'],
  ['mapped loopback in hexadecimal', '[::ffff:7f00:1]'],
  ['mapped private', '[::ffff:10.0.0.1]'],
  ['mapped metadata', '[::ffff:169.254.169.254]'],
  ['compatible loopback', '[::127.0.0.1]'],
  ['translated loopback', '[::ffff:0:127.0.0.1]'],
  ['NAT64 of loopback', '[64:ff9b::127.0.0.1]'],
  ['NAT64 of metadata', '[64:ff9b::a9fe:a9fe]'],
  ['local NAT64', '[64:ff9b:1::10.0.0.1]'],
  ['6to4 of loopback', '[2002:7f00:1::]'],
  ['6to4 of private', '[2002:a00:1::1]'],
  ['Teredo', '[2001:0:7f00:1::1]'],
  ['IPv6 benchmarking', '[2001:2::1]'],
  ['ORCHID', '[2001:10::1]'],
  ['ORCHIDv2', '[2001:20::1]'],
  ['IPv6 documentation', '[2001:db8::1]'],
  ['IPv6 documentation, second block', '[3fff::1]'],
  ['IPv6 link-local', '[fe80::1]'],
  ['IPv6 site-local', '[fec0::1]'],
  ['IPv6 unique local', '[fd12:3456:789a::1]'],
  ['IPv6 metadata of AWS', '[fd00:ec2::254]'],
  ['IPv6 metadata of Google', '[fd20:ce::254]'],
  ['IPv6 multicast', '[ff02::1]'],
  ['discard', '[100::1]'],
  ['segment routing', '[5f00::1]'],
  ['IPv6 outside of global unicast', '[4000::1]'],
  ...OWN_PRIVATE_ADDRESSES.map((address) => [
    'this machine in its network',
    address.includes(':') ? `[${address}]` : address,
  ]),
] as [string, string][];

/** What a name resolves to that is otherwise like any other. */
const HOSTILE_ANSWERS: [string, string[]][] = [
  ['loopback', ['127.0.0.1']],
  ['unspecified', ['0.0.0.0']],
  ['private', ['10.0.0.1']],
  ['private, second block', ['172.20.0.1']],
  ['private, third block', ['192.168.0.1']],
  ['link-local', ['169.254.169.254']],
  ['carrier-grade NAT', ['100.64.1.1']],
  ['benchmarking', ['198.18.1.1']],
  ['multicast', ['224.0.0.251']],
  ['broadcast', ['255.255.255.255']],
  ['the host of an Azure machine', ['168.63.129.16']],
  ['IPv6 loopback', ['::1']],
  ['mapped loopback', ['::ffff:127.0.0.1']],
  ['compatible loopback', ['::7f00:1']],
  ['NAT64 of loopback', ['64:ff9b::7f00:1']],
  ['6to4 of loopback', ['2002:7f00:1::']],
  ['Teredo', ['2001:0:4136:e378:8000:63bf:3fff:fdd2']],
  ['unique local', ['fd00:ec2::254']],
  ['IPv6 link-local', ['fe80::1']],
  ['a public and a private address', [PUBLIC_ADDRESS, '10.0.0.1']],
  ['a public address and loopback', ['127.0.0.1', PUBLIC_ADDRESS]],
  [
    'fifty public addresses and loopback',
    [...Array.from({ length: 50 }, (_, at) => `3ffe::${at + 1}`), '::1'],
  ],
];

const HOSTILE_TEXTS: [string, (port: number) => string][] = [
  ['plain http', (port) => `http://127.0.0.1:${port}/`],
  ['plain http to a name', (port) => `http://loopback.test:${port}/`],
  ['another protocol', (port) => `ftp://127.0.0.1:${port}/`],
  ['gopher', (port) => `gopher://127.0.0.1:${port}/_POST`],
  ['a file', () => 'file:///etc/passwd'],
  ['data', () => 'data:text/plain,hello'],
  ['a port that is not allowed', (port) => `https://loopback.test:${port + 1}/`],
  ['a user name that looks like a host', (port) => `https://hooks.example.com@127.0.0.1:${port}/`],
  ['a user name and a password', (port) => `https://user:password@loopback.test:${port}/`],
  ['a host behind a backslash', (port) => `https://hooks.example.com\\@127.0.0.1:${port}/`],
  ['a host behind a line break', (port) => `https://127.0.\n0.1:${port}/`],
  ['a host behind a tab', (port) => `https://\t127.0.0.1:${port}/`],
  ['a host behind a NUL', (port) => `https://127.0.0.1\0.example.com:${port}/`],
  ['a fragment that hides the host', (port) => `https://127.0.0.1:${port}#@hooks.example.com/`],
  ['no slashes', (port) => `https:127.0.0.1:${port}/`],
  ['no scheme', (port) => `//127.0.0.1:${port}/`],
  ['a zone of an address', (port) => `https://[fe80::1%25eth0]:${port}/`],
  ['an address that is too large', (port) => `https://127.0.0.256:${port}/`],
];

describe('a destination that no webhook may reach', () => {
  const zone = Object.fromEntries(
    HOSTILE_ANSWERS.map(([, addresses], at) => [`answer${at}.test`, addresses]),
  );
  const senders: WebhookSender[] = [];
  let names: NameServer;
  let inner: Server;
  let port: number;
  let connections = 0;
  beforeAll(async () => {
    names = await startNameServer({
      ...zone,
      'loopback.test': ['127.0.0.1'],
      'rebound.test': [[PUBLIC_ADDRESS], ['::1']],
    });
    // On every address of this host.
    inner = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0);
    await once(inner, 'listening');
    port = (inner.address() as AddressInfo).port;
  });
  beforeEach(() => {
    connections = 0;
  });
  afterAll(async () => {
    await Promise.all(senders.map((sender) => sender.close()));
    inner.close();
    names.stop();
  });

  const createSender = ({ allowsLoopback = false, timeoutMs = 2_000 } = {}) => {
    const sender = createWebhookSender({
      allowsLoopback,
      extraPorts: [port],
      userAgent: 'tests',
      lookup: createLookup(names.resolver),
      timeoutMs,
    });
    senders.push(sender);
    return sender;
  };
  const sendTo = (sender: WebhookSender, url: string) =>
    sender.send({ url, headers: {}, secrets: [newWebhookSecret()] }, { id: 'evt_1', body: '{}' });

  const expectRefusal = async (url: string, error: RegExp) => {
    for (const allowsLoopback of [false, true]) {
      const sender = createSender({ allowsLoopback });
      expect(await sender.check(url)).toMatch(/^(?:The |This )|is, or resolves to/);
      expect(await sendTo(sender, url)).toMatchObject({
        status_code: null,
        answer: null,
        error: expect.stringMatching(error),
      });
    }
    expect(connections).toBe(0);
  };

  it.each(HOSTILE_HOSTS)('is %s (%s), by its URL', async (_what, host) => {
    await expectRefusal(`https://${host}:${port}/`, /^(?:address|url)_refused$/);
  });

  it.each(HOSTILE_ANSWERS.map(([what], at) => [what, `answer${at}.test`]))(
    'is %s, by the answer of a name server for %s',
    async (_what, name) => {
      await expectRefusal(`https://${name}:${port}/`, /^address_refused$/);
    },
  );

  it.each(HOSTILE_TEXTS)('is behind a URL with %s', async (_what, urlFor) => {
    const sender = createSender();
    expect(await sender.check(urlFor(port))).not.toBeNull();
    expect((await sendTo(sender, urlFor(port))).error).toMatch(/^(?:address|url)_refused$/);
    expect(connections).toBe(0);
  });

  it.each(
    HOSTILE_HOSTS.filter(([, host]) => /^\[?(?:10\.|169\.254\.|192\.168|f[cde]|::ffff|64:)/.test(host)),
  )('is %s (%s) over http too, where loopback is allowed', async (_what, host) => {
    const sender = createSender({ allowsLoopback: true });
    expect(await sender.check(`http://${host}:${port}/`)).toMatch(/^Over http only a loopback address/);
    expect((await sendTo(sender, `http://${host}:${port}/`)).error).toBe('address_refused');
    expect(connections).toBe(0);
  });

  it('is a name that was public when the endpoint was made and is loopback when it is sent to', async () => {
    const url = `https://rebound.test:${port}/`;
    expect(await createSender().check(url)).toBeNull();
    expect((await sendTo(createSender(), url)).error).toBe('address_refused');
    expect(connections).toBe(0);
  });

  it('is no longer reached by a name that changes between the check and the connection', async () => {
    names.stop();
    names = await startNameServer({ 'rebound.test': [[PUBLIC_ADDRESS], ['::1', '127.0.0.1']] });
    const result = await sendTo(createSender({ timeoutMs: 500 }), `https://rebound.test:${port}/`);
    // It went to where the checked address is, and there is nobody.
    expect(result.error).toMatch(/^(?:unreachable|timeout|connection_refused)$/);
    expect(names.asked.get('rebound.test')).toBe(1);
    expect(connections).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])('is not reached by a redirect with %d', async (status) => {
    const outer = await startReceiver((response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${port}/` }).end(),
    );
    const result = await sendTo(createSender({ allowsLoopback: true }), `${outer.origin}/`);
    expect(result).toMatchObject({ status_code: status, error: `redirect ${status} not followed` });
    expect(connections).toBe(0);
    await outer.stop();
  });

  it('would have been seen: the same listener sees a request that may reach it', async () => {
    const result = await sendTo(createSender({ allowsLoopback: true }), `http://127.0.0.1:${port}/`);
    expect(result.error).toBe('connection_closed');
    expect(connections).toBe(1);
  });
});

describe('a sender that may reach loopback over http', () => {
  let receiver: WebhookReceiver;
  let names: NameServer;
  beforeAll(async () => {
    receiver = await startReceiver();
    names = await startNameServer({ 'hooks.test': ['127.0.0.1'], 'twice.test': ['127.0.0.2', '127.0.0.1'] });
  });
  afterAll(async () => {
    names.stop();
    await receiver.stop();
  });

  it.each([
    ['an address', '127.0.0.1'],
    ['localhost', 'localhost'],
    ['a name that resolves to it', 'hooks.test'],
    ['a name of two addresses of which one takes no connections', 'twice.test'],
  ])('reaches it by %s, on any port, and says the name to it', async (_what, host) => {
    const sender = createWebhookSender({
      allowsLoopback: true,
      extraPorts: [],
      userAgent: 'tests',
      lookup: createLookup(names.resolver),
    });
    const url = `http://${host}:${receiver.port}/hook?a=1`;
    expect(await sender.check(url)).toBeNull();
    const target = { url, headers: {}, secrets: [newWebhookSecret()] };
    expect(await sender.send(target, { id: 'evt_1', body: '{}' })).toMatchObject({
      status_code: 200,
      error: null,
    });
    expect(receiver.received.at(-1)).toMatchObject({
      path: '/hook?a=1',
      headers: { host: `${host}:${receiver.port}` },
    });
    await sender.close();
  });
});
