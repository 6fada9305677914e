import supertest from 'supertest';
import { createTestApi, type TestApi } from '../support/api';

describe('the pages under /docs', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.drop());

  it.each(['/docs', '/v1/docs'])('%s asks for no key and loads from this server alone', async (path) => {
    const { text, headers } = await api.get(path).expect(200).expect('Content-Type', /html/);
    const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
    expect(loaded.length).toBeGreaterThan(8);
    for (const address of loaded) {
      expect(address).toMatch(/^\//);
      await api.get(address).expect(200);
    }
    expect(loaded).toContain(path.replace('docs', 'openapi.json'));
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
  });

  it('tells where the key is on the local stack, and there alone', async () => {
    const elsewhere = await api.get('/docs');
    const local = await supertest(api.appWith({ samplesForLiveKeys: true })).get('/docs');
    expect(local.text).toContain('npm start');
    expect(elsewhere.text).not.toContain('npm start');
  });

  it.each([
    ['getting-started', 'Getting started'],
    ['filtering', 'Searching and filtering'],
    ['saved-searches', 'Saved searches'],
    ['export', 'Exporting'],
    ['keys', 'Keys'],
    ['webhooks', 'Webhooks'],
    ['errors', 'Errors'],
    ['limits', 'Limits'],
  ])('shows the guide %s, whose links lead somewhere', async (name, title) => {
    const { text } = await api.get(`/docs/${name}`).expect(200).expect('Content-Type', /html/);
    expect(text).toContain(`<h1>${title}</h1>`);
    const inGuide = text.slice(text.indexOf('<main'));
    for (const [, address = ''] of inGuide.matchAll(/href="([^"#]+)/g)) {
      const { pathname } = new URL(address, `http://localhost/docs/${name}`);
      expect([address, (await api.get(pathname)).status]).toEqual([address, 200]);
    }
  });

  it('packs what it serves for who unpacks it', async () => {
    const ask = (encoding: string) => api.get('/docs/assets/docs.css').set('Accept-Encoding', encoding);
    const packed = await ask('gzip').expect('Content-Encoding', 'gzip');
    const plain = await ask('identity');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.text).toBe(plain.text);
    expect(Number(packed.headers['content-length'])).toBeLessThan(plain.text.length / 2);
  });

  it.each(['/docs/assets/..%2Fpages.ts', '/docs/assets/nothing.js', '/docs/architecture', '/docs/toString'])(
    'has nothing at %s',
    async (path) => {
      const { body } = await api.get(path).expect(404);
      expect(body).toMatchObject({ success: false, code: 'not_found' });
    },
  );

  it('refuses methods that change things, and names those it answers', async () => {
    const { body } = await supertest(api.app).post('/docs').expect(405).expect('Allow', 'GET, HEAD');
    expect(body).toMatchObject({ success: false, code: 'method_not_allowed' });
  });
});
