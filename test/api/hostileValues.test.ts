import supertest from 'supertest';
import { JOB_QUERY_GRAMMAR } from '../../domain/jobFilter';
import { addMillis, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type KeyHolder, keyHolder } from '../support/keys';
import { askSearches } from '../support/savedSearches';

/** What would mean something to Postgres, to Meilisearch, to a shell, to a browser, or to nobody. */
const HOSTILE = [
  `'`,
  `''; drop table jobs; --`,
  `" OR 1=1 --`,
  `\\`,
  `\\'`,
  `$1`,
  `:name`,
  `?`,
  `%' or '1'='1`,
  `posted_on > 0 OR job_type = 1`,
  `"; sort_key EXISTS; "`,
  `_geoRadius(1,1,1)`,
  `<script>alert(1)</script>`,
  `\u202Egnp.exe`,
  `\u0000`,
  `a\u0000b`,
  `x'::int`,
  `{"$ne":null}`,
  `../../etc/passwd`,
  `x`.repeat(10_000),
  `(`.repeat(5_000),
  `"`.repeat(99),
  `-`.repeat(999),
  `🙂'🙂`,
];

describe('hostile values', () => {
  let api: TestApi;
  let key: string;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
    holder = await keyHolder(api, 'enterprise');
    key = holder.secret;
    const skills = [`o'reilly`, `back\\slash`, `100%`, `"quoted"`, `$1`, `a:b`, `x, y`.replace(', ', ' ')];
    for (const [index, skill] of skills.entries()) {
      await api.saveJob({
        id: `job-${index}`,
        title: `Work with ${skill}`,
        skills: [skill],
        postedOn: addMillis(NOW, -(index + 1) * HOUR_MS),
      });
    }
  });
  afterAll(() => api.drop());

  const post = (body: unknown) =>
    supertest(api.app).post('/jobs/search').set('X-API-KEY', key).type('json').send(JSON.stringify(body));

  const save = (filter: object) => askSearches(api, holder, 'post', '', { name: 'x', filter });

  it.each(JOB_QUERY_GRAMMAR.parameters.map(({ name }) => name))(
    'are taken or refused, never a failure of ours: %s',
    async (name) => {
      for (const value of HOSTILE) {
        const got = await api.get(`/jobs?${name}=${encodeURIComponent(value)}`, key);
        const posted = await post({ [name]: value });
        const saved = await save({ [name]: value });
        const answers = [got, posted, saved];
        expect({
          value,
          statuses: answers.map(({ status }) => status).filter((status) => status >= 500),
        }).toEqual({ value, statuses: [] });
        for (const { status, body } of answers) {
          if (status === 400) expect(body.errors[0].parameter).toEqual(expect.any(String));
        }
      }
    },
  );

  it.each([
    ['lone surrogates', '\ud800', 'a\udfffb'],
    ['objects', { a: 1 }, { '': null }],
    ['lists in lists', [['a']], [[]]],
    ['numbers out of bounds', 1e308, -0.1],
    ['long lists', Array.from({ length: 5_000 }, () => 'a'), Array.from({ length: 101 }, () => 'x')],
  ])('in a body, %s are taken or refused', async (_what, ...values) => {
    for (const { name } of JOB_QUERY_GRAMMAR.parameters) {
      for (const value of values) {
        const { status } = await post({ [name]: value });
        const saved = await save({ [name]: value });
        expect({ name, value, isOurs: status >= 500 || saved.status >= 500 }).toEqual({
          name,
          value,
          isOurs: false,
        });
      }
    }
  });

  it.each([
    'search[]=a',
    'search[$ne]=',
    'search[a][b]=1',
    'search=a&search=b',
    '__proto__=1',
    'constructor=1',
  ])('lists and objects in the address name no parameter: %s', async (query) => {
    const { body } = await api.get(`/jobs?${query}`, key).expect(400);
    expect(body.errors).toHaveLength(1);
  });

  it('mean what they say where jobs hold them', async () => {
    for (const skill of [`o'reilly`, `back\\slash`, `100%`, `"quoted"`, `$1`, `a:b`]) {
      const { body } = await api.get(`/jobs?skills=${encodeURIComponent(skill)}`, key).expect(200);
      expect((body.data as { skills: string[] }[]).map(({ skills }) => skills)).toEqual([[skill]]);
    }
    const { body } = await api.get(`/jobs?skills=${encodeURIComponent(`' or true --`)}`, key).expect(200);
    expect(body.data).toEqual([]);
  });

  it('leave the jobs alone', async () => {
    const { rows } = await api.db.raw<{ rows: { count: number }[] }>('select count(*) from jobs');
    expect(rows[0]?.count).toBe(7);
  });
});
