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

  it('tells a caller without a key nothing of the faults of the request', async () => {
    expect(await refusalOf('/jobs?nonsense=1')).toMatchObject({ code: 'missing_api_key' });
  });
});
