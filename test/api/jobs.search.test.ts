import supertest from 'supertest';
import { resolveCategory } from '../../domain/categories';
import { addMillis, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';

interface Body {
  data: { id: string; title: string; _highlight?: { title: string | null; description: string | null } }[];
  total: number;
  warnings?: string[];
  facets: Record<string, { value: unknown; label: string | null; count: number }[]>;
  hints?: {
    filters: { parameters: string[]; total_without: number }[];
    spelling: { word: string; did_you_mean: string[] }[];
  };
}

describe('searching jobs', () => {
  let api: TestApi;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey({ planId: 'professional' })).secret;
    const hoursAgo = (hours: number) => addMillis(NOW, -hours * HOUR_MS);
    await api.saveJob({
      id: 'django',
      title: 'Django developer <needed>',
      description: 'A web shop & its API. We use Python and the development of Django apps is daily work.',
      skills: ['python', 'django'],
      jobType: 1,
      status: 1,
      contractorTier: 2,
      category: resolveCategory('full-stack-development').category,
      buyerCountry: 'DE',
      buyerPaymentVerified: true,
      postedOn: hoursAgo(1),
    });
    await api.saveJob({
      id: 'mention',
      title: 'Rewrite a shop',
      description: 'The old one was made with Django long ago.',
      skills: ['php'],
      jobType: 2,
      status: 1,
      contractorTier: 3,
      buyerCountry: 'US',
      buyerPaymentVerified: false,
      postedOn: hoursAgo(2),
    });
    await api.saveJob({
      id: 'scraper',
      title: 'Python scraper',
      description: 'Scrape a catalogue.',
      skills: ['python'],
      jobType: 2,
      status: 2,
      category: resolveCategory('data-extraction').category,
      buyerCountry: 'US',
      postedOn: hoursAgo(3),
    });
  });
  afterAll(() => api.drop());

  const find = async (query: Record<string, string>): Promise<Body> =>
    (await api.get(`/jobs?${new URLSearchParams(query).toString()}`, key).expect(200)).body as Body;
  const idsOf = ({ data }: Body) => data.map(({ id }) => id);

  describe('by POST', () => {
    const post = (body: object | string) =>
      supertest(api.app).post('/jobs/search').set('X-API-KEY', key).type('json').send(body);

    it('takes the same parameters as members of a JSON object', async () => {
      const { body } = await post({ q: 'django', country: ['DE', 'FR'], limit: 1, count_only: false }).expect(
        200,
      );
      expect(idsOf(body as Body)).toEqual(['django']);
      expect(body.total).toBe(1);
    });

    it('takes a filter too long for an address', async () => {
      const others = Array.from({ length: 98 }, (_, index) => `${'skill '.repeat(30)}${index}`);
      const { body } = await post({ skills: ['django', 'php', ...others] }).expect(200);
      expect(idsOf(body as Body)).toEqual(['django', 'mention']);
    });

    it('names every fault of the body', async () => {
      const { body } = await post({ limt: 5, country: 'XX', budget_min: { a: 1 } }).expect(400);
      expect((body.errors as { parameter: string }[]).map(({ parameter }) => parameter).sort()).toEqual([
        'budget_min',
        'country',
        'limt',
      ]);
    });

    it.each([
      ['a list', '[]'],
      ['no JSON', '{'],
      ['a text', '"django"'],
    ])('refuses %s', async (_, text) => {
      const { body } = await post(text).expect(400);
      expect(body).toMatchObject({ code: 'invalid_parameter', errors: [{ parameter: 'body' }] });
    });

    it('takes no parameters in the address', async () => {
      const response = await supertest(api.app).post('/jobs/search?limit=1').set('X-API-KEY', key).send({});
      expect(response.status).toBe(400);
      expect(response.body.errors).toMatchObject([{ parameter: 'limit' }]);
    });

    it('refuses other media types and what is too large', async () => {
      const form = await supertest(api.app)
        .post('/jobs/search')
        .set('X-API-KEY', key)
        .type('form')
        .send('a=1');
      expect(form.body).toMatchObject({ code: 'unsupported_media_type' });
      expect((await post({ search: 'x'.repeat(200_000) })).body).toMatchObject({ code: 'payload_too_large' });
    });
  });

  describe('by relevance', () => {
    it('puts what the title says before what the description mentions', async () => {
      await api.saveJob({ id: 'newest', description: 'Also Django.', postedOn: addMillis(NOW, -60_000) });
      expect(idsOf(await find({ search: 'django', sort: 'relevance' }))).toEqual([
        'django',
        'newest',
        'mention',
      ]);
      await api.db('jobs').where({ id: 'newest' }).delete();
    });

    it('pages by offset without loss or repeats', async () => {
      const pages = await Promise.all(
        [0, 1, 2].map((offset) =>
          find({ search: 'django OR python', sort: 'relevance', limit: '1', offset: String(offset) }),
        ),
      );
      expect(pages.flatMap(idsOf).sort()).toEqual(['django', 'mention', 'scraper']);
      expect(pages.map(({ total }) => total)).toEqual([3, 3, 3]);
    });

    it('is the newest first where nothing is searched for, and says so', async () => {
      const body = await find({ sort: 'relevance' });
      expect(idsOf(body)).toEqual(['django', 'mention', 'scraper']);
      expect(body.warnings?.[0]).toContain('sort=relevance');
    });

    it('has no cursor', async () => {
      const { body } = await api.get('/jobs?search=django&sort=relevance&cursor=abc', key).expect(400);
      expect(body.errors).toMatchObject([{ parameter: 'cursor' }]);
    });
  });

  describe('fields and highlight', () => {
    it('shows only the fields asked for', async () => {
      const { data } = await find({ search: 'scraper', fields: 'id,title,buyer' });
      expect(data.map((job) => Object.keys(job))).toEqual([['id', 'title', 'buyer']]);
    });

    it('suggests the field that was meant', async () => {
      const { body } = await api.get('/jobs?fields=titel', key).expect(400);
      expect(body.errors).toMatchObject([{ parameter: 'fields', did_you_mean: 'title' }]);
    });

    it('marks what matched, as HTML', async () => {
      const { data } = await find({ search: 'django "web shop"', highlight: 'true' });
      expect(data[0]!._highlight).toEqual({
        title: '<em>Django</em> developer &lt;needed&gt;',
        description:
          'A <em>web</em> <em>shop</em> &amp; its API. We use Python and the development of <em>Django</em> apps is daily work.',
        skills: ['<em>django</em>'],
      });
    });

    it('has nothing to mark without a search', async () => {
      const { data } = await find({ highlight: 'true' });
      expect(data.every((job) => !('_highlight' in job))).toBe(true);
    });
  });

  describe('facets', () => {
    const ALL = 'category,category_group,skills,country,job_type,contractor_tier,status,payment_verified';

    it('counts the jobs that match by each value, which the filter of that name takes', async () => {
      const { facets, total } = await find({ facets: ALL, limit: '1' });
      expect(total).toBe(3);
      expect(facets.country).toEqual([
        { value: 'US', label: 'United States', count: 2 },
        { value: 'DE', label: 'Germany', count: 1 },
      ]);
      expect(facets.job_type).toEqual([
        { value: 2, label: 'fixed-price', count: 2 },
        { value: 1, label: 'hourly', count: 1 },
      ]);
      for (const [facet, counts] of Object.entries(facets)) {
        for (const { value, count } of counts) {
          expect({ facet, value, total: (await find({ [facet]: String(value) })).total }).toEqual({
            facet,
            value,
            total: count,
          });
        }
      }
    });

    it('counts within the search alone', async () => {
      const { facets } = await find({ search: 'django', facets: 'country' });
      expect(facets.country!.map(({ value, count }) => [value, count])).toEqual([
        ['DE', 1],
        ['US', 1],
      ]);
    });

    it('are for Professional and larger plans', async () => {
      const starter = (await api.issueKey()).secret;
      const { body } = await api.get('/jobs?facets=country', starter).expect(403);
      expect(body.message).toContain('facets');
      expect(body.message).toContain('Professional');
    });
  });

  describe('where nothing matches', () => {
    it('reads misspelt words as words that jobs hold, and says so', async () => {
      const body = await find({ search: 'pyhton scrapper', highlight: 'true' });
      expect(idsOf(body)).toEqual(['scraper']);
      expect(body.warnings?.join()).toContain(
        "spelling_relaxed: nothing matched as written; read 'pyhton' as python",
      );
      expect(body.data[0]!._highlight!.title).toBe('<em>Python</em> <em>scraper</em>');
      expect(body.hints).toBeUndefined();
    });

    it('goes on by cursor as it began', async () => {
      const first = (await api.get('/jobs?search=pyhton&limit=1', key).expect(200)).body;
      const second = (await api.get(`/jobs?search=pyhton&limit=1&cursor=${first.next_cursor}`, key)).body;
      expect([...idsOf(first), ...idsOf(second)]).toEqual(['django', 'scraper']);
    });

    it('keeps to the letter when asked, and suggests the spelling', async () => {
      const body = await find({ search: 'pyhton', exact: 'true' });
      expect(body).toMatchObject({ data: [], total: 0 });
      expect(body.hints!.spelling).toEqual([{ word: 'pyhton', did_you_mean: ['python'] }]);
    });

    it('does not take a word for another that jobs hold, too', async () => {
      const body = await find({ search: 'scraper', country: 'DE' });
      expect(idsOf(body)).toEqual([]);
      expect(body.warnings).toBeUndefined();
    });

    it('says how many jobs there would be without each filter', async () => {
      const { hints } = await find({ search: 'django', country: 'US', job_type: 'hourly' });
      expect(hints!.filters).toEqual([
        { parameters: ['job_type', 't'], total_without: 1, total_is_exact: true },
        { parameters: ['country', 'location'], total_without: 1, total_is_exact: true },
        { parameters: ['search'], total_without: 0, total_is_exact: true },
      ]);
    });

    it('has no hints past the end of a result', async () => {
      expect((await find({ search: 'django', limit: '20', offset: '20' })).hints).toBeUndefined();
    });
  });
});
