import { countVocabulary } from '../../db/vocabulary';
import { resolveCategory } from '../../domain/categories';
import type { Job } from '../../domain/job';
import { addMillis, DAY_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';

const ago = (days: number) => addMillis(NOW, -days * DAY_MS);
const category = (name: string) => resolveCategory(name).category;

/** Of one job: skills rare and frequent, a rare word in the title, a category with relatives. */
const ASKED: Partial<Job> = {
  title: 'Hydroponics dashboard',
  description: 'Our greenhouse needs a dashboard for its sensors.',
  skills: ['react', 'mqtt'],
  category: category('Full Stack Development'),
};

describe('GET /jobs/{id}/similar', () => {
  let api: TestApi;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey()).secret;
    await api.saveJob({ id: 'asked', ...ASKED });
    await api.saveJob({ id: 'twin', ...ASKED, postedOn: ago(2) });
    await api.saveJob({ id: 'older-twin', ...ASKED, postedOn: ago(3) });
    await api.saveJob({ id: 'folded', ...ASKED });
    await api.db('jobs').where({ id: 'folded' }).update({ duplicate_of: 'asked' });
    await api.saveJob({ id: 'sample', ...ASKED, isSample: true });
    await api.saveJob({ id: 'too-old', ...ASKED, postedOn: ago(20) });
    await api.saveJob({ id: 'same-rare-skill', title: 'Read meters', skills: ['mqtt'] });
    await api.saveJob({ id: 'same-frequent-skill', title: 'Landing page', skills: ['react'] });
    await api.saveJob({ id: 'same-word', title: 'Sell hydroponics', description: 'By telephone.' });
    await api.saveJob({ id: 'same-category', title: 'Shop', category: category('Full Stack Development') });
    await api.saveJob({ id: 'related-category', title: 'Blog', category: category('Web Design') });
    await api.saveJob({ id: 'stranger', title: 'Proofread novels', category: category('Legal') });
    for (let number = 0; number < 80; number += 1) {
      const skills = [number < 20 ? 'react' : 'excel'];
      await api.saveJob({ id: `page-${number}`, title: `Page ${number}`, skills, postedOn: ago(5) });
    }
    await api.saveJob({ id: 'bare', title: '???' });
    await countVocabulary(api.db, NOW);
  });
  afterAll(() => api.drop());

  interface Entry {
    id: string;
    similarity: number;
    title: string;
  }
  const similarTo = async (path: string, secret = key): Promise<Entry[]> => {
    const { body } = await api.get(`/jobs/${path}`, secret).expect(200);
    expect(body.count).toBe(body.data.length);
    return body.data as Entry[];
  };
  const idsOf = (entries: readonly Entry[]) => entries.map(({ id }) => id);

  it('gives the most alike first, the newest of equals, and says how alike', async () => {
    const found = await similarTo('asked/similar?limit=50');
    expect(idsOf(found).slice(0, 2)).toEqual(['twin', 'older-twin']);
    expect(found[0]!.similarity).toBe(1);
    const scores = found.map(({ similarity }) => similarity);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(Math.min(...scores)).toBeGreaterThan(0);
    expect(found[0]).toMatchObject({ title: ASKED.title, publish_time_relative: '2 days ago' });
  });

  it('weighs a rare skill more than a frequent one, and finds by word or category alone', async () => {
    const found = await similarTo('asked/similar?limit=50');
    const similarity = new Map(found.map((entry) => [entry.id, entry.similarity]));
    expect(similarity.get('same-rare-skill')!).toBeGreaterThan(similarity.get('same-frequent-skill')!);
    expect(similarity.get('same-category')!).toBeGreaterThan(0);
    expect(similarity.get('same-word')!).toBeGreaterThan(0);
    expect(similarity.has('stranger')).toBe(false);
  });

  it('leaves out the job itself, folded ones, samples and what the window of the plan hides', async () => {
    const ids = idsOf(await similarTo('asked/similar?limit=50'));
    for (const id of ['asked', 'folded', 'sample', 'too-old']) expect(ids).not.toContain(id);
    const { secret } = await api.issueKey({ planId: 'business' });
    expect(idsOf(await similarTo('asked/similar?limit=50', secret))).toContain('too-old');
    const test = await api.issueKey({ kind: 'test' });
    expect(await similarTo('sample/similar', test.secret)).toEqual([]);
  });

  it('answers for the shown job where a folded one is asked about', async () => {
    expect(await similarTo('folded/similar')).toEqual(await similarTo('asked/similar'));
  });

  it('gives ten, or as many as asked for', async () => {
    expect(await similarTo('asked/similar')).toHaveLength(10);
    expect(await similarTo('asked/similar?limit=3')).toHaveLength(3);
  });

  it('gives nothing for a job that says nothing', async () => {
    expect(await similarTo('bare/similar')).toEqual([]);
  });

  it('finds jobs before anything was counted', async () => {
    const fresh = await createTestApi();
    try {
      const { secret } = await fresh.issueKey();
      await fresh.saveJob({ id: '1', ...ASKED });
      await fresh.saveJob({ id: '2', ...ASKED });
      const { body } = await fresh.get('/jobs/1/similar', secret).expect(200);
      expect(body.data).toMatchObject([{ id: '2', similarity: 1 }]);
    } finally {
      await fresh.drop();
    }
  });

  it('takes words and skills that hold quotes, backslashes and braces', async () => {
    const awkward = {
      title: `O'Reilly back\\slash {1,2} "x" 日本語`,
      skills: [`o'reilly`, 'a\\b', '{x,"y"}'],
    };
    await api.saveJob({ id: 'awkward', ...awkward });
    await api.saveJob({ id: 'awkward-twin', ...awkward });
    expect((await similarTo('awkward/similar'))[0]).toMatchObject({ id: 'awkward-twin', similarity: 1 });
  });

  it('answers 404 as GET /jobs/{id} does, naming the plan that would show the job', async () => {
    for (const id of ['nobody', 'too-old']) {
      const { body } = await api.get(`/jobs/${id}/similar`, key).expect(404);
      expect(body.message).toBe((await api.get(`/jobs/${id}`, key).expect(404)).body.message);
    }
  });

  it.each(['0', '51', 'many'])('refuses the limit %s', async (limit) => {
    const { body } = await api.get(`/jobs/asked/similar?limit=${limit}`, key).expect(400);
    expect(body.errors).toMatchObject([{ parameter: 'limit', received: limit }]);
  });
});
