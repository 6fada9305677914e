import { gzipSync } from 'node:zlib';
import supertest from 'supertest';
import type { PushedBatch } from '../../db/pushedBatches';
import { canonicalRecord } from '../support/ingest';
import { createTestApi, NOW, type TestApi } from '../support/api';

describe('POST /ingest/jobs', () => {
  let api: TestApi;
  let token: { id: string; secret: string };
  beforeAll(async () => {
    api = await createTestApi();
    token = await api.issueToken();
  });
  afterAll(() => api.drop());

  const push = (body: object, { app = api.app, secret = token.secret } = {}) =>
    supertest(app).post('/ingest/jobs').set('Authorization', `Bearer ${secret}`).send(body);
  const rowsOf = async (table: string, batchId: string) =>
    api.db(table).where({ batch_id: batchId }).orderBy('row_number');

  it('answers for every posting, and keeps each as it came with its verdict', async () => {
    const postings = [canonicalRecord(), canonicalRecord({ id: '2013625432109875201', title: null }), 7];
    const { body, headers } = await push({ jobs: postings }).expect(202);
    expect(body).toMatchObject({
      success: true,
      count: 3,
      accepted: 1,
      rejected: 2,
      batch_id: expect.stringMatching(/^push-partner-2026-02-01-\d{5}$/),
      request_id: headers['x-request-id'],
      last_updated: NOW,
    });
    expect(body.data).toMatchObject([
      { index: 0, id: '2013625432109875200', outcome: 'accepted' },
      { index: 1, id: null, outcome: 'rejected', rules: ['title_missing'] },
      { index: 2, id: null, outcome: 'rejected', rules: ['row_malformed'] },
    ]);
    expect(body.data[1].findings).toContainEqual({
      rule: 'title_missing',
      field: 'title',
      message: expect.any(String),
      received: null,
    });

    expect(await rowsOf('raw_postings', body.batch_id)).toMatchObject([
      { payload: postings[0], broken: null },
      { payload: postings[1], broken: null },
      { payload: '7', broken: 'Posting 3: expected an object, found a number.' },
    ]);
    expect(await rowsOf('verified_postings', body.batch_id)).toMatchObject([
      { row_number: 1, mapping_name: 'canonical', observed_at: NOW },
    ]);
    expect(await rowsOf('posting_outcomes', body.batch_id)).toMatchObject([
      { row_number: 2, outcome: 'rejected', rules: ['title_missing'] },
      { row_number: 3, outcome: 'rejected', rules: ['row_malformed'] },
    ]);
    const [batch] = await api.db('batches').where({ id: body.batch_id });
    expect(batch).toMatchObject({ row_count: 3, verified_at: NOW, published_at: null, is_last: false });
  });

  it('takes a bare list, a token in X-API-KEY, and the route under /v1', async () => {
    const response = await supertest(api.app)
      .post('/v1/ingest/jobs')
      .set('X-API-KEY', token.secret)
      .send([canonicalRecord()])
      .expect(202);
    expect(response.body).toMatchObject({ accepted: 1, count: 1 });
  });

  it('takes a body packed with gzip', async () => {
    const response = await supertest(api.app)
      .post('/ingest/jobs')
      .set({
        Authorization: `bearer ${token.secret}`,
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Encoding': 'gzip',
      })
      .serialize((body: unknown) => body as string)
      .send(gzipSync(JSON.stringify([canonicalRecord({ title: 'Größe, 日本語' })])) as unknown as object)
      .expect(202);
    const [row] = await rowsOf('verified_postings', response.body.batch_id);
    expect(row.content).toMatchObject({ title: 'Größe, 日本語' });
  });

  it('accepts a posting of id, title and posting time alone, flagged with what it lacks', async () => {
    const { body } = await push([
      { id: '2013625432109875300', title: 'Bare', posted_on: '2026-01-31T09:00:00Z' },
    ]).expect(202);
    expect(body.data).toMatchObject([{ id: '2013625432109875300', outcome: 'accepted' }]);
    expect(body.data[0].rules).toContain('budget_missing');
  });

  it('reads a posting of a known other shape by the mapping of that shape', async () => {
    const item = {
      title: 'Fix a bicycle shop site - Upwork',
      link: 'https://www.upwork.com/jobs/Fix_~01abcdefabcdef0123?source=rss',
      description: 'A shop in Kiel.<br /><b>Posted On</b>: January 30, 2026 09:00 UTC<br />',
      pubDate: 'Fri, 30 Jan 2026 09:00:00 +0000',
    };
    const { body } = await push([item]).expect(202);
    expect(body).toMatchObject({ accepted: 1, data: [{ id: '~01abcdefabcdef0123' }] });
    expect(await rowsOf('verified_postings', body.batch_id)).toMatchObject([{ mapping_name: 'upwork-rss' }]);
  });

  it("reads everything by the source's own mapping where there is one", async () => {
    const { secret } = await api.issueToken({
      sourceId: 'own-shape',
      mapping: {
        name: 'own-shape',
        version: 1,
        match: { all: ['nr'] },
        fields: {
          uid: { from: 'nr' },
          title: { from: 'headline' },
          posted_on: { from: 'at' },
        },
      },
    });
    const own = { nr: '2013625432109875400', headline: 'Paint a fence', at: '2026-01-30T09:00:00Z' };
    const { body } = await push([own, canonicalRecord()], { secret }).expect(202);
    expect(body.data).toMatchObject([
      { id: own.nr, outcome: 'accepted' },
      { outcome: 'rejected', rules: ['mapping_mismatch'] },
    ]);
  });

  it('keeps what JSON can hold and Postgres texts cannot', async () => {
    const odd = {
      id: '2013625432109875500',
      title: 'Nul \u0000 and half a pair \ud83d',
      posted_on: '2026-01-31T09:00:00Z',
      budget: { fixed_amount: '\u0000 many \udc00' },
      ['__proto__']: { polluted: true },
      ['\u0000']: '\ud800',
    };
    const text = JSON.stringify([odd]);
    const { body } = await supertest(api.app)
      .post('/ingest/jobs')
      .set({ 'X-API-KEY': token.secret, 'Content-Type': 'application/json', 'Idempotency-Key': 'odd' })
      .send(text)
      .expect(202);
    expect(body).toMatchObject({ accepted: 1 });
  });

  it('refuses a posting that is nested without end, and takes the others', async () => {
    const depth = 50_000;
    const text = `[{"id": ${'['.repeat(depth)}${']'.repeat(depth)}}, ${JSON.stringify(canonicalRecord())}]`;
    const { body } = await supertest(api.app)
      .post('/ingest/jobs')
      .set({ 'X-API-KEY': token.secret, 'Content-Type': 'application/json' })
      .send(text)
      .expect(202);
    expect(body.data).toMatchObject([
      { outcome: 'rejected', rules: ['row_malformed'] },
      { outcome: 'accepted' },
    ]);
  });

  it('takes a thousand postings', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) =>
      canonicalRecord({ id: String(2_013_625_432_109_900_000n + BigInt(index)) }),
    );
    const { body } = await push({ jobs: many }).expect(202);
    expect(body).toMatchObject({ count: 1_000, accepted: 1_000 });
    expect(body.data[999]).toMatchObject({ index: 999, id: '2013625432109900999' });
  });

  it('counts the batches of a day on, whoever pushes at the same moment', async () => {
    const { secret } = await api.issueToken({ sourceId: 'busy' });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => push([canonicalRecord()], { secret }).expect(202)),
    );
    const ids = answers.map(({ body }) => body.batch_id as string).sort();
    expect(ids).toEqual(Array.from({ length: 8 }, (_, index) => `push-busy-2026-02-01-0000${index}`));
    expect(await api.db('ingest_runs').where({ source_id: 'busy' })).toHaveLength(1);
  });

  it('has the batch started once it is stored', async () => {
    const started: PushedBatch[] = [];
    const app = api.appWith({
      push: {
        ...pushServices(),
        startBatch: async (batch) => {
          expect(await api.db('batches').where({ id: batch.batchId })).toHaveLength(1);
          started.push(batch);
        },
      },
    });
    const { body } = await push([canonicalRecord()], { app }).expect(202);
    expect(started).toEqual([{ batchId: body.batch_id, sourceId: 'partner', rowCount: 1 }]);
  });

  it('answers 202 although the batch cannot be started: it is stored', async () => {
    const app = api.appWith({
      push: { ...pushServices(), startBatch: () => Promise.reject(new Error('Temporal is away.')) },
    });
    const { body } = await push([canonicalRecord()], { app }).expect(202);
    expect(await api.db('batches').where({ id: body.batch_id })).toHaveLength(1);
    expect(api.logged).toContainEqual(expect.objectContaining({ level: 40, batchId: body.batch_id }));
  });

  it('logs which token pushed', async () => {
    const { headers } = await push([canonicalRecord()]).expect(202);
    const line = api.logged.findLast(({ requestId }) => requestId === headers['x-request-id']);
    expect(line).toMatchObject({ route: '/ingest/jobs', method: 'POST', status: 202, keyId: token.id });
  });

  const pushServices = () => api.services.push;
});
