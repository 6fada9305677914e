import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type KeyHolder, keyHolder } from '../support/keys';
import { askSearches, saveSearch } from '../support/savedSearches';

describe('saved searches', () => {
  let api: TestApi;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
  });
  beforeEach(async () => {
    holder = await keyHolder(api, 'professional');
  });
  afterAll(() => api.drop());

  const ask = (
    method: 'get' | 'post' | 'patch' | 'delete',
    path?: string,
    body?: object,
    rest?: Parameters<typeof askSearches>[5],
  ) => askSearches(api, holder, method, path, body, rest);
  const save = (filter: object) => saveSearch(api, holder, filter);
  const stored = async (id: string) => await api.db('saved_searches').where({ id }).first();

  it('are saved under a name, and shown as they were given without what says nothing', async () => {
    const filter = {
      q: ' (python OR django) -wordpress ',
      country: ['US', 'gb', ''],
      hourly_min: 40,
      payment_verified: true,
      'buyer.total_spent_min': '1000',
      skills: [],
      timezone: null,
      location: ' ',
    };
    const { body, headers } = await ask('post', '', { name: ' Python ', filter }).expect(201);
    expect(headers).not.toHaveProperty('etag');
    expect(body).toMatchObject({ success: true, count: 1 });
    expect(body).not.toHaveProperty('warnings');
    expect(body.data).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Python',
      filter: {
        q: ' (python OR django) -wordpress ',
        country: ['US', 'gb'],
        hourly_min: 40,
        payment_verified: true,
        'buyer.total_spent_min': '1000',
      },
      created_at: NOW,
      updated_at: NOW,
    });
    expect((await ask('get', `/${body.data.id}`).expect(200)).body.data).toEqual(body.data);
    expect(await stored(body.data.id as string)).toMatchObject({
      filter: {
        search: expect.anything(),
        countries: ['US', 'GB'],
        hourly: { min: 40, max: null },
        paymentVerified: true,
        buyerTotalSpentMin: 1000,
      },
      moving_bounds: {},
    });
  });

  it('keep times back from now as spans, and others as they are', async () => {
    const id = await save({ posted_after: '-24h', updated_after: '2026-01-20' });
    expect(await stored(id)).toMatchObject({
      parameters: { posted_after: '-24h', updated_after: '2026-01-20' },
      filter: { updatedAfter: '2026-01-20T00:00:00.000Z' },
      moving_bounds: { postedAfter: DAY_MS },
    });
  });

  it('are made of an address of a search at Upwork, and say what of it was left out', async () => {
    const upwork_url =
      'https://www.upwork.com/nx/search/jobs/?q=python&t=0&sort=recency&page=3&connect_price=0-2&per_page=20';
    const { body } = await ask('post', '', { name: 'pasted', filter: { upwork_url } }).expect(201);
    expect(body.data.filter).toEqual({ upwork_url });
    expect(body.warnings).toEqual([expect.stringContaining('connect_price')]);
    expect((await stored(body.data.id as string)).filter).toEqual({
      search: expect.anything(),
      jobTypes: [1],
    });
  });

  it('take exact, and say that it has no effect', async () => {
    const { body } = await ask('post', '', { name: 'x', filter: { search: 'python', exact: true } }).expect(
      201,
    );
    expect(body.warnings).toEqual([expect.stringMatching(/^exact has no effect/)]);
    // What was read can be sent back.
    const { id, filter } = body.data;
    await ask('patch', `/${id}`, { filter }).expect(200);
  });

  it('may have equal names of up to 200 characters', async () => {
    for (const name of ['same', 'same', 'é'.repeat(200)])
      await ask('post', '', { name, filter: { search: 'a1' } }).expect(201);
    expect((await ask('get').expect(200)).body).toMatchObject({ count: 3, total: 3 });
  });

  it('are listed newest first, page by page, without those of others', async () => {
    await saveSearch(api, await keyHolder(api, 'business'), { search: 'theirs' });
    const made: string[] = [];
    for (let n = 0; n < 7; n += 1) {
      // Several at the same moment.
      const app = api.appWith({ now: () => addMillis(NOW, Math.floor(n / 3)) });
      const { body } = await ask('post', '', { name: `${n}`, filter: { search: `w${n}` } }, { app });
      made.push(body.data.id as string);
    }
    const seen: { id: string; created_at: string }[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null; pages += 1) {
      const { body } = await ask('get', `?limit=3${cursor && `&cursor=${cursor}`}`).expect(200);
      expect(body).toMatchObject({ total: 7, total_is_exact: true, count: [3, 3, 1][pages] });
      seen.push(...body.data);
      cursor = body.next_cursor as string | null;
    }
    expect(seen.map(({ id }) => id).sort()).toEqual([...made].sort());
    const times = seen.map(({ created_at }) => created_at);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('are listed on even when the last of the page before is gone', async () => {
    for (const search of ['a1', 'a2', 'a3']) await save({ search });
    const { body: first } = await ask('get', '?limit=1').expect(200);
    await ask('delete', `/${first.data[0].id}`).expect(200);
    const { body } = await ask('get', `?limit=5&cursor=${first.next_cursor}`).expect(200);
    expect(body).toMatchObject({ count: 2, next_cursor: null });
  });

  it('are changed in what is given, and keep the rest', async () => {
    const id = await save({ posted_after: '-24h', country: 'US' });
    const app = api.appWith({ now: () => addMillis(NOW, HOUR_MS) });
    const change = async (body: object) =>
      (await ask('patch', `/${id}`, body, { app }).expect(200)).body.data as object;
    const renamed = { id, name: 'renamed', created_at: NOW, updated_at: addMillis(NOW, HOUR_MS) };
    expect(await change({ name: 'renamed' })).toEqual({
      ...renamed,
      filter: { posted_after: '-24h', country: 'US' },
    });
    expect(await change({ filter: { search: 'python' } })).toEqual({
      ...renamed,
      filter: { search: 'python' },
    });
    expect(await stored(id)).toMatchObject({ filter: { search: expect.anything() }, moving_bounds: {} });
    expect((await stored(id)).filter).not.toHaveProperty('countries');
  });

  it('are deleted, shown a last time as they were', async () => {
    const id = await save({ search: 'python' });
    const { body } = await ask('delete', `/${id}`).expect(200);
    expect(body.data).toMatchObject({ id, filter: { search: 'python' } });
    expect(body).not.toHaveProperty('warnings');
    await ask('get', `/${id}`).expect(404);
    await ask('delete', `/${id}`).expect(404);
  });

  it('go from the endpoints that name them; an endpoint left without any does not hear of all', async () => {
    const [gone, kept] = [await save({ search: 'a1' }), await save({ search: 'a2' })];
    const stranger = await keyHolder(api, 'business');
    const insert = (id: string, saved_search_ids: string[] | null, account_id = holder.accountId) =>
      api.db('webhook_endpoints').insert({
        id,
        account_id,
        sealed_url: Buffer.from('x'),
        sealed_secret: Buffer.from('x'),
        events: ['job.matched'],
        saved_search_ids,
        created_at: NOW,
        updated_at: NOW,
      });
    await insert('alone', [gone]);
    await insert('both', [kept, gone]);
    await insert('other', [kept]);
    await insert('all', null);
    await insert('stranger', [gone], stranger.accountId);

    const { body } = await ask('delete', `/${gone}`).expect(200);
    expect(body.warnings).toEqual([expect.stringMatching(/hear of no jobs .*: alone\.$/)]);
    const rows = await api.db('webhook_endpoints').select('id', 'saved_search_ids').orderBy('id');
    expect(rows).toEqual([
      { id: 'all', saved_search_ids: null },
      { id: 'alone', saved_search_ids: [] },
      { id: 'both', saved_search_ids: [kept] },
      { id: 'other', saved_search_ids: [kept] },
      { id: 'stranger', saved_search_ids: [gone] },
    ]);
  });

  it('note each change for whoever matches by them', async () => {
    const clock = async () => (await api.db('matching_clock').first()).number as number;
    const before = await clock();
    const id = await save({ search: 'python' });
    await ask('patch', `/${id}`, { name: 'other' }).expect(200);
    await ask('delete', `/${id}`).expect(200);
    expect(await clock()).toBe(before + 3);
  });

  it('are saved once, however often the request comes under one Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': 'once' };
    const body = { name: 'x', filter: { search: 'python', exact: 'yes' } };
    const first = await ask('post', '', body, { headers }).expect(201);
    const again = await ask('post', '', body, { headers }).expect(201);
    expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    expect([again.body.data, again.body.warnings]).toEqual([first.body.data, first.body.warnings]);
    expect((await ask('get').expect(200)).body.total).toBe(1);
    const other = await ask('post', '', { ...body, name: 'y' }, { headers }).expect(409);
    expect(other.body).toMatchObject({ code: 'idempotency_conflict' });
  });

  it('are read with a test key, too', async () => {
    const id = await save({ search: 'python' });
    const { secret } = await api.issueKey({ accountId: holder.accountId, kind: 'test' });
    const who = { secret };
    await askSearches(api, who, 'get', `/${id}`).expect(200);
    await askSearches(api, who, 'get', `/${id}/jobs`).expect(200);
  });
});
