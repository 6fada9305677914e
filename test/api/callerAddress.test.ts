import express from 'express';
import supertest from 'supertest';
import { callerAddress, isAddressAllowed, isNetwork } from '../../api/callerAddress';

/** The address that the API takes a caller on this machine for. */
async function addressSeen(trustProxy: number | string[] | false, forwardedFor?: string): Promise<string> {
  const app = express();
  app.set('trust proxy', trustProxy);
  app.use((request, response) => void response.send(callerAddress(request)));
  const asked = supertest(app).get('/');
  return (await (forwardedFor === undefined ? asked : asked.set('X-Forwarded-For', forwardedFor))).text;
}

describe("the caller's address", () => {
  it('is that of the connection, as IPv4 also where the socket speaks IPv6', async () => {
    expect(await addressSeen(false)).toBe('127.0.0.1');
  });

  it('is not what a caller claims while no proxy is trusted', async () => {
    expect(await addressSeen(false, '203.0.113.7')).toBe('127.0.0.1');
  });

  it('is what the nearest trusted proxy saw, whatever the caller wrote before it', async () => {
    expect(await addressSeen(1, '10.0.0.1, 203.0.113.7')).toBe('203.0.113.7');
    expect(await addressSeen(2, '10.0.0.1, 203.0.113.7, 198.51.100.1')).toBe('203.0.113.7');
    expect(await addressSeen(['127.0.0.0/8', '198.51.100.0/24'], '203.0.113.7, 198.51.100.1')).toBe(
      '203.0.113.7',
    );
  });

  it('is not taken from a connection that is not one of the trusted networks', async () => {
    expect(await addressSeen(['198.51.100.0/24'], '203.0.113.7')).toBe('127.0.0.1');
  });

  it('has one spelling', async () => {
    expect(await addressSeen(1, '::ffff:203.0.113.7')).toBe('203.0.113.7');
    expect(await addressSeen(1, '::FFFF:cb00:7107')).toBe('203.0.113.7');
    expect(await addressSeen(1, '2001:0DB8:0000:0000:0000:0000:0000:0001')).toBe('2001:db8::1');
    expect(await addressSeen(1, 'fe80::1%eth0')).toBe('fe80::1');
  });

  it.each(['nonsense', '1.2.3.4:5678', "'; drop table accounts", '999.1.1.1', ''])(
    'is that of the connection when a proxy passes on %j',
    async (forwarded) => {
      expect(await addressSeen(1, forwarded)).toBe('127.0.0.1');
    },
  );
});

describe('a list of networks', () => {
  it.each([
    ['203.0.113.7', ['203.0.113.0/24']],
    ['203.0.113.7', ['198.51.100.0/24', '203.0.113.7']],
    ['203.0.113.7', ['203.0.113.7/32']],
    ['203.0.113.7', ['0.0.0.0/0']],
    ['203.0.113.7', ['::/0']],
    ['::ffff:203.0.113.7', ['203.0.113.0/24']],
    ['2001:db8::1', ['2001:db8::/32']],
    ['2001:db8::1', ['2001:DB8:0::0:1']],
  ])('lets %s in by %j', (address, networks) => {
    expect(isAddressAllowed(address, networks)).toBe(true);
  });

  it.each([
    ['203.0.114.7', ['203.0.113.0/24']],
    ['203.0.113.7', []],
    ['203.0.113.7', ['2001:db8::/32']],
    ['2001:db9::1', ['2001:db8::/32']],
    ['2001:db8::1', ['0.0.0.0/0']],
    ['203.0.113.7', ['203.0.113.0/33', 'nonsense']],
    ['nonsense', ['0.0.0.0/0', '::/0']],
  ])('keeps %s out by %j', (address, networks) => {
    expect(isAddressAllowed(address, networks)).toBe(false);
  });

  it.each(['203.0.113.7', '203.0.113.0/24', '0.0.0.0/0', '2001:db8::/32', '::1'])('may hold %s', (text) => {
    expect(isNetwork(text)).toBe(true);
  });

  it.each([
    '',
    '203.0.113',
    '203.0.113.0/',
    '203.0.113.0/33',
    '203.0.113.0/-1',
    '2001:db8::/129',
    '10/8',
    'fe80::1%eth0',
    '1.1.1.1/8/8',
  ])('cannot hold %j', (text) => {
    expect(isNetwork(text)).toBe(false);
  });
});
