import { loadConfig } from '../../bin/config';

const TLS = { TLS_CERT: '/tls/cert.pem', TLS_KEY: '/tls/key.pem' };

const transportOf = (environment: NodeJS.ProcessEnv) => loadConfig(environment).transport;

describe('the settings of transport', () => {
  it('are plain HTTP past no proxy, from no other website, unless given', () => {
    const { tls, transport } = loadConfig({});
    expect(tls).toBeUndefined();
    expect(transport).toEqual({ trustProxy: undefined, httpsRequired: false, corsOrigins: undefined });
  });

  it('want HTTPS as soon as there is a certificate', () => {
    const { tls, transport } = loadConfig({ ...TLS, PUBLIC_URL: 'https://api.example.com' });
    expect(tls).toEqual({ certPath: '/tls/cert.pem', keyPath: '/tls/key.pem' });
    expect(transport.httpsRequired).toBe(true);
  });

  it.each([
    ['TLS_KEY', { TLS_CERT: '/tls/cert.pem' }],
    ['TLS_CERT', { TLS_KEY: '/tls/key.pem', TLS_CERT: '' }],
  ])('name %s where only the other one is set', (missing, environment) => {
    expect(() => loadConfig(environment)).toThrow(`${missing} is not set`);
  });

  it.each([undefined, 'http://api.example.com'])(
    'want an address of HTTPS to probe, not %s',
    (PUBLIC_URL) => {
      expect(() => loadConfig({ ...TLS, PUBLIC_URL })).toThrow(/PUBLIC_URL/);
    },
  );

  it.each([
    ['1', 1],
    ['10.0.0.0/8, 2001:db8::/32', ['10.0.0.0/8', '2001:db8::/32']],
    ['loopback,192.0.2.1', ['loopback', '192.0.2.1']],
  ])('trust the proxies of %j', (TRUST_PROXY, trustProxy) => {
    expect(transportOf({ TRUST_PROXY })).toMatchObject({ trustProxy });
  });

  it.each(['true', '0', '11', 'all', '10.0.0.0/40', 'proxy.example.com', '10.0.0.0/8,'])(
    'do not trust the proxies of %j',
    (TRUST_PROXY) => {
      expect(() => loadConfig({ TRUST_PROXY })).toThrow(/TRUST_PROXY: must be/);
    },
  );

  it('refuse to require HTTPS that nobody could speak', () => {
    expect(() => loadConfig({ HTTPS_REQUIRED: 'true' })).toThrow(/HTTPS_REQUIRED.*TRUST_PROXY/);
    expect(transportOf({ HTTPS_REQUIRED: 'true', TRUST_PROXY: '1' })).toMatchObject({ httpsRequired: true });
  });

  it.each([
    ['https://app.example.com', ['https://app.example.com']],
    ['https://a.example.com, http://localhost:5173', ['https://a.example.com', 'http://localhost:5173']],
    ['*', ['*']],
  ])('let in pages of %s', (CORS_ORIGINS, corsOrigins) => {
    expect(transportOf({ CORS_ORIGINS })).toMatchObject({ corsOrigins });
  });

  it.each(['app.example.com', 'https://app.example.com/', 'https://a.example.com,*', 'null', 'file:///page'])(
    'let in no pages of %j',
    (CORS_ORIGINS) => {
      expect(() => loadConfig({ CORS_ORIGINS })).toThrow(/CORS_ORIGINS: must be origins/);
    },
  );
});
