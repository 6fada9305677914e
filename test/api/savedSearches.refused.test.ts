import { addMillis } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type KeyHolder, keyHolder } from '../support/keys';
import { askSearches, saveSearch } from '../support/savedSearches';

interface Refusal {
  code: string;
  message: string;
  errors: { parameter: string; message: string }[];
}

describe('refused requests about saved searches', () => {
  let api: TestApi;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
  });
  beforeEach(async () => {
    holder = await keyHolder(api, 'professional');
  });
  afterAll(() => api.drop());

  const post = (body: object, path = '') => askSearches(api, holder, 'post', path, body);
  const parametersOf = ({ errors }: Refusal) => errors.map(({ parameter }) => parameter).sort();
  const setPlan = (plan_id: string, overrides: object = {}) =>
    api
      .db('accounts')
      .where({ id: holder.accountId })
      .update({ plan_id, plan_overrides: JSON.stringify(overrides) });

  describe('with 400', () => {
    it('name every fault at once, of the name and of the filter', async () => {
      const filter = { countri: 'US', budget_min: 'ten', country: ['US', 'XX'], 'buyer.total_spent_min': -1 };
      const { body } = await post({ name: '', filter, nam: 1 }).expect(400);
      expect(parametersOf(body as Refusal)).toEqual([
        'filter.budget_min',
        'filter.buyer.total_spent_min',
        'filter.countri',
        'filter.country',
        'nam',
        'name',
      ]);
      const faultOf = (name: string) =>
        (body as Refusal).errors.find(({ parameter }) => parameter === `filter.${name}`);
      expect(faultOf('countri')).toMatchObject({ did_you_mean: 'country' });
      expect(faultOf('budget_min')).toMatchObject({ received: 'ten', expected: expect.any(String) });
    });

    it.each(['limit', 'offset', 'cursor', 'sort', 'fields', 'facets', 'highlight', 'count_only'])(
      'say that a saved search holds filters only: %s',
      async (name) => {
        for (const path of ['', '/preview']) {
          const filter = { search: 'python', [name]: '1' };
          const { body } = await post({ ...(path ? {} : { name: 'x' }), filter }, path).expect(400);
          expect(body.errors).toMatchObject([
            { parameter: `filter.${name}`, message: expect.stringContaining('holds filters only') },
          ]);
        }
      },
    );

    it('say that jobs to come have no ids yet', async () => {
      const { body } = await post({ name: 'x', filter: { ids: ['188'] } }).expect(400);
      expect(body.errors).toMatchObject([
        { parameter: 'filter.ids', message: expect.stringContaining('GET /jobs takes ids') },
      ]);
    });

    it.each([
      ['nothing', {}],
      ['nothing but empty values', { search: '', country: [], limit: null }],
      ['where to look, but not for what', { search_in: 'title' }],
      ['what has no effect', { webhook: 'https://example.com', exact: true }],
      ['an address of all jobs', { upwork_url: 'https://www.upwork.com/nx/search/jobs/?sort=recency' }],
    ])('refuse a filter that says %s', async (_what, filter) => {
      const { body } = await post({ name: 'x', filter }).expect(400);
      expect(body.errors).toMatchObject([{ parameter: 'filter' }]);
    });

    it.each([
      ['no name', { filter: { search: 'a1' } }, ['name']],
      ['no filter', { name: 'x' }, ['filter']],
      ['a filter that is no object', { name: 'x', filter: ['a1'] }, ['filter']],
      ['a name too long', { name: 'x'.repeat(201), filter: { search: 'a1' } }, ['name']],
      ['a name of blanks', { name: '  ', filter: { search: 'a1' } }, ['name']],
      ['half a character', { name: 'x', filter: { skills: ['\ud800'] } }, ['filter.skills.0']],
      ['a nameless member', { name: 'x', filter: { '': 1, search: 'a1' } }, ['filter']],
    ])('refuse %s', async (_what, body, parameters) => {
      expect(parametersOf((await post(body).expect(400)).body as Refusal)).toEqual(parameters);
    });

    it('refuse a change of nothing, and a list of filters', async () => {
      const id = await saveSearch(api, holder, { search: 'a1' });
      for (const body of [{}, { filter: {} }, [], { id: 'x' }])
        await askSearches(api, holder, 'patch', `/${id}`, body).expect(400);
    });

    it('refuse filters beside those that are saved', async () => {
      const id = await saveSearch(api, holder, { search: 'a1' });
      const { body } = await askSearches(api, holder, 'get', `/${id}/jobs?q=b1&country=US&limt=1&limit=0`);
      expect(parametersOf(body as Refusal)).toEqual(['country', 'limit', 'limt', 'q']);
      expect(body.errors[0].message).toContain('The filters are those of the saved search');
    });

    it.each(['limit=0', 'limit=101', 'cursor=x', 'cursor=99999999999999999.x', 'sort=name'])(
      'refuse a list by %s',
      async (query) => {
        await askSearches(api, holder, 'get', `?${query}`).expect(400);
      },
    );
  });

  it('refuses a body of more than 20 kB with 413', async () => {
    const filter = { skills: Array.from({ length: 100 }, () => 'x'.repeat(200)) };
    await post({ name: 'x', filter }).expect(413);
    await post({ filter }, '/preview').expect(413);
  });

  describe('with 403', () => {
    it('name the scope that changes need', async () => {
      const { secret } = await api.issueKey({ accountId: holder.accountId, scopes: ['jobs:read'] });
      const id = await saveSearch(api, holder, { search: 'a1' });
      const who = { secret };
      for (const request of [
        askSearches(api, who, 'post', '', { name: 'x', filter: { search: 'a1' } }),
        askSearches(api, who, 'patch', `/${id}`, { name: 'x' }),
        askSearches(api, who, 'delete', `/${id}`),
      ]) {
        expect((await request.expect(403)).body).toMatchObject({
          code: 'insufficient_scope',
          message: expect.stringContaining('account:write'),
        });
      }
      await askSearches(api, who, 'get', `/${id}/jobs`).expect(200);
    });

    it('name the plan that has saved searches; what was saved can be seen and deleted', async () => {
      const id = await saveSearch(api, holder, { search: 'a1' });
      await setPlan('starter');
      for (const request of [
        post({ name: 'x', filter: { search: 'a1' } }),
        post({ filter: { search: 'a1' } }, '/preview'),
        askSearches(api, holder, 'patch', `/${id}`, { name: 'x' }),
        askSearches(api, holder, 'get', `/${id}/jobs`),
      ]) {
        expect((await request.expect(403)).body).toMatchObject({
          code: 'plan_upgrade_required',
          message: 'Saved searches need the Professional plan or a larger one; the account is on Starter.',
        });
      }
      await askSearches(api, holder, 'get').expect(200);
      await askSearches(api, holder, 'get', `/${id}`).expect(200);
      await askSearches(api, holder, 'delete', `/${id}`).expect(200);
    });

    it('work again as soon as the plan has them again', async () => {
      const id = await saveSearch(api, holder, { search: 'a1' });
      await setPlan('starter');
      await askSearches(api, holder, 'get', `/${id}/jobs`).expect(403);
      await setPlan('professional');
      await askSearches(api, holder, 'get', `/${id}/jobs`).expect(200);
    });

    it('name the plan that has advanced filters, when saving, trying and reading', async () => {
      const filter = { client_hires: '10-' };
      const id = await saveSearch(api, holder, filter);
      await setPlan('professional', { advanced_filters: false });
      for (const request of [
        post({ name: 'x', filter }),
        post({ filter }, '/preview'),
        askSearches(api, holder, 'patch', `/${id}`, { filter }),
        askSearches(api, holder, 'get', `/${id}/jobs`),
      ]) {
        const { body } = await request.expect(403);
        expect(body).toMatchObject({
          code: 'plan_upgrade_required',
          message: expect.stringMatching(/client_hires.*Business/),
        });
      }
    });

    it('name the plan that has room for more', async () => {
      for (let n = 0; n < 25; n += 1) await saveSearch(api, holder, { search: `w${n}` });
      const { body } = await post({ name: 'x', filter: { search: 'a1' } }).expect(403);
      expect(body).toMatchObject({
        code: 'plan_upgrade_required',
        message:
          'The account has 25 saved searches, as many as the Professional plan allows. The Business plan allows more.',
      });
      await setPlan('business');
      await post({ name: 'x', filter: { search: 'a1' } }).expect(201);
    });
  });

  it('never saves more than the plan allows, however many ask at once', async () => {
    await setPlan('professional', { saved_searches: 5 });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => post({ name: `${n}`, filter: { search: `w${n}` } })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array<number>(5).fill(201), ...Array<number>(25).fill(403)]);
    expect((await askSearches(api, holder, 'get')).body.total).toBe(5);
  });

  it('refuses with 409 what no plan has room for', async () => {
    await setPlan('enterprise');
    const row = (n: number) => ({
      id: `${holder.accountId}-${n}`,
      account_id: holder.accountId,
      name: 'x',
      parameters: {},
      filter: {},
      created_at: addMillis(NOW, n),
      updated_at: NOW,
    });
    await api.db.batchInsert(
      'saved_searches',
      Array.from({ length: 10_000 }, (_, n) => row(n)),
      2_000,
    );
    const { body } = await post({ name: 'x', filter: { search: 'a1' } }).expect(409);
    expect(body).toMatchObject({
      code: 'conflict',
      message: 'The account has 10000 saved searches, as many as there may be. Delete one that is not used.',
    });
    await askSearches(api, holder, 'delete', `/${holder.accountId}-0`).expect(200);
    await post({ name: 'x', filter: { search: 'a1' } }).expect(201);
  });

  it("takes another account's search for none", async () => {
    const stranger = await keyHolder(api, 'business');
    const id = await saveSearch(api, stranger, { search: 'a1' });
    for (const request of [
      askSearches(api, holder, 'get', `/${id}`),
      askSearches(api, holder, 'get', `/${id}/jobs`),
      askSearches(api, holder, 'patch', `/${id}`, { name: 'mine' }),
      askSearches(api, holder, 'delete', `/${id}`),
    ]) {
      expect((await request.expect(404)).body).toMatchObject({ code: 'not_found' });
    }
    expect((await askSearches(api, stranger, 'get', `/${id}`)).body.data).toMatchObject({ name: 'a search' });
  });

  it('answers other methods with what is allowed', async () => {
    await askSearches(api, holder, 'get', '/preview').expect(405).expect('Allow', 'POST');
  });
});
