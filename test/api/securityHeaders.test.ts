import { createTestApi, type TestApi } from '../support/api';

/** On every answer, whatever it is. */
const EVERYWHERE = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-dns-prefetch-control': 'off',
  'x-permitted-cross-domain-policies': 'none',
};
const OF_DATA = { ...EVERYWHERE, 'cache-control': 'private, no-cache', vary: 'X-API-KEY, Accept' };

describe('the security headers', () => {
  let api: TestApi;
  let key: string;
  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey({ planId: 'business' })).secret;
    await api.saveJob({ id: '1880000000000000001' });
  });
  afterAll(() => api.drop());

  it.each([
    ['of jobs', '/jobs', 200],
    ['that is refused', '/jobs?limt=5', 400],
    ['that finds nothing', '/nothing', 404],
    ['without a key', '/livez', 200],
  ])('keep an answer %s out of shared caches, frames and scripts', async (_what, path, status) => {
    const { headers } = await api.get(path, key).expect(status);
    expect(headers).toMatchObject(OF_DATA);
    expect(headers['content-security-policy']).toMatch(/^default-src 'self';/);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'self'");
  });

  it('are on an export', async () => {
    const { headers } = await api.get('/jobs/export?format=csv', key).expect(200);
    expect(headers).toMatchObject(OF_DATA);
    expect(headers['content-disposition']).toMatch(/^attachment/);
  });

  it('let the pages under /docs run nothing but what this server gives them', async () => {
    const { headers } = await api.get('/docs').expect(200);
    expect(headers).toMatchObject(EVERYWHERE);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it('let the files of these pages be kept, for nobody is named in them', async () => {
    const { headers } = await api.get('/docs/assets/docs.css').expect(200);
    expect(headers).toMatchObject({ ...EVERYWHERE, 'cache-control': 'public, max-age=3600' });
  });

  it('neither name the framework nor promise HTTPS where there is none', async () => {
    for (const path of ['/jobs', '/docs', '/nothing']) {
      const { headers } = await api.get(path, key);
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['strict-transport-security']).toBeUndefined();
      expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    }
  });
});
