import type { ServerResponse } from 'node:http';
import type { Db } from '../../db/connection';
import type { ReadScope } from '../../domain/readScope';
import { addMillis, DAY_MS } from '../../domain/time';
import { toDocument } from '../../search/meilisearch/document';
import { rebuild, type SearchRequest, type SearchResult } from '../../search/searchIndex';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { storeJobs } from '../support/jobs';
import { createTestMeilisearch, describeWithMeilisearch, type TestMeilisearch } from '../support/meilisearch';
import {
  json,
  type ScriptedAnswer,
  type ScriptedServer,
  startScriptedServer,
} from '../support/scriptedServer';
import { CONTRACT_JOBS, NOW } from './contract/jobs';

const SCOPE: ReadScope = { postedSince: addMillis(NOW, -30 * DAY_MS), samples: 'hidden' };
const REQUEST: SearchRequest = {
  filter: { jobTypes: [1] },
  sort: 'posted_on_desc',
  scope: SCOPE,
  limit: 10,
  start: { offset: 0 },
};
/** Of the request, by whatever engine. */
const TOTAL = 4;
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1';
const LONG_REST_MS = 5_000;
/** The deadline of a search in Meilisearch, and what Postgres and a busy machine take besides. */
const ANSWERED_WITHIN_MS = 1_000;

const SEALED = { hits: [{ sort_key: 'seal' }], estimatedTotalHits: 1 };
const UNSEALED = { hits: [], estimatedTotalHits: 0 };
const found = (hits: object[]) => ({ hits, estimatedTotalHits: hits.length });
/** One job, as Meilisearch would tell of it. */
const HITS = CONTRACT_JOBS.filter(({ id }) => id === 'csharp').map(toDocument);
const HEALTHY = json({ results: [found(HITS), SEALED] });
const HEALTHY_PROBE = json({ results: [SEALED] });

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  await storeJobs(db, CONTRACT_JOBS);
});
afterAll(() => database.drop());

describe('while Meilisearch is down', () => {
  let servers: ScriptedServer[] = [];

  afterEach(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    servers = [];
  });

  /** An index at a server that answers searches so, one after another. */
  async function over(
    answers: Parameters<typeof startScriptedServer>[0][string],
  ): Promise<TestMeilisearch & { asked: () => number }> {
    const server = await startScriptedServer({ '/multi-search': answers });
    servers.push(server);
    const test = createTestMeilisearch(db, { now: () => NOW, url: server.origin });
    return { ...test, asked: () => server.requests.length };
  }

  async function timed(search: () => Promise<SearchResult>): Promise<{ result: SearchResult; ms: number }> {
    const startedAt = performance.now();
    const result = await search();
    return { result, ms: performance.now() - startedAt };
  }

  const hang = () => undefined;
  const later = (ms: number) => (_request: unknown, response: ServerResponse) => {
    setTimeout(() => response.end(HEALTHY.body), ms).unref();
  };
  const breakOff = (_request: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"results":[');
    response.socket?.destroy();
  };
  const trickle = (_request: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"results":[');
  };
  const refusal = (status: number, code: string): ScriptedAnswer => ({
    status,
    body: JSON.stringify({ message: 'no', code, type: 'x', link: '' }),
  });
  const withHit = (hit: object) => json({ results: [found([hit]), SEALED] });

  it.each([
    ['accepts and never answers', hang, 'timeout'],
    ['answers after three seconds', later(3_000), 'timeout'],
    ['begins an answer and never ends it', trickle, 'timeout'],
    ['breaks off in the middle of an answer', breakOff, 'unreachable'],
    ['answers 500', refusal(500, 'internal'), 'server_error'],
    ['answers 503 with a page of HTML', { status: 503, body: '<html>Busy</html>' }, 'nonsense'],
    ['answers 503 with nothing', { status: 503 }, 'server_error'],
    ['takes no more searches', refusal(503, 'too_many_search_requests'), 'server_error'],
    ['does not know our key', refusal(403, 'invalid_api_key'), 'unauthorized'],
    ['answers 200 with a page of HTML', { body: '<html>Welcome</html>' }, 'nonsense'],
    ['answers 200 with nothing', { body: '' }, 'nonsense'],
    ['answers with JSON that is cut short', { body: '{"results":[{"hits":' }, 'nonsense'],
    ['is another program that answers with JSON', json({ status: 'ok' }), 'nonsense'],
    ['is another program that knows no such address', { status: 404, body: '{"error":"x"}' }, 'nonsense'],
    ['leaves an answer out', json({ results: [SEALED] }), 'nonsense'],
    ['gives hits without what we index', withHit({ id: 1, title: 'A film' }), 'nonsense'],
    ['gives a time that is none', withHit({ ...HITS[0], posted_on: 1e300 }), 'nonsense'],
    ['gives no total', json({ results: [{ hits: HITS }, SEALED] }), 'nonsense'],
    ['gives jobs that Postgres has never had', withHit({ ...HITS[0], sort_key: 'kstranger' }), 'nonsense'],
    ['has no index', refusal(400, 'index_not_found'), 'index_missing'],
    ['has an index that was emptied', json({ results: [found([]), UNSEALED] }), 'index_incomplete'],
    [
      'has an index that was emptied and is being filled',
      json({ results: [found(HITS), UNSEALED] }),
      'index_incomplete',
    ],
  ] as const)(
    'and %s, Postgres answers within a second, and at once from then on',
    async (_how, answer, reason) => {
      const { index, fallbacks, circuit, asked } = await over(answer);
      const first = await timed(() => index.search(REQUEST));
      expect(first.result).toMatchObject({ engine: 'postgres', total: TOTAL, nextCursor: null });
      expect(first.result.jobs).toHaveLength(TOTAL);
      expect(first.ms).toBeLessThan(ANSWERED_WITHIN_MS);
      expect(fallbacks).toEqual([reason]);
      expect(circuit()).toBe('open');

      expect(await index.search(REQUEST)).toMatchObject({ engine: 'postgres', total: TOTAL });
      expect(fallbacks).toEqual([reason, 'circuit_open']);
      expect(asked()).toBe(1);
    },
  );

  it('and refuses connections, Postgres answers, and says so', async () => {
    const { index, fallbacks, circuit } = createTestMeilisearch(db, { now: () => NOW, url: NOWHERE });
    const { result, ms } = await timed(() => index.search(REQUEST));
    expect(result).toMatchObject({ engine: 'postgres', total: TOTAL });
    expect(ms).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(fallbacks).toEqual(['unreachable']);
    expect(circuit()).toBe('open');
  });

  it('it is asked again by itself, while callers go on being answered, and serves once it is back', async () => {
    const down = { status: 500 };
    const { index, circuit, rest, asked } = await over([down, down, hang, HEALTHY_PROBE, HEALTHY]);
    await index.search(REQUEST);
    await rest(250);
    expect({ circuit: circuit(), asked: asked() }).toEqual({ circuit: 'open', asked: 2 });
    const probing = rest(500);
    // It hangs; nobody waits with it.
    expect((await timed(() => index.search(REQUEST))).result.engine).toBe('postgres');
    await probing;
    expect({ circuit: circuit(), asked: asked() }).toEqual({ circuit: 'open', asked: 3 });
    await rest(1_000);
    expect({ circuit: circuit(), asked: asked() }).toEqual({ circuit: 'closed', asked: 4 });
    const served = await index.search(REQUEST);
    expect(served).toMatchObject({ engine: 'meilisearch', total: 1 });
    expect(served.jobs.map(({ id }) => id)).toEqual(['csharp']);
  });

  it('it is asked at least every five seconds however long it was away', async () => {
    const { index, rest, asked } = await over({ status: 500 });
    await index.search(REQUEST);
    await rest(60_000);
    const before = asked();
    await rest(LONG_REST_MS);
    expect(asked()).toBe(before + 1);
  });

  it('it is left alone for longer each time when it answers probes and no searches', async () => {
    const down = { status: 500 };
    const { index, circuit, rest } = await over([down, HEALTHY_PROBE, down, HEALTHY_PROBE, HEALTHY, down]);
    await index.search(REQUEST);
    await rest(250);
    expect(circuit()).toBe('closed');
    await index.search(REQUEST);
    await rest(499);
    expect(circuit()).toBe('open');
    await rest(1);
    expect(circuit()).toBe('closed');
    // A search that it answers makes up for all.
    expect((await index.search(REQUEST)).engine).toBe('meilisearch');
    await index.search(REQUEST);
    expect(circuit()).toBe('open');
  });

  it('searches that were under way when it failed open the circuit once', async () => {
    const { index, fallbacks, circuit, rest, asked } = await over([hang, hang, hang, HEALTHY_PROBE]);
    const results = await Promise.all([index.search(REQUEST), index.search(REQUEST), index.search(REQUEST)]);
    expect(results.map(({ engine }) => engine)).toEqual(['postgres', 'postgres', 'postgres']);
    expect(fallbacks).toEqual(['timeout', 'timeout', 'timeout']);
    await rest(250);
    expect({ circuit: circuit(), asked: asked() }).toEqual({ circuit: 'closed', asked: 4 });
  });

  it('no more than two hundred searches wait for it at once', async () => {
    const { index, fallbacks } = await over(hang);
    const searches = Array.from({ length: 205 }, () => index.search({ ...REQUEST, limit: 0 }));
    const engines = new Set((await Promise.all(searches)).map(({ engine }) => engine));
    expect([...engines]).toEqual(['postgres']);
    expect(fallbacks.filter((reason) => reason === 'too_many_under_way')).toHaveLength(5);
    expect(fallbacks.filter((reason) => reason === 'timeout')).toHaveLength(200);
  });

  it('a search that it refuses is answered by Postgres, and the next is its own again', async () => {
    const { index, fallbacks, circuit } = await over([refusal(400, 'invalid_search_filter'), HEALTHY]);
    expect(await index.search(REQUEST)).toMatchObject({ engine: 'postgres', total: TOTAL });
    expect(fallbacks).toEqual(['call_refused']);
    expect(circuit()).toBe('closed');
    expect(await index.search(REQUEST)).toMatchObject({ engine: 'meilisearch' });
  });

  it('a wrong cursor is still the fault of the caller, and says nothing about the engine', async () => {
    const { index, circuit } = createTestMeilisearch(db, { now: () => NOW, url: NOWHERE });
    const wrong = () => index.search({ ...REQUEST, start: { cursor: '!!' } });
    await expect(wrong()).rejects.toMatchObject({ code: 'invalid_parameter' });
    expect(circuit()).toBe('closed');
    await index.search(REQUEST);
    await expect(wrong()).rejects.toMatchObject({ code: 'invalid_parameter' });
  });

  it('indexing fails in a way that is tried again', async () => {
    const { index } = createTestMeilisearch(db, { now: () => NOW, url: NOWHERE });
    await expect(index.upsert(['fixed-500'])).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(index.check()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('what Meilisearch could not answer anyway is not asked of it', async () => {
    const { index, fallbacks } = createTestMeilisearch(db, { now: () => NOW, url: NOWHERE });
    await index.search({ ...REQUEST, sort: 'ingested_asc' });
    await index.search({ ...REQUEST, filter: { ids: ['999'] } });
    await index.search({ ...REQUEST, scope: { ...SCOPE, postedSince: null } });
    await index.search({ ...REQUEST, scope: { ...SCOPE, postedSince: addMillis(NOW, -185 * DAY_MS) } });
    expect(fallbacks).toEqual([]);
  });
});

describeWithMeilisearch('with an index in Meilisearch', () => {
  let test: TestMeilisearch;

  beforeEach(async () => {
    test = createTestMeilisearch(db, { now: () => NOW });
    await rebuild(test.index);
  });
  afterEach(() => test.drop());

  const search = () => test.index.search(REQUEST);

  it('that is emptied, Postgres answers from the next search on, until all jobs are back in it', async () => {
    expect(await search()).toMatchObject({ engine: 'meilisearch', total: TOTAL });
    await test.client.index(test.indexUid).deleteAllDocuments().waitTask();
    expect(await search()).toMatchObject({ engine: 'postgres', total: TOTAL });
    // One job that comes since makes it no whole index.
    await test.index.upsert(['csharp']);
    await test.rest(LONG_REST_MS);
    expect(await search()).toMatchObject({ engine: 'postgres', total: TOTAL });
    expect(await test.index.check()).toBe('behind');
    await test.index.compare(() => undefined);
    await test.rest(LONG_REST_MS);
    expect(await search()).toMatchObject({ engine: 'meilisearch', total: TOTAL });
    expect(new Set(test.fallbacks)).toEqual(new Set(['index_incomplete', 'circuit_open']));
  });

  it('that is deleted, Postgres answers until it is rebuilt', async () => {
    await test.client.deleteIndex(test.indexUid).waitTask();
    expect(await search()).toMatchObject({ engine: 'postgres', total: TOTAL });
    expect(await test.index.check()).toBe('missing');
    await rebuild(test.index);
    await test.rest(LONG_REST_MS);
    expect(await search()).toMatchObject({ engine: 'meilisearch', total: TOTAL });
    expect(test.fallbacks).toEqual(['index_missing']);
  });

  it('that comes from a version without seals, Postgres answers until it was looked through', async () => {
    await test.client.index(test.indexUid).deleteDocument('zqseal').waitTask();
    expect((await search()).engine).toBe('postgres');
    expect(await test.index.check()).toBe('behind');
    expect(await test.index.compare(() => undefined)).toBe(0);
    await test.rest(LONG_REST_MS);
    expect((await search()).engine).toBe('meilisearch');
  });
});
