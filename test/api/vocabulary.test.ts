import { countVocabulary } from '../../db/vocabulary';
import { allCategories, CATEGORY_GROUPS, resolveCategory } from '../../domain/categories';
import { addMillis, DAY_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';

const daysAgo = (days: number) => addMillis(NOW, -days * DAY_MS);

describe('the vocabulary', () => {
  let api: TestApi;
  let starter: string;
  let business: string;
  let enterprise: string;

  beforeAll(async () => {
    api = await createTestApi();
    starter = (await api.issueKey()).secret;
    business = (await api.issueKey({ planId: 'business' })).secret;
    enterprise = (await api.issueKey({ planId: 'enterprise' })).secret;
  });
  afterAll(() => api.drop());

  it('says that nothing was counted yet', async () => {
    const { body } = await api.get('/skills', starter).expect(200);
    expect(body).toMatchObject({ data: [], count: 0, counted_at: null });
    expect(body.warnings).toHaveLength(1);
    const tree = (await api.get('/categories', starter).expect(200)).body;
    expect(tree).toMatchObject({ count: 8, counted_at: null });
    expect(tree.warnings).toHaveLength(1);
  });

  describe('once it was counted', () => {
    beforeAll(async () => {
      const { category } = resolveCategory('Full Stack Development');
      await api.saveJob({ id: '1', skills: ['PostgreSQL', 'react'], tags: ['postgresql'], category });
      await api.saveJob({ id: '2', skills: ['react', 'postman', '100% remote'], category });
      await api.saveJob({ id: '3', skills: ['react'], postedOn: daysAgo(20), category });
      await api.saveJob({
        id: '4',
        skills: ['cobol'],
        postedOn: daysAgo(400),
        category: resolveCategory('Legal').category,
      });
      await api.saveJob({
        id: '5',
        skills: ['react', 'sampling'],
        isSample: true,
        category: resolveCategory('Basket Weaving').category,
      });
      await api.saveJob({ id: '6', skills: ['react'] });
      await api.db('jobs').where({ id: '6' }).update({ duplicate_of: '1' });
      expect(await countVocabulary(api.db, NOW)).toEqual({ counted: true });
    });

    const skillsOf = async (query: string, secret: string): Promise<Record<string, number>> => {
      const { body } = await api.get(`/skills?${query}`, secret).expect(200);
      const rows = body.data as { skill: string; jobs: number }[];
      expect(body.count).toBe(rows.length);
      return Object.fromEntries(rows.map(({ skill, jobs }) => [skill, jobs]));
    };

    it('counts each job once a skill, tags included, folded jobs not, inside the window of the plan', async () => {
      expect(await skillsOf('', starter)).toEqual({ react: 2, '100% remote': 1, postgresql: 1, postman: 1 });
      expect(await skillsOf('', business)).toMatchObject({ react: 3 });
      expect(await skillsOf('prefix=cobol', business)).toEqual({});
      expect(await skillsOf('prefix=cobol', enterprise)).toEqual({ cobol: 1 });
    });

    it('gives the most frequent first, as many as asked for', async () => {
      expect(Object.keys(await skillsOf('limit=2', starter))).toEqual(['react', '100% remote']);
    });

    it('finds what begins with the prefix, whatever its case, and takes it to the letter', async () => {
      expect(await skillsOf('prefix=POST', starter)).toEqual({ postgresql: 1, postman: 1 });
      expect(await skillsOf('prefix=100%25', starter)).toEqual({ '100% remote': 1 });
      expect(await skillsOf('prefix=%25', starter)).toEqual({});
      expect(await skillsOf('prefix=r_act', starter)).toEqual({});
      expect(await skillsOf(`prefix=${encodeURIComponent("'; drop")}`, starter)).toEqual({});
    });

    it('shows samples to test keys alone', async () => {
      const { secret } = await api.issueKey({ kind: 'test' });
      expect(await skillsOf('', secret)).toEqual({ react: 1, sampling: 1 });
    });

    it('shows a contract with a window of its own nothing beyond it', async () => {
      const { id, secret } = await api.issueKey();
      await api.db.raw(
        `update accounts set plan_overrides = '{"retention_days": 20}'
         where id = (select account_id from api_keys where id = :id)`,
        { id },
      );
      const { body } = await api.get('/skills?prefix=react', secret).expect(200);
      expect(body).toMatchObject({ data: [{ skill: 'react', jobs: 2 }], counted_days: 7 });
    });

    it('says when and over what was counted', async () => {
      for (const path of ['/skills', '/categories']) {
        const { body } = await api.get(path, starter).expect(200);
        expect(body).toMatchObject({ counted_at: NOW, counted_days: 7 });
        expect((await api.get(path, enterprise)).body.counted_days).toBeNull();
      }
    });

    it('refuses a limit out of bounds and a parameter that is none, both at once', async () => {
      const { body } = await api.get('/skills?limit=101&prefx=a', starter).expect(400);
      expect(body.errors).toMatchObject([
        { parameter: 'prefx', did_you_mean: 'prefix' },
        { parameter: 'limit', received: '101' },
      ]);
      await api.get(`/skills?prefix=${'a'.repeat(201)}`, starter).expect(400);
      await api.get('/categories?limit=5', starter).expect(400);
    });

    it('gives the whole tree of categories, each with the jobs below it', async () => {
      const { body } = await api.get('/categories', starter).expect(200);
      const groups = body.data as {
        slug: string;
        jobs: number;
        categories: { slug: string; jobs: number; subcategories: { slug: string; jobs: number }[] }[];
      }[];
      expect(groups.map(({ slug }) => slug)).toEqual(CATEGORY_GROUPS.map(({ slug }) => slug));
      const listed = groups.flatMap(({ categories }) =>
        categories.flatMap(({ slug, subcategories }) => [slug, ...subcategories.map((each) => each.slug)]),
      );
      const known = allCategories().filter(({ level }) => level !== 'specialty');
      expect(listed.sort()).toEqual(known.map(({ slug }) => slug).sort());

      const withJobs = groups.filter(({ jobs }) => jobs > 0);
      expect(withJobs).toMatchObject([{ slug: 'development-it', jobs: 2 }]);
      const [software] = withJobs[0]!.categories.filter(({ jobs }) => jobs > 0);
      expect(software).toMatchObject({ slug: 'web-mobile-software-dev', jobs: 2 });
      expect(software!.subcategories.filter(({ jobs }) => jobs > 0)).toMatchObject([
        { slug: 'web-development', jobs: 2 },
      ]);
    });

    it('is not counted again until half a minute has passed', async () => {
      expect(await countVocabulary(api.db, addMillis(NOW, 29_000))).toEqual({ counted: false });
      await api.saveJob({ id: '7', skills: ['postcss'] });
      expect(await skillsOf('prefix=postcss', starter)).toEqual({});
      const later = addMillis(NOW, DAY_MS / 24);
      expect(await countVocabulary(api.db, later)).toEqual({ counted: true });
      expect(await skillsOf('prefix=postcss', starter)).toEqual({ postcss: 1 });
    });

    it('rests a hundred times as long as counting took', async () => {
      await api.db('vocabulary_state').update({ counted_at: NOW, took_ms: 3_000 });
      expect(await countVocabulary(api.db, addMillis(NOW, 299_000))).toEqual({ counted: false });
      expect(await countVocabulary(api.db, addMillis(NOW, 300_000))).toEqual({ counted: true });
    });

    it('is counted once by two that begin at the same time', async () => {
      await api.db('vocabulary_state').update({ counted_at: null });
      const both = await Promise.all([countVocabulary(api.db, NOW), countVocabulary(api.db, NOW)]);
      expect(both.map(({ counted }) => counted).sort()).toEqual([false, true]);
    });
  });
});
