import type { Express } from 'express';
import supertest from 'supertest';
import type { ApiServices } from '../../api/app';
import { type CacheOutcome, createResponseCache, type ResponseCache } from '../../api/responseCache';
import { createListener, type Listener } from '../../db/listener';
import { addMillis, DAY_MS, HOUR_MS, type Timestamp } from '../../domain/time';
import type { SearchRequest } from '../../search/searchIndex';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { startDatabaseProxy } from '../support/databaseProxy';
import { until } from '../support/until';

const MIB = 1_024 * 1_024;

/** An API process of its own over the database of the test: what it was asked to search, and its time. */
interface Process {
  app: Express;
  listener: Listener;
  searches: SearchRequest[];
  responses: ResponseCache;
  /** What the cache told of each answer that it was asked for. */
  outcomes: CacheOutcome[];
  now: Timestamp;
  /** Awaited by each search after it has found what it found. */
  pause: Promise<unknown>;
}

describe('the response cache', () => {
  let api: TestApi;
  let secret: string;
  let processes: Process[];

  beforeAll(async () => {
    api = await createTestApi();
    secret = (await api.issueKey()).secret;
  });
  afterAll(() => api.drop());
  beforeEach(async () => {
    processes = [];
    await api.db.raw('truncate jobs cascade');
    await api.saveJob({ id: 'a', title: 'Python "scraper" with "publish_time_relative":"x"' });
    await api.saveJob({ id: 'b', title: 'Über-Shop', postedOn: addMillis(NOW, -HOUR_MS) });
  });
  afterEach(() => Promise.all(processes.map(({ listener }) => listener.close())));

  async function startProcess({
    maxBytes = MIB,
    databaseUrl = api.databaseUrl,
    ...others
  }: Partial<ApiServices> & { maxBytes?: number; databaseUrl?: string } = {}): Promise<Process> {
    const listener = createListener({ databaseUrl, applicationName: 'api listener' });
    const outcomes: CacheOutcome[] = [];
    const responses = createResponseCache({
      listener,
      maxBytes,
      onFind: (outcome) => outcomes.push(outcome),
    });
    const process: Process = {
      app: api.appWith({
        responses,
        search: {
          ...api.services.search,
          search: async (request) => {
            process.searches.push(request);
            const found = await api.services.search.search(request);
            await process.pause;
            return found;
          },
        },
        now: () => process.now,
        ...others,
      }),
      listener,
      responses,
      outcomes,
      searches: [],
      now: NOW,
      pause: Promise.resolve(),
    };
    processes.push(process);
    listener.start();
    await until(() => listener.isCurrent());
    return process;
  }

  const get = ({ app }: Process, path = '/jobs', key = secret) =>
    supertest(app).get(path).set('X-API-KEY', key);
  const idsOf = ({ body }: supertest.Response) => (body.data as { id: string }[]).map(({ id }) => id);
  const withoutStamp = ({ body }: supertest.Response) => ({ ...body, last_updated: '', request_id: '' });

  it('gives the same answer again without a search, under a stamp of its own', async () => {
    const process = await startProcess();
    const [first, again] = [await get(process).expect(200), await get(process).expect(200)];
    expect(process.searches).toHaveLength(1);
    expect(idsOf(first)).toEqual(['b', 'a']);
    expect(withoutStamp(again)).toEqual(withoutStamp(first));
    expect(again.body.last_updated).toBe(NOW);
    expect(again.body.request_id).toBe(again.headers['x-request-id']);
    expect(again.body.request_id).not.toBe(first.body.request_id);
    for (const header of ['etag', 'content-type', 'content-length', 'x-search-engine', 'vary']) {
      expect([header, again.headers[header]]).toEqual([header, first.headers[header]]);
    }
  });

  it('tells how each answer was come by, and what it keeps', async () => {
    const process = await startProcess();
    expect(process.responses.use()).toEqual({ answers: 0, bytes: 0 });
    await Promise.all([get(process), get(process)]);
    await get(process);
    await process.listener.close();
    await until(() => !process.listener.isCurrent());
    await get(process);
    expect(process.outcomes).toEqual(['miss', 'shared', 'hit', 'bypassed']);

    const another = await startProcess();
    await get(another);
    expect(another.responses.use()).toEqual({ answers: 1, bytes: expect.any(Number) });
    expect(another.responses.use().bytes).toBeGreaterThan(1_000);
  });

  it('answers as it would without a cache, byte for byte', async () => {
    const process = await startProcess();
    const paths = [
      '/jobs',
      '/jobs?limit=1',
      '/jobs?count_only=1',
      '/jobs?limit=99',
      '/jobs?search=nothing',
      '/jobs?search=python&highlight=1',
      '/jobs?fields=id,title',
      '/jobs?fields=publish_time_relative',
    ];
    for (const path of paths) {
      await get(process, path);
      const kept = await get(process, path).set('X-Request-Id', 'same').expect(200);
      const made = await api.get(path, secret).set('X-Request-Id', 'same').expect(200);
      expect(kept.text).toBe(made.text);
      expect(kept.headers['etag']).toBe(made.headers['etag']);
    }
  });

  it('gives the same query the same answer, however it is written, and POST one of its own', async () => {
    const process = await startProcess();
    await get(process, '/jobs?q=python&country_not=DE&posted_after=-48h');
    process.now = addMillis(NOW, 10);
    await get(process, '/v1/jobs?posted_after=-2d&country_not=de&search=python&limit=');
    expect(process.searches).toHaveLength(1);
    const post = () =>
      supertest(process.app).post('/jobs/search').set('X-API-KEY', secret).send({ q: 'über' }).expect(200);
    expect(idsOf(await post())).toEqual(['b']);
    expect(idsOf(await post())).toEqual(['b']);
    expect(process.searches).toHaveLength(2);
  });

  it('counts relative times from the moment of each answer, and keeps the ETag meanwhile', async () => {
    await api.saveJob({ id: 'c', postedOn: addMillis(NOW, -30_000) });
    const process = await startProcess();
    const first = await get(process);
    expect(first.body.data[0]).toMatchObject({ id: 'c', publish_time_relative: 'just now' });
    process.now = addMillis(NOW, 59_999);
    const minuteLater = await get(process);
    expect(process.searches).toHaveLength(1);
    expect(minuteLater.body.last_updated).toBe(process.now);
    expect(minuteLater.headers['etag']).toBe(first.headers['etag']);
    expect((await get(process)).body.data).toMatchObject([
      { id: 'c', publish_time_relative: '1 minute ago' },
      { id: 'b', publish_time_relative: '1 hour ago' },
      { id: 'a', publish_time_relative: '1 day ago' },
    ]);
    expect(process.searches).toHaveLength(1);
  });

  it('answers 304 to the ETag, without a body and without a search', async () => {
    const process = await startProcess();
    const { headers } = await get(process).expect(200);
    const again = await get(process).set('If-None-Match', headers['etag']!).expect(304);
    expect(again.text).toBe('');
    expect(again.headers).toMatchObject({
      etag: headers['etag'],
      'cache-control': 'private, no-cache',
      vary: 'X-API-KEY, Accept',
    });
    expect(again.headers['content-type']).toBeUndefined();
    expect(process.searches).toHaveLength(1);
    await supertest(process.app)
      .head('/jobs')
      .set('X-API-KEY', secret)
      .expect(200)
      .expect('ETag', headers['etag']!);
    expect(process.searches).toHaveLength(1);
  });

  it('shows what is published and no longer what is erased within a second, in every process', async () => {
    const pair = await Promise.all([startProcess(), startProcess()]);
    const sees = async (id: string) =>
      (await Promise.all(pair.map((process) => get(process)))).map((r) => idsOf(r).includes(id));
    expect(await sees('new')).toEqual([false, false]);
    await api.saveJob({ id: 'new' });
    const shownAfterMs = await until(async () => !(await sees('new')).includes(false));
    await api.db('jobs').where({ id: 'a' }).delete();
    const goneAfterMs = await until(async () => !(await sees('a')).includes(true));
    expect(Math.max(shownAfterMs, goneAfterMs)).toBeLessThan(1_000);
  });

  it('keeps nothing that was found before a change of which it heard while it searched', async () => {
    const process = await startProcess();
    let release = (): void => undefined;
    process.pause = new Promise<void>((resolve) => (release = resolve));
    const slow = get(process).then((response) => response);
    await until(() => process.searches.length === 1);
    await api.saveJob({ id: 'new' });
    // A second caller finds nothing to wait for once the change has been heard.
    process.pause = Promise.resolve();
    await until(async () => idsOf(await get(process, '/jobs?limit=50')).includes('new'));
    release();
    expect(idsOf(await slow)).not.toContain('new');
    expect(idsOf(await get(process))).toContain('new');
  });

  it('searches once for callers who ask the same at the same time', async () => {
    const process = await startProcess();
    let release = (): void => undefined;
    process.pause = new Promise<void>((resolve) => (release = resolve));
    const asked = Array.from({ length: 8 }, () => get(process).then((response) => response));
    await until(() => api.logged.length > 0 && process.searches.length === 1);
    release();
    const answers = await Promise.all(asked);
    expect(answers.map(idsOf)).toEqual(answers.map(() => ['b', 'a']));
    expect(process.searches).toHaveLength(1);
  });

  it('keeps no failure, and tells everyone who waited for it', async () => {
    let failures = 1;
    const process = await startProcess({
      search: {
        ...api.services.search,
        search: async (request) => {
          if (failures-- > 0) throw new Error('no engine');
          return api.services.search.search(request);
        },
      },
    });
    await get(process).expect(500);
    await get(process).expect(200);
  });

  it('never gives one plan what another sees, nor a test key what a live one sees', async () => {
    const process = await startProcess();
    await api.saveJob({ id: 'older', postedOn: addMillis(NOW, -60 * DAY_MS) });
    await api.saveJob({ id: 'sample', isSample: true });
    const keys = {
      business: (await api.issueKey({ planId: 'business' })).secret,
      professional: (await api.issueKey({ planId: 'professional' })).secret,
      test: (await api.issueKey({ planId: 'business', kind: 'test' })).secret,
    };
    const seen = async () =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(keys).map(
            async ([name, key]) => [name, idsOf(await get(process, '/jobs', key))] as const,
          ),
        ),
      );
    const expected = { business: ['b', 'a', 'older'], professional: ['b', 'a'], test: ['sample'] };
    await until(async () => (await seen()).business!.length === 3);
    const searches = process.searches.length;
    expect(await seen()).toEqual(expected);
    expect(await seen()).toEqual(expected);
    expect(process.searches.length - searches).toBeLessThanOrEqual(3);
  });

  it('never gives advanced filters to a plan without them from the answer to one that has them', async () => {
    const process = await startProcess();
    const professional = (await api.issueKey({ planId: 'professional' })).secret;
    await get(process, '/jobs?client_hires=0-', professional).expect(200);
    await get(process, '/jobs?client_hires=0-').expect(403);
  });

  it("shows another account of the same plan the same, and an account's own terms their own", async () => {
    const process = await startProcess();
    await api.saveJob({ id: 'week', postedOn: addMillis(NOW, -8 * DAY_MS) });
    const other = await api.issueKey();
    const special = await api.issueKey();
    await api.db.raw(
      `update accounts set plan_overrides = '{"retention_days": 30}'
       where id = (select account_id from api_keys where id = :id)`,
      { id: special.id },
    );
    expect(idsOf(await get(process))).toEqual(['b', 'a']);
    expect(idsOf(await get(process, '/jobs', other.secret))).toEqual(['b', 'a']);
    expect(idsOf(await get(process, '/jobs', special.secret))).toEqual(['b', 'a', 'week']);
  });

  it("drops an answer the moment its first job leaves the plan's window", async () => {
    const process = await startProcess();
    await api.saveJob({ id: 'edge', postedOn: addMillis(NOW, -7 * DAY_MS + 5_000) });
    await until(async () => idsOf(await get(process)).includes('edge'));
    process.now = addMillis(NOW, 5_000);
    expect(idsOf(await get(process))).toEqual(['b', 'a', 'edge']);
    process.now = addMillis(NOW, 5_001);
    expect(idsOf(await get(process))).toEqual(['b', 'a']);
  });

  it('drops an answer the moment a job leaves a relative posted_after', async () => {
    const process = await startProcess();
    const path = '/jobs?posted_after=-61m';
    expect(idsOf(await get(process, path))).toEqual(['b']);
    process.now = addMillis(NOW, 60_000);
    expect(idsOf(await get(process, path))).toEqual(['b']);
    expect(process.searches).toHaveLength(1);
    process.now = addMillis(NOW, 60_001);
    expect(idsOf(await get(process, path))).toEqual([]);
  });

  it('lets a job in that a relative posted_before admits within a second', async () => {
    const process = await startProcess();
    const path = '/jobs?posted_before=-1h';
    expect(idsOf(await get(process, path))).toEqual(['a']);
    process.now = addMillis(NOW, 1_001);
    expect(idsOf(await get(process, path))).toEqual(['b', 'a']);
  });

  it('keeps no answer longer than a minute', async () => {
    const process = await startProcess();
    await get(process);
    process.now = addMillis(NOW, 60_001);
    await get(process);
    expect(process.searches).toHaveLength(2);
  });

  it('is passed by while the connection on which it listens is down, and serves again after', async () => {
    const proxy = await startDatabaseProxy(api.databaseUrl);
    const process = await startProcess({ databaseUrl: proxy.databaseUrl });
    await get(process);
    proxy.take(false);
    await api.db.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'api listener' and datname = current_database()`,
    );
    await until(() => !process.listener.isCurrent());
    await api.saveJob({ id: 'unheard' });
    expect(idsOf(await get(process))).toContain('unheard');
    await get(process);
    expect(process.searches).toHaveLength(3);

    proxy.take(true);
    await until(() => process.listener.isCurrent());
    await get(process);
    await get(process);
    expect(process.searches).toHaveLength(4);
    await process.listener.close();
    await proxy.close();
  });

  it('lets go of what was asked for longest ago when the memory it may take is full', async () => {
    const process = await startProcess({ maxBytes: 20_000 });
    await get(process, '/jobs');
    for (let limit = 1; limit <= 10; limit += 1) await get(process, `/jobs?limit=${limit}`);
    expect(process.searches).toHaveLength(11);
    await get(process, '/jobs?limit=10');
    expect(process.searches).toHaveLength(11);
    await get(process, '/jobs');
    expect(process.searches).toHaveLength(12);
  });
});
