import { formatApiKey } from '../../domain/apiKey';
import { createTestApi, NOW, type TestApi } from '../support/api';

const PROTECTED = ['/jobs', '/v1/jobs', '/jobs/1', '/health', '/v1/health'];

describe('requests without a good key', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.drop());

  const refusalOf = async (path: string, secret?: string) => {
    const response = await api.get(path, secret).expect(401);
    expect(response.body).toEqual({
      success: false,
      message: expect.any(String),
      code: expect.any(String),
      data: [],
      count: 0,
      errors: [],
      last_updated: NOW,
      request_id: response.headers['x-request-id'],
    });
    return response.body as { code: string; message: string };
  };

  it.each(PROTECTED)('asks for a key at %s', async (path) => {
    const refusal = { code: 'missing_api_key', message: 'X-API-KEY header is required' };
    expect(await refusalOf(path)).toMatchObject(refusal);
    expect(await refusalOf(path, '')).toMatchObject(refusal);
  });

  it.each([
    ['no key at all', 'secret'],
    ['a key with a typo', formatApiKey('live', 'a'.repeat(32)).replace('aaa', 'aba')],
    ['a well-formed key that was never issued', formatApiKey('live', 'a'.repeat(32))],
    ['a text longer than any key', 'k'.repeat(5_000)],
  ])('refuses %s', async (_what, secret) => {
    expect(await refusalOf('/jobs', secret)).toMatchObject({
      code: 'invalid_api_key',
      message: 'Invalid or missing X-API-KEY header',
    });
  });

  it.each(['"%"', "'%'", 'Bearer %', '% %'])(
    'says so when the header holds spaces or quotes: %s',
    async (form) => {
      const { secret } = await api.issueKey();
      expect(await refusalOf('/jobs', form.replaceAll('%', secret))).toMatchObject({
        code: 'invalid_api_key',
        message: expect.stringContaining('spaces or quotes'),
      });
    },
  );

  it('refuses a key from the second at which it expires', async () => {
    const past = await api.issueKey({ expiresAt: NOW });
    const future = await api.issueKey({ expiresAt: '2026-02-01T12:00:01.000Z' });
    expect(await refusalOf('/jobs', past.secret)).toMatchObject({ code: 'expired_api_key' });
    await api.get('/jobs', future.secret).expect(200);
  });

  it('refuses a revoked key', async () => {
    const { id, secret } = await api.issueKey();
    await api.db('api_keys').where({ id }).update({ revoked_at: NOW });
    expect(await refusalOf('/jobs', secret)).toMatchObject({ code: 'revoked_api_key' });
  });

  it('looks nothing up for a key with a typo, whichever character it is in', async () => {
    const { secret } = await api.issueKey();
    let statements = 0;
    const count = () => (statements += 1);
    api.db.on('query', count);
    for (let place = 8; place < secret.length; place += 1) {
      const other = secret[place] === 'a' ? 'b' : 'a';
      await refusalOf('/jobs', secret.slice(0, place) + other + secret.slice(place + 1));
    }
    expect(statements).toBe(0);
    await api.get('/health', secret).expect(200);
    api.db.removeListener('query', count);
    expect(statements).toBeGreaterThan(0);
  });

  it('takes as long over a key that is nearly right as over one that has nothing of any', async () => {
    const { secret } = await api.issueKey();
    const body = secret.slice(8, 40);
    const near = formatApiKey('live', body.slice(0, 31) + (body.endsWith('a') ? 'b' : 'a'));
    const far = formatApiKey('live', Array.from(body).reverse().join(''));
    const times = new Map<string, number[]>([
      [near, []],
      [far, []],
    ]);
    for (let round = 0; round < 200; round += 1) {
      for (const [key, taken] of times) {
        const startedAt = performance.now();
        await api.get('/health', key).expect(401);
        taken.push(performance.now() - startedAt);
      }
    }
    const [ofNear, ofFar] = [...times.values()].map((taken) => taken.sort((a, b) => a - b)[100]!);
    expect(ofNear! / ofFar!).toBeGreaterThan(0.75);
    expect(ofNear! / ofFar!).toBeLessThan(1.33);
  });

  it('refuses a key from an address that is not on its list, and tells which address that is', async () => {
    const elsewhere = await api.issueKey({ allowedIps: ['203.0.113.0/24', '2001:db8::/32'] });
    expect(await refusalOf('/jobs', elsewhere.secret)).toMatchObject({
      code: 'invalid_api_key',
      message: expect.stringMatching(/127\.0\.0\.1.*allowed_ips/),
    });
    const here = await api.issueKey({ allowedIps: ['203.0.113.0/24', '127.0.0.0/30'] });
    await api.get('/jobs', here.secret).expect(200);
  });

  it('believes no header about the address of the caller', async () => {
    const { secret } = await api.issueKey({ allowedIps: ['203.0.113.7'] });
    const response = await api.get('/jobs', secret).set('X-Forwarded-For', '203.0.113.7').expect(401);
    expect(response.body).toMatchObject({ code: 'invalid_api_key' });
  });

  it('refuses a revoked key whatever its own clock says', async () => {
    const { id, secret } = await api.issueKey();
    await api.db('api_keys').where({ id }).update({ revoked_at: '2026-02-01T12:00:01.000Z' });
    expect(await refusalOf('/jobs', secret)).toMatchObject({ code: 'revoked_api_key' });
  });

  it('tells a caller without a key nothing of the faults of the request', async () => {
    expect(await refusalOf('/jobs?nonsense=1')).toMatchObject({ code: 'missing_api_key' });
  });
});
