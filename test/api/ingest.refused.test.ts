import { gzipSync } from 'node:zlib';
import supertest, { type Response } from 'supertest';
import { canonicalRecord } from '../support/ingest';
import { createTestApi, NOW, type TestApi } from '../support/api';

const MIB = 1_024 * 1_024;

describe('POST /ingest/jobs refuses', () => {
  let api: TestApi;
  let token: string;
  beforeAll(async () => {
    api = await createTestApi();
    token = (await api.issueToken()).secret;
  });
  afterEach(async () => {
    expect(await api.db('batches')).toEqual([]);
  });
  afterAll(() => api.drop());

  type Headers = Partial<
    Record<'Authorization' | 'X-API-KEY' | 'Content-Type' | 'Content-Encoding' | 'Idempotency-Key', string>
  >;
  const post = (headers: Headers, body: string | Buffer = '[]') =>
    supertest(api.app)
      .post('/ingest/jobs')
      .set({ 'Content-Type': 'application/json', ...headers })
      .serialize((given: unknown) => given as string)
      .send(body as string);
  const push = (body: string | Buffer, headers: Headers = {}) =>
    post({ Authorization: `Bearer ${token}`, ...headers }, body);
  const expectFailure = ({ status, body }: Response, expected: number, code: string) => {
    expect({ status, code: body.code }).toEqual({ status: expected, code });
    expect(body).toMatchObject({ success: false, data: [], count: 0, message: expect.any(String) });
  };

  describe('with 401', () => {
    it('a call without a token, before it reads the body', async () => {
      expectFailure(await post({}, 'x'.repeat(6 * MIB)), 401, 'missing_api_key');
      expectFailure(await post({ 'X-API-KEY': '' }), 401, 'missing_api_key');
    });

    it('what is no token, or none that was issued', async () => {
      const key = await api.issueKey();
      const other = await api.issueToken({ sourceId: 'other' });
      await api.db('source_tokens').where({ id: other.id }).delete();
      for (const headers of [
        { Authorization: 'Basic dXNlcjpwYXNzd29yZA==' },
        { Authorization: 'Bearer' },
        { Authorization: `Bearer ${token.slice(0, -1)}` },
        { Authorization: `Bearer ${token} ${token}` },
        { 'X-API-KEY': key.secret },
        { Authorization: `Bearer ${other.secret}` },
        // The one in Authorization counts.
        { Authorization: `Bearer ${other.secret}`, 'X-API-KEY': token },
      ]) {
        expectFailure(await post(headers), 401, 'invalid_api_key');
      }
    });

    it('a token that was revoked in favour of a newer one', async () => {
      const older = await api.issueToken({ sourceId: 'rotated' });
      const kept = await api.issueToken({ sourceId: 'rotated' });
      expectFailure(await post({ 'X-API-KEY': kept.secret }), 400, 'invalid_parameter');
      const newer = await api.issueToken({ sourceId: 'rotated', revokeOthers: true });
      expectFailure(await post({ 'X-API-KEY': older.secret }), 401, 'revoked_api_key');
      expectFailure(await post({ 'X-API-KEY': kept.secret }), 401, 'revoked_api_key');
      expectFailure(await post({ 'X-API-KEY': newer.secret }), 400, 'invalid_parameter');
    });

    it('the token of a source that was removed', async () => {
      const { secret } = await api.issueToken({ sourceId: 'removed' });
      await api.db('sources').where({ id: 'removed' }).update({ removed_at: NOW });
      expectFailure(await post({ 'X-API-KEY': secret }), 401, 'invalid_api_key');
    });

    it('a source token where an API key belongs', async () => {
      expectFailure(await api.get('/jobs', token), 401, 'invalid_api_key');
    });
  });

  describe('with 400', () => {
    it.each([
      '',
      '{"jobs": [',
      '"jobs"',
      '[]',
      '{}',
      '{"jobs": {}}',
      '{"jobs": []}',
      '{"jobs": [{}], "job": 1}',
    ])('the body %j', async (body) => expectFailure(await push(body), 400, 'invalid_parameter'));

    it('a member that it does not know, by name', async () => {
      const { body } = await push('{"job": [{}], "source": "x"}');
      expect(body.errors.map(({ parameter }: { parameter: string }) => parameter)).toEqual([
        'jobs',
        'job',
        'source',
      ]);
    });

    it('parameters in the address', async () => {
      const response = await supertest(api.app)
        .post('/ingest/jobs?source=x')
        .set('X-API-KEY', token)
        .send([canonicalRecord()]);
      expectFailure(response, 400, 'invalid_parameter');
    });

    it.each(['', 'x'.repeat(256), 'schlüssel'])('the Idempotency-Key %j', async (key) => {
      const body = JSON.stringify([canonicalRecord()]);
      const headers = { 'Idempotency-Key': Buffer.from(key, 'utf8').toString('latin1') };
      expectFailure(await push(body, headers), 400, 'invalid_parameter');
    });
  });

  it('with 405 any other method', async () => {
    const response = await supertest(api.app).get('/ingest/jobs').set('X-API-KEY', token);
    expectFailure(response, 405, 'method_not_allowed');
    expect(response.headers['allow']).toBe('POST');
  });

  describe('with 413', () => {
    it('more than a thousand postings', async () => {
      const response = await push(JSON.stringify(Array.from({ length: 1_001 }, () => ({ title: 'x' }))));
      expectFailure(response, 413, 'payload_too_large');
      expect(response.body.message).toContain('1001');
    });

    it('more than 5 MiB', async () => {
      expectFailure(await push(`[{"title":"${'x'.repeat(5 * MIB)}"}]`), 413, 'payload_too_large');
    });

    it('what is small only as long as it is packed', async () => {
      const packed = gzipSync(`[{"title":"${'x'.repeat(5 * MIB)}"}]`);
      expect(packed.length).toBeLessThan(100_000);
      expectFailure(await push(packed, { 'Content-Encoding': 'gzip' }), 413, 'payload_too_large');
    });
  });

  it('with 415 what is no JSON, is packed in another way or in another character set', async () => {
    for (const headers of [
      { 'Content-Type': 'text/csv' },
      { 'Content-Type': 'application/x-ndjson' },
      { 'Content-Encoding': 'zip' },
      { 'Content-Type': 'application/json; charset=klingon' },
    ]) {
      expectFailure(await push('[{"title": "x"}]', headers), 415, 'unsupported_media_type');
    }
  });

  it('with 400 what says that it is packed and is not', async () => {
    expectFailure(await push('[{"title": "x"}]', { 'Content-Encoding': 'gzip' }), 400, 'invalid_parameter');
  });

  it('with 503 and Retry-After while the source is paused', async () => {
    const { secret } = await api.issueToken({ sourceId: 'paused' });
    await api.db('sources').where({ id: 'paused' }).update({ paused: true });
    const response = await post({ 'X-API-KEY': secret }, JSON.stringify([canonicalRecord()]));
    expectFailure(response, 503, 'unavailable');
    expect(response.headers['retry-after']).toBe('300');
  });
});

describe('a source of which much is not published yet', () => {
  let api: TestApi;
  beforeAll(async () => (api = await createTestApi()));
  afterAll(() => api.drop());

  it('is told to come back later, until it is; others are not kept waiting', async () => {
    const app = api.appWith({ push: { ...api.services.push, backlogLimit: 2 } });
    const { secret } = await api.issueToken();
    const push = (key: string, headers = {}) =>
      supertest(app)
        .post('/ingest/jobs')
        .set({ 'X-API-KEY': key, ...headers })
        .send([canonicalRecord()]);
    for (let batch = 0; batch < 3; batch += 1) {
      await push(secret, { 'Idempotency-Key': String(batch) }).expect(202);
    }

    const refused = await push(secret);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ success: false, code: 'rate_limited', retry_after: 10 });
    expect(refused.headers['retry-after']).toBe('10');
    // What is answered already costs nothing.
    await push(secret, { 'Idempotency-Key': '0' }).expect(202).expect('Idempotent-Replayed', 'true');
    await push((await api.issueToken({ sourceId: 'other' })).secret).expect(202);

    await api.db('batches').where({ source_id: 'partner', sequence: 0 }).update({ published_at: NOW });
    await push(secret).expect(202);
  });
});
