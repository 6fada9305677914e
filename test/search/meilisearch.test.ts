import fc from 'fast-check';
import { connect, type Db } from '../../db/connection';
import { createListener } from '../../db/listener';
import { JOBS_CHANGED } from '../../db/notifications';
import type { Job } from '../../domain/job';
import { type JobFilter, type JobSort, matchesFilter, parseJobQuery } from '../../domain/jobFilter';
import type { ReadScope } from '../../domain/readScope';
import { addMillis, DAY_MS, type Timestamp } from '../../domain/time';
import { done } from '../../search/meilisearch/client';
import { rebuild, type SearchRequest, type SearchResult } from '../../search/searchIndex';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startDatabaseProxy } from '../support/databaseProxy';
import { arbitraryJobs, arbitraryQuery } from '../support/generators';
import { storeJobs } from '../support/jobs';
import { createTestMeilisearch, describeWithMeilisearch, type TestMeilisearch } from '../support/meilisearch';
import { until } from '../support/until';
import { CONTRACT_JOBS, NOW } from './contract/jobs';

const SCOPE: ReadScope = { postedSince: addMillis(NOW, -183 * DAY_MS), samples: 'included' };
const SORTS: JobSort[] = [
  'posted_on_desc',
  'posted_on_asc',
  'last_visited_desc',
  'last_visited_asc',
  'budget_desc',
  'budget_asc',
];

describeWithMeilisearch('the index in Meilisearch', () => {
  let database: TestDatabase;
  let db: Db;
  let test: TestMeilisearch;
  let now: Timestamp;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = database.db;
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await db.raw('truncate jobs cascade');
    now = NOW;
    test = createTestMeilisearch(db, { now: () => now });
  });
  afterEach(() => test.drop());

  const filterOf = (query: Record<string, string>): JobFilter => parseJobQuery(query, NOW).filter;
  const search = (request: Partial<SearchRequest> = {}): Promise<SearchResult> =>
    test.index.search({
      filter: {},
      sort: 'posted_on_desc',
      scope: SCOPE,
      limit: 50,
      start: { offset: 0 },
      ...request,
    });
  const idsOf = ({ jobs }: SearchResult): string[] => jobs.map(({ id }) => id);
  const titled = (id: string, title: string): Job => ({
    ...(CONTRACT_JOBS.find((job) => job.id === 'csharp') as Job),
    id,
    title,
  });
  const retitle = (id: string, title: string) =>
    db('jobs')
      .where({ id })
      .update({
        version: db.raw('version + 1'),
        content: db.raw(`content || jsonb_build_object('title', cast(? as text))`, [title]),
      });
  /** Ids as Meilisearch alone has them. */
  const held = async (): Promise<string[]> => {
    const { results } = await test.client
      .index<{ sort_key: string }>(test.indexUid)
      .getDocuments({ limit: 1_000, fields: ['sort_key'] });
    return results
      .filter(({ sort_key }) => sort_key !== 'seal')
      .map(({ sort_key }) => sort_key.slice(1))
      .sort();
  };
  const indexes = async (): Promise<string[]> => {
    const { results } = await test.client.getRawIndexes({ limit: 1_000 });
    return results
      .map(({ uid }) => uid)
      .filter((uid) => uid.startsWith(test.indexUid))
      .sort();
  };
  const found = async (text: string) => {
    const result = await search({ filter: filterOf({ search: text }) });
    return { engine: result.engine, ids: idsOf(result).sort() };
  };

  it('finds for any filter what its definition says, in order, whole and page by page', async () => {
    const queries = fc.array(
      fc.tuple(arbitraryQuery(), fc.constantFrom(...SORTS), fc.integer({ min: 1, max: 7 })),
      { minLength: 8, maxLength: 8 },
    );
    await rebuild(test.index);
    let before: string[] = [];
    await fc.assert(
      fc.asyncProperty(arbitraryJobs(30), queries, async (jobs, asked) => {
        await db.raw('truncate jobs cascade');
        await storeJobs(db, jobs);
        const present = jobs.map(({ id }) => id);
        await test.index.upsert([...before, ...present]);
        before = present;
        for (const [params, sort, limit] of asked) {
          const filter = filterOf(params);
          const whole = await search({ filter, sort });
          const expected = jobs.filter((job) => matchesFilter(job, filter)).map(({ id }) => id);
          expect({ params, ids: idsOf(whole).sort() }).toEqual({ params, ids: expected.sort() });
          expect(whole).toMatchObject({ total: expected.length, totalIsExact: true, nextCursor: null });
          const walked: string[] = [];
          for (let start: SearchRequest['start'] = { offset: 0 }; ;) {
            const page = await search({ filter, sort, limit, start });
            walked.push(...idsOf(page));
            if (page.nextCursor === null) break;
            start = { cursor: page.nextCursor };
          }
          expect(walked).toEqual(idsOf(whole));
        }
      }),
      { numRuns: 10, endOnFailure: true },
    );
    expect(test.fallbacks).toEqual([]);
  });

  describe('upsert', () => {
    beforeEach(async () => {
      await rebuild(test.index);
    });

    it('brings jobs to their present version and says which that is', async () => {
      await storeJobs(db, [titled('1', 'Before'), titled('2', 'Other')]);
      expect(await test.index.upsert(['1', '2', '3'])).toEqual([
        { id: '1', version: 1 },
        { id: '2', version: 1 },
      ]);
      expect(await found('before')).toEqual({ engine: 'meilisearch', ids: ['1'] });
      await retitle('1', 'After');
      expect(await test.index.upsert(['1'])).toEqual([{ id: '1', version: 2 }]);
      expect(await found('before')).toEqual({ engine: 'meilisearch', ids: [] });
      expect(await found('after')).toEqual({ engine: 'meilisearch', ids: ['1'] });
    });

    it('takes out what is no more, what is folded into another, and what has left the hot window', async () => {
      await storeJobs(db, [titled('1', 'A'), titled('2', 'B'), titled('~01ab', 'C'), titled('4', 'D')]);
      await test.index.upsert(['1', '2', '~01ab', '4']);
      expect(await held()).toEqual(['1', '2', '4', '~01ab']);
      await db('jobs').where({ id: '1' }).delete();
      await db('jobs').where({ id: '2' }).update({ duplicate_of: '4' });
      await db('jobs')
        .where({ id: '~01ab' })
        .update({ posted_on: addMillis(NOW, -185 * DAY_MS) });
      expect(await test.index.upsert(['1', '2', '~01ab', '4'])).toHaveLength(3);
      expect(await held()).toEqual(['4']);
    });

    it('ends with the newest version whoever comes last', async () => {
      await storeJobs(db, [titled('1', 'Version none')]);
      const upserts: Promise<unknown>[] = [];
      for (let version = 1; version <= 8; version += 1) {
        await retitle('1', `Version v${version}x`);
        upserts.push(test.index.upsert(['1']));
      }
      await Promise.all(upserts);
      expect(await found('v8x')).toEqual({ engine: 'meilisearch', ids: ['1'] });
      expect((await found('v7x')).ids).toEqual([]);
    });

    it('takes more jobs than go into one batch', async () => {
      const jobs = Array.from({ length: 1_100 }, (_, number) => titled(String(number), 'Many'));
      await storeJobs(db, jobs);
      expect(await test.index.upsert(jobs.map(({ id }) => id))).toHaveLength(1_100);
      expect(await search({ limit: 1 })).toMatchObject({ engine: 'meilisearch', total: 1_100 });
    });

    it('removes jobs', async () => {
      await storeJobs(db, [titled('1', 'A'), titled('~01ab', 'B')]);
      await test.index.upsert(['1', '~01ab']);
      await test.index.remove(['~01ab', 'unknown']);
      expect(await held()).toEqual(['1']);
    });

    it('notifies of whatever changes its answers, once it shows', async () => {
      await storeJobs(db, [titled('1', 'Word')]);
      const heard: string[][] = [];
      const listener = createListener({ databaseUrl: database.databaseUrl });
      listener.subscribe(JOBS_CHANGED, {
        onMessage: () => void found('word').then(({ ids }) => heard.push(ids)),
        onGap: () => undefined,
      });
      listener.start();
      await until(() => listener.isCurrent());
      await test.index.upsert(['1']);
      await until(() => heard.length === 1);
      await test.index.remove(['1']);
      await until(() => heard.length === 2);
      const { name } = await test.index.beginRebuild();
      await test.index.fillRebuild(name, null);
      await test.index.finishRebuild(name);
      await until(() => heard.length === 3);
      await listener.close();
      expect(heard).toEqual([['1'], [], ['1']]);
    });

    it('fails when the server fails the task', async () => {
      const broken = test.client.index(test.indexUid).addDocuments([{ title: 'has no key' }]);
      await expect(done(broken)).rejects.toMatchObject({ code: 'internal' });
    });

    it("shows jobs as it has them while Postgres is away, in the plan's window and in order", async () => {
      await storeJobs(db, [titled('1', 'One in the index'), titled('2', 'Two in the index')]);
      await rebuild(test.index);
      const before = await search({ sort: 'posted_on_asc' });
      const proxy = await startDatabaseProxy(database.databaseUrl);
      const far = connect({ databaseUrl: proxy.databaseUrl });
      const away = createTestMeilisearch(far, { now: () => now, indexUid: test.indexUid });
      const ask = (scope = SCOPE) =>
        away.index.search({ filter: {}, sort: 'posted_on_asc', scope, limit: 50, start: { offset: 0 } });
      expect(await ask()).toEqual(before);
      proxy.take(false);
      proxy.breakOff();

      expect(await ask()).toEqual(before);
      expect((await ask({ ...SCOPE, postedSince: addMillis(NOW, 1) })).jobs).toEqual([]);
      await far.destroy();
      await proxy.close();
    });

    it('shows a job that changed since only where it still belongs', async () => {
      await storeJobs(db, [titled('1', 'Before one'), titled('2', 'Before two')]);
      await test.index.upsert(['1', '2']);
      await retitle('1', 'Before and after');
      await retitle('2', 'After');
      expect(await found('before')).toEqual({ engine: 'meilisearch', ids: ['1'] });
    });
  });

  describe('an index that is missing', () => {
    it('is not begun by an upsert: Postgres answers until it is rebuilt', async () => {
      await storeJobs(db, [titled('1', 'Word'), titled('2', 'Word')]);
      expect(await test.index.check()).toBe('missing');
      expect(await test.index.upsert(['1'])).toEqual([{ id: '1', version: 1 }]);
      await test.index.remove(['1']);
      expect(await found('word')).toEqual({ engine: 'postgres', ids: ['1', '2'] });
      await rebuild(test.index);
      await test.rest(60_000);
      expect(await found('word')).toEqual({ engine: 'meilisearch', ids: ['1', '2'] });
      expect(await test.index.check()).toBe('whole');
    });
  });

  describe('a rebuild', () => {
    it('never shows an empty or partial answer', async () => {
      const jobs = Array.from({ length: 1_500 }, (_, number) => titled(String(number), 'Many'));
      await storeJobs(db, jobs);
      await rebuild(test.index);
      const rebuilding = { now: true };
      const again = rebuild(test.index).finally(() => {
        rebuilding.now = false;
      });
      const totals = new Set<number>();
      const engines = new Set<string>();
      while (rebuilding.now) {
        const { total, engine } = await search({ limit: 1 });
        totals.add(total);
        engines.add(engine);
      }
      await again;
      expect([...totals]).toEqual([1_500]);
      expect([...engines]).toEqual(['meilisearch']);
    });

    it('catches up with what changed meanwhile', async () => {
      await storeJobs(
        db,
        ['1', '2', '3', '4'].map((id) => titled(id, 'Old')),
      );
      await rebuild(test.index);
      const { name, jobs } = await test.index.beginRebuild();
      expect(jobs).toBe(4);
      expect(await test.index.fillRebuild(name, null)).toEqual({ jobs: 4, lastId: null });
      await retitle('1', 'New');
      await db('jobs').where({ id: '2' }).delete();
      await storeJobs(db, [titled('5', 'New')]);
      await test.index.upsert(['1', '2', '5']);
      await test.index.finishRebuild(name);
      expect(await test.index.compare(() => undefined)).toBe(3);
      expect(await found('new')).toEqual({ engine: 'meilisearch', ids: ['1', '5'] });
      expect(await held()).toEqual(['1', '3', '4', '5']);
    });

    it('has what was published while it went on before readers come to it', async () => {
      await storeJobs(db, [titled('1', 'Old')]);
      await rebuild(test.index);
      const { name } = await test.index.beginRebuild();
      await test.index.fillRebuild(name, null);
      now = addMillis(now, 10 * 60_000);
      await storeJobs(db, [{ ...titled('2', 'New'), updatedAt: now }]);
      await retitle('1', 'New');
      await db('jobs').where({ id: '1' }).update({ updated_at: now });
      await test.index.upsert(['1', '2']);
      await test.index.finishRebuild(name);
      expect(await found('new')).toEqual({ engine: 'meilisearch', ids: ['1', '2'] });
      expect(await test.index.compare(() => undefined)).toBe(0);
    });

    it('can be finished again after it was cut off, and leaves one index behind', async () => {
      await storeJobs(db, [titled('1', 'Word')]);
      await rebuild(test.index);
      const { name } = await test.index.beginRebuild();
      await test.index.fillRebuild(name, null);
      await test.client.swapIndexes([{ indexes: [test.indexUid, name], rename: false }]).waitTask();
      await storeJobs(db, [titled('2', 'Word')]);
      await test.index.upsert(['2']);
      await test.index.finishRebuild(name);
      await test.index.finishRebuild(name);
      expect(await held()).toEqual(['1', '2']);
      expect(await indexes()).toEqual([test.indexUid]);
    });

    it('drops what an earlier one left behind, whose own steps then stop', async () => {
      await rebuild(test.index);
      const abandoned = await test.index.beginRebuild();
      now = addMillis(now, 1);
      const { name } = await test.index.beginRebuild();
      expect(await indexes()).toEqual([test.indexUid, name]);
      const goingOn = test.index.fillRebuild(abandoned.name, null);
      await expect(goingOn).rejects.toMatchObject({ code: 'conflict', retryable: false });
    });
  });

  describe('an index that is not what it should be', () => {
    beforeEach(async () => {
      await storeJobs(
        db,
        ['1', '2', '3'].map((id) => titled(id, 'Word')),
      );
      await db.raw(`insert into job_index_state select id, version, now() from jobs`);
      await rebuild(test.index);
    });

    it('gets what it lost, the versions it missed, and loses strangers', async () => {
      await test.client.index(test.indexUid).deleteDocument('1').waitTask();
      await retitle('2', 'Changed');
      await db('jobs').where({ id: '3' }).delete();
      expect(await test.index.compare(() => undefined)).toBe(3);
      expect(await held()).toEqual(['1', '2']);
      expect(await found('changed')).toEqual({ engine: 'meilisearch', ids: ['2'] });
      expect(await test.index.compare(() => undefined)).toBe(0);
    });

    it('is seen to be behind when it was emptied', async () => {
      const many = Array.from({ length: 200 }, (_, number) => titled(`m${number}`, 'Many'));
      await storeJobs(db, many);
      await test.index.upsert(many.map(({ id }) => id));
      await db.raw(`insert into job_index_state select id, version, now() from jobs on conflict do nothing`);
      expect(await test.index.check()).toBe('whole');
      await test.client.index(test.indexUid).deleteAllDocuments().waitTask();
      expect(await test.index.check()).toBe('behind');
      expect(await test.index.compare(() => undefined)).toBe(203);
      expect(await test.index.check()).toBe('whole');
    });

    it('gets its settings back', async () => {
      await test.client.index(test.indexUid).resetSettings().waitTask();
      expect(await test.index.check()).toBe('whole');
      expect(await found('word')).toEqual({ engine: 'meilisearch', ids: ['1', '2', '3'] });
    });

    it('sheds what has left the hot window', async () => {
      now = addMillis(NOW, 200 * DAY_MS);
      expect(await test.index.check()).toBe('whole');
      expect(await held()).toEqual([]);
    });
  });
});
