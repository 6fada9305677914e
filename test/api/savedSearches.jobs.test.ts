import fc from 'fast-check';
import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { arbitraryJobs, arbitraryQuery } from '../support/generators';
import { type KeyHolder, keyHolder } from '../support/keys';
import { storeJobs } from '../support/jobs';
import { learnWords } from '../../db/searchWords';
import { limitedApi } from '../support/limits';
import { askSearches, saveSearch } from '../support/savedSearches';

describe('the jobs of a saved search', () => {
  let api: TestApi;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
    holder = await keyHolder(api, 'business');
    for (let n = 0; n < 30; n += 1) {
      await api.saveJob({
        id: `shop-${String(n).padStart(2, '0')}`,
        title: `Scrape shop ${n} with Python`,
        buyerCountry: n % 2 ? 'GB' : 'US',
        postedOn: addMillis(NOW, -n * 12 * HOUR_MS - HOUR_MS),
      });
    }
  });
  afterAll(() => api.drop());

  const jobsOf = (id: string, query = '', app?: TestApi['app']) =>
    askSearches(api, holder, 'get', `/${id}/jobs${query}`, undefined, app ? { app } : {});
  const idsIn = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id);
  const withoutStamp = (body: object) => ({ ...body, last_updated: null, request_id: null });

  it.each([
    ['', ''],
    ['limit=5', 'limit=5'],
    ['limit=5&offset=10', 'limit=5&offset=10'],
    ['limit=90', 'limit=90'],
    ['sort=posted_on_asc&fields=id,title', 'sort=posted_on_asc&fields=id,title'],
    ['sort=relevance&highlight=true', 'sort=relevance&highlight=true'],
    ['count_only=true', 'count_only=true'],
    ['facets=country', 'facets=country'],
    ['exact=false', 'exact=true'],
  ])('are what GET /jobs answers to its filters, with %s', async (asked, same) => {
    const id = await saveSearch(api, holder, { search: 'scraping python', country: ['GB'] });
    const found = await jobsOf(id, `?${asked}`).expect(200);
    const listed = await api
      .get(`/jobs?search=scraping+python&country=GB&${same}`, holder.secret)
      .expect(200);
    expect(found.body.total).toBe(15);
    expect(withoutStamp(found.body as object)).toEqual(withoutStamp(listed.body as object));
    expect(found.headers['x-search-engine']).toBe('postgres');
  });

  it('are walked by cursor, each once', async () => {
    const id = await saveSearch(api, holder, { search: 'python' });
    for (const sort of ['posted_on_asc', 'ingested_asc', 'budget_desc']) {
      const seen: string[] = [];
      let cursor = '';
      do {
        const { body } = await jobsOf(id, `?limit=7&sort=${sort}${cursor && `&cursor=${cursor}`}`).expect(
          200,
        );
        seen.push(...idsIn(body as { data: { id: string }[] }));
        cursor = (body.next_cursor as string | null) ?? '';
      } while (cursor);
      expect([sort, seen.length, new Set(seen).size]).toEqual([sort, 30, 30]);
    }
  });

  it('go on by cursor also where relevance has nothing to rank', async () => {
    const id = await saveSearch(api, holder, { country: 'GB' });
    const { body } = await jobsOf(id, '?sort=relevance&limit=10').expect(200);
    expect(body.warnings).toHaveLength(1);
    const next = await jobsOf(id, `?sort=relevance&limit=10&cursor=${body.next_cursor}`).expect(200);
    expect(idsIn(next.body as { data: { id: string }[] })).toHaveLength(5);
  });

  it('match to the letter: no other spelling is tried, and no hints are given', async () => {
    const id = await saveSearch(api, holder, { search: 'pythom' });
    const { body } = await jobsOf(id).expect(200);
    expect(body).toMatchObject({ data: [], total: 0 });
    expect(body).not.toHaveProperty('warnings');
    expect(body).not.toHaveProperty('hints');
    const listed = await api.get('/jobs?search=pythom', holder.secret).expect(200);
    expect(listed.body.total).toBe(30);
  });

  it('come into a time back from now and leave it as time passes', async () => {
    const id = await saveSearch(api, holder, {
      search: 'python',
      posted_after: '-24h',
      posted_before: '-2h',
    });
    const idsAt = async (ms: number) => {
      const app = api.appWith({ now: () => addMillis(NOW, ms) });
      return idsIn((await jobsOf(id, '', app).expect(200)).body as { data: { id: string }[] });
    };
    expect(await idsAt(0)).toEqual(['shop-01']);
    expect(await idsAt(HOUR_MS)).toEqual(['shop-01']);
    expect(await idsAt(HOUR_MS + 1)).toEqual(['shop-00', 'shop-01']);
    expect(await idsAt(12 * HOUR_MS)).toEqual(['shop-00']);
    expect(await idsAt(2 * DAY_MS)).toEqual([]);
  });

  it('are none, and no failure, once a time that moves has passed one that does not', async () => {
    const id = await saveSearch(api, holder, { posted_after: '-1h', posted_before: addMillis(NOW, HOUR_MS) });
    const later = api.appWith({ now: () => addMillis(NOW, 3 * HOUR_MS) });
    expect((await jobsOf(id, '', later).expect(200)).body).toMatchObject({ total: 0 });
  });

  it("are those inside the plan's window", async () => {
    const professional = await keyHolder(api, 'professional');
    await api.saveJob({ id: 'old', title: 'An ancient task', postedOn: addMillis(NOW, -31 * DAY_MS) });
    const total = async (who: KeyHolder) => {
      const id = await saveSearch(api, who, { search: 'ancient' });
      return (await askSearches(api, who, 'get', `/${id}/jobs`).expect(200)).body.total as number;
    };
    expect([await total(professional), await total(holder)]).toEqual([0, 1]);
  });

  it('are not sent again to who has them, until the search or the jobs change', async () => {
    const id = await saveSearch(api, holder, { search: 'unusual' });
    await api.saveJob({ id: 'unusual-1', title: 'An unusual task' });
    const { headers } = await jobsOf(id).expect(200);
    const ask = () => jobsOf(id).set('If-None-Match', headers.etag!);
    await ask().expect(304);
    await api.saveJob({ id: 'unusual-2', title: 'Another unusual task' });
    await ask().expect(200);
    const { headers: newer } = await jobsOf(id).expect(200);
    await askSearches(api, holder, 'patch', `/${id}`, { filter: { search: 'usual' } }).expect(200);
    await jobsOf(id).set('If-None-Match', newer.etag!).expect(200);
  });

  it('are counted as calls; the other requests about saved searches are not', async () => {
    const limited = limitedApi(api);
    const owner = await keyHolder(api, 'professional');
    const id = await saveSearch(api, owner, { search: 'python' });
    const left = async (method: 'get' | 'post' | 'patch', path = '', body?: object) => {
      const { headers } = await askSearches(api, owner, method, path, body, { app: limited.app });
      return Number(headers['x-quota-remaining']);
    };
    const counts = [
      await left('get', `/${id}/jobs`),
      await left('get', `/${id}`),
      await left('get'),
      await left('post', '/preview', { filter: { search: 'python' } }),
      await left('patch', `/${id}`, { name: 'x' }),
      await left('get', `/${id}/jobs?limit=1`),
    ];
    await limited.stop();
    expect(counts).toEqual([24_999, 24_999, 24_999, 24_999, 24_999, 24_998]);
  });

  it('are the same as those of the filters for whatever jobs and filters there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryJobs(12),
        fc.array(arbitraryQuery(), { minLength: 4, maxLength: 4 }),
        async (jobs, queries) => {
          await storeJobs(api.db, jobs);
          await learnWords(
            api.db,
            jobs.map(({ id }) => id),
          );
          try {
            for (const filter of queries.filter((query) => Object.keys(query).join() !== 'search_in')) {
              const saved = await askSearches(api, holder, 'post', '', { name: 'x', filter });
              expect([filter, saved.status]).toEqual([filter, 201]);
              const query = new URLSearchParams({ ...filter, exact: 'true', limit: '50' }).toString();
              const listed = await api.get(`/jobs?${query}`, holder.secret);
              const found = await jobsOf(saved.body.data.id as string, '?limit=50').expect(200);
              expect([filter, idsIn(found.body as { data: { id: string }[] })]).toEqual([
                filter,
                idsIn(listed.body as { data: { id: string }[] }),
              ]);
              await askSearches(api, holder, 'delete', `/${saved.body.data.id}`).expect(200);
            }
          } finally {
            await api
              .db('jobs')
              .whereIn(
                'id',
                jobs.map(({ id }) => id),
              )
              .delete();
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('trying a search before saving it', () => {
  let api: TestApi;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
    holder = await keyHolder(api, 'professional');
    for (let n = 0; n < 20; n += 1) {
      await api.saveJob({
        id: `shop-${String(n).padStart(2, '0')}`,
        title: `Scrape shop ${n} with Python`,
        postedOn: addMillis(NOW, -n * 12 * HOUR_MS),
      });
    }
  });
  afterAll(() => api.drop());

  const preview = async (filter: object) =>
    (await askSearches(api, holder, 'post', '/preview', { filter }).expect(200)).body;

  it('counts the jobs of the last seven days, and shows the newest five', async () => {
    const { data, warnings } = await preview({ search: 'scraping', exact: true });
    expect(data).toMatchObject({
      days: 7,
      posted_after: addMillis(NOW, -7 * DAY_MS),
      total: 15,
      total_is_exact: true,
      jobs_per_day: 2.1,
    });
    expect((data.examples as { id: string }[]).map(({ id }) => id)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `shop-0${n}`),
    );
    expect(data.examples[0]).toMatchObject({ title: 'Scrape shop 0 with Python', searchable_at: null });
    expect(warnings).toHaveLength(1);
  });

  it("keeps to the search's own times where they are narrower", async () => {
    expect((await preview({ search: 'scraping', posted_after: '-24h' })).data.total).toBe(3);
    expect((await preview({ search: 'scraping', posted_after: '-20d' })).data.total).toBe(15);
  });

  it('counts as many days as the plan shows', async () => {
    await api
      .db('accounts')
      .where({ id: holder.accountId })
      .update({ plan_overrides: JSON.stringify({ retention_days: 2 }) });
    expect((await preview({ search: 'scraping' })).data).toMatchObject({
      days: 2,
      total: 5,
      jobs_per_day: 2.5,
    });
    await api.db('accounts').where({ id: holder.accountId }).update({ plan_overrides: '{}' });
  });

  it('saves nothing', async () => {
    await preview({ search: 'scraping' });
    expect((await askSearches(api, holder, 'get').expect(200)).body.total).toBe(0);
  });
});
