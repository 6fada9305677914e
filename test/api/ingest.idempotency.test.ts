import { gzipSync } from 'node:zlib';
import supertest from 'supertest';
import { claimIdempotencyKey } from '../../db/idempotencyKeys';
import { addMillis, DAY_MS } from '../../domain/time';
import { canonicalRecord } from '../support/ingest';
import { createTestApi, NOW, type TestApi } from '../support/api';

describe('Idempotency-Key on POST /ingest/jobs', () => {
  let api: TestApi;
  let token: { id: string; secret: string };
  let sources = 0;
  beforeAll(async () => {
    api = await createTestApi();
  });
  beforeEach(async () => {
    sources += 1;
    token = await api.issueToken({ sourceId: sourceId() });
  });
  afterAll(() => api.drop());

  /** Of this test alone. */
  const sourceId = () => `partner-${sources}`;

  const push = (
    key: string,
    body: object = [canonicalRecord()],
    { app = api.app, secret = token.secret } = {},
  ) => supertest(app).post('/ingest/jobs').set({ 'X-API-KEY': secret, 'Idempotency-Key': key }).send(body);
  const countBatches = async () => (await api.db('batches').where({ source_id: sourceId() })).length;

  it('gives the same answer again to the same request, and stores it once', async () => {
    const body = [canonicalRecord(), { title: null, id: '\u0000' }];
    const first = await push('order 66', body).expect(202);
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
    const second = await push('order 66', body).expect(202);
    expect(second.headers['idempotent-replayed']).toBe('true');
    const { request_id, ...answer } = second.body;
    const { request_id: firstId, ...firstAnswer } = first.body;
    expect(answer).toEqual(firstAnswer);
    expect(request_id).not.toBe(firstId);
    expect(await countBatches()).toBe(1);
  });

  it('takes the packed form of a body for the same', async () => {
    const text = JSON.stringify([canonicalRecord()]);
    await push('packed').expect(202);
    await supertest(api.app)
      .post('/ingest/jobs')
      .set({
        'X-API-KEY': token.secret,
        'Idempotency-Key': 'packed',
        'Content-Type': 'application/json',
        'Content-Encoding': 'gzip',
      })
      .serialize((given: unknown) => given as string)
      .send(gzipSync(text) as unknown as object)
      .expect(202)
      .expect('Idempotent-Replayed', 'true');
  });

  it('refuses the key with another body', async () => {
    await push('one').expect(202);
    const response = await push('one', [canonicalRecord({ title: 'Another' })]);
    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({ code: 'idempotency_conflict' });
    expect(await countBatches()).toBe(1);
  });

  it('keeps the keys of different tokens apart', async () => {
    const other = await api.issueToken({ sourceId: 'other' });
    await push('one').expect(202);
    const { headers } = await push('one', [canonicalRecord()], { secret: other.secret }).expect(202);
    expect(headers).not.toHaveProperty('idempotent-replayed');
    expect(await countBatches()).toBe(1);
  });

  it('answers 409 while the request is under way', async () => {
    const request = { owner: token.id, key: 'slow', hash: Buffer.alloc(32) };
    await api.db.transaction(async (transaction) => {
      await claimIdempotencyKey(transaction, request);
      const response = await push('slow');
      expect(response.status).toBe(409);
      expect(response.body).toMatchObject({ code: 'conflict' });
      await push('fast').expect(202);
    });
    await push('slow').expect(202);
  });

  it('does it once when the request comes many times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => push('many')));
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(202);
    expect(statuses.every((status) => status === 202 || status === 409)).toBe(true);
    expect(await countBatches()).toBe(1);
  });

  it('remembers nothing of a request that came to nothing', async () => {
    await push('later', []).expect(400);
    const failing = api.appWith({
      push: {
        ...api.services.push,
        createReader: (context) => {
          const read = api.services.push.createReader(context);
          return (value, rowNumber) => ({ ...read(value, rowNumber), payload: 'no JSON' });
        },
      },
    });
    await push('later', [canonicalRecord()], { app: failing }).expect(500);
    expect(await countBatches()).toBe(0);
    await push('later')
      .expect(202)
      .expect(({ headers }) => {
        expect(headers).not.toHaveProperty('idempotent-replayed');
      });
  });

  it('forgets after a day, and takes the key for a new request', async () => {
    await push('daily').expect(202);
    await push('other').expect(202);
    const nextDay = api.appWith({ now: () => addMillis(NOW, DAY_MS + 1) });
    const { headers } = await push('daily', [canonicalRecord({ title: 'Another' })], { app: nextDay }).expect(
      202,
    );
    expect(headers).not.toHaveProperty('idempotent-replayed');
    expect(await api.db('idempotency_keys').where({ owner: token.id })).toMatchObject([{ key: 'daily' }]);
    expect(await countBatches()).toBe(3);
  });
});
