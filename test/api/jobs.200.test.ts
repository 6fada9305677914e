import supertest from 'supertest';
import { addMillis, DAY_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';

const CIPHERTEXT = '~0182ac23b7a32b6e28';

describe('reading jobs', () => {
  let api: TestApi;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey()).secret;
    await api.saveJob({
      id: '1880000000000000001',
      title: 'Python scraper',
      skills: ['python'],
      buyerTotalAssignments: 12,
      buyerCountry: 'DE',
      postedOn: addMillis(NOW, -3 * 3_600_000),
    });
    await api.saveJob({
      id: 'second',
      ciphertext: CIPHERTEXT,
      title: 'Python tutor',
      postedOn: addMillis(NOW, -DAY_MS),
    });
    await api.saveJob({ id: 'third', title: 'Logo', postedOn: addMillis(NOW, -2 * DAY_MS) });
    await api.saveJob({ id: 'edge', title: 'Edge', postedOn: addMillis(NOW, -7 * DAY_MS) });
    await api.saveJob({ id: 'old', title: 'Old', postedOn: addMillis(NOW, -7 * DAY_MS - 1_000) });
    await api.saveJob({ id: 'sample', title: 'Sample', isSample: true });
    await api.db('job_identities').insert([
      { kind: 'uid', value: '1880000000000000001', job_id: '1880000000000000001' },
      { kind: 'uid', value: '1880000000000000077', job_id: '1880000000000000001' },
      { kind: 'ciphertext', value: CIPHERTEXT, job_id: 'second' },
    ]);
  });
  afterAll(() => api.drop());

  const idsOf = (response: supertest.Response) =>
    (response.body.data as { id: string }[]).map(({ id }) => id);

  it.each(['/jobs', '/v1/jobs', '/jobs/'])(
    'lists the jobs of the window, newest first, at %s',
    async (path) => {
      const response = await api.get(path, key).expect(200);
      expect(idsOf(response)).toEqual(['1880000000000000001', 'second', 'third', 'edge']);
      expect(response.body).toEqual({
        success: true,
        data: expect.any(Array),
        count: 4,
        total: 4,
        total_is_exact: true,
        next_cursor: null,
        last_updated: NOW,
        request_id: response.headers['x-request-id'],
      });
      expect(response.body.data[0]).toMatchObject({
        title: 'Python scraper',
        url: 'https://www.upwork.com/jobs/~021880000000000000001',
        publish_time_relative: '3 hours ago',
        skills: ['python'],
        buyer: { country: 'DE' },
      });
    },
  );

  it('searches and filters', async () => {
    expect(idsOf(await api.get('/jobs?q=python', key).expect(200))).toEqual([
      '1880000000000000001',
      'second',
    ]);
    expect(idsOf(await api.get('/jobs?search=python&country=de', key).expect(200))).toEqual([
      '1880000000000000001',
    ]);
  });

  it('walks pages by cursor to a last one without a cursor', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; page < 5 && cursor !== null; page += 1) {
      const response: supertest.Response = await api.get(`/jobs?limit=2&cursor=${cursor}`, key).expect(200);
      seen.push(...idsOf(response));
      cursor = response.body.next_cursor;
    }
    expect(cursor).toBeNull();
    expect(seen).toEqual(['1880000000000000001', 'second', 'third', 'edge']);
  });

  it('reads the jobs asked for by ids, those outside the window left out', async () => {
    const response = await api.get(`/jobs?ids=third,old,${CIPHERTEXT},nobody`, key).expect(200);
    expect(idsOf(response).sort()).toEqual(['second', 'third']);
  });

  it('answers the total without rows', async () => {
    const { body } = await api.get('/jobs?count_only=yes', key).expect(200);
    expect(body).toMatchObject({ data: [], count: 0, total: 4, total_is_exact: true, next_cursor: null });
  });

  it('warns of what it takes otherwise than asked', async () => {
    const response = await api.get('/jobs?limit=80', key).expect(200);
    expect(response.body.warnings).toEqual([expect.stringContaining('limit 80')]);
  });

  it('names the search engine', async () => {
    const response = await api.get('/jobs', key).expect(200);
    expect(response.headers['x-search-engine']).toBe('postgres');
  });

  it('answers HEAD with the headers of GET', async () => {
    const response = await supertest(api.app).head('/jobs').set('X-API-KEY', key).expect(200);
    expect(response.headers['etag']).toMatch(/^W\/"/);
    expect(response.text).toBeUndefined();
  });

  it.each([
    ['id', '1880000000000000001', '1880000000000000001'],
    ['alias', '1880000000000000077', '1880000000000000001'],
    ['ciphertext of a uid', '~021880000000000000001', '1880000000000000001'],
    ['ciphertext', CIPHERTEXT, 'second'],
    ['ciphertext in capitals', CIPHERTEXT.toUpperCase(), 'second'],
    ['Upwork URL', `https://www.upwork.com/jobs/Python-tutor_${CIPHERTEXT}/?source=rss`, 'second'],
    ['Upwork URL without its slug', `https://www.upwork.com/jobs/${CIPHERTEXT}`, 'second'],
    ['Upwork URL with an encoded tilde', `https://www.upwork.com/jobs/%7E${CIPHERTEXT.slice(1)}`, 'second'],
    ['Upwork URL without its scheme', `www.upwork.com/freelance-jobs/apply/Tutor_${CIPHERTEXT}/`, 'second'],
  ])('reads one job by its %s', async (_kind, reference, id) => {
    const response = await api.get(`/jobs/${encodeURIComponent(reference)}`, key).expect(200);
    expect(response.body).toMatchObject({ success: true, data: { id }, count: 1, last_updated: NOW });
    expect(response.body.request_id).toBe(response.headers['x-request-id']);
  });

  it('shows when one job became searchable, once the index has confirmed its version', async () => {
    const searchableAt = addMillis(NOW, -1_000);
    await api
      .db('job_index_state')
      .insert({ job_id: 'third', indexed_version: 1, searchable_at: searchableAt });
    const response = await api.get('/jobs/third', key).expect(200);
    expect(response.body.data.searchable_at).toBe(searchableAt);
  });

  it('shows test keys the samples alone, and live keys all but them', async () => {
    const test = await api.issueKey({ kind: 'test' });
    expect(idsOf(await api.get('/jobs', test.secret).expect(200))).toEqual(['sample']);
    await api.get('/jobs/sample', test.secret).expect(200);
    await api.get('/jobs/third', test.secret).expect(404);
    await api.get('/jobs/sample', key).expect(404);
  });

  it('shows live keys the samples too where that is set', async () => {
    const app = api.appWith({ samplesForLiveKeys: true });
    const response = await supertest(app).get('/jobs').set('X-API-KEY', key).expect(200);
    expect(idsOf(response)).toContain('sample');
    expect(idsOf(response)).toContain('third');
  });

  it('lets Professional use the advanced filters', async () => {
    const { secret } = await api.issueKey({ planId: 'professional' });
    const response = await api
      .get('/jobs?client_hires=10-&buyer.total_assignments_min=5', secret)
      .expect(200);
    expect(idsOf(response)).toEqual(['1880000000000000001']);
  });

  it('shows an Enterprise account everything', async () => {
    const { secret } = await api.issueKey({ planId: 'enterprise' });
    expect(idsOf(await api.get('/jobs', secret).expect(200))).toContain('old');
  });

  describe('validation of caches', () => {
    it.each(['/jobs', '/jobs/second', '/openapi.json'])('answers 304 to the ETag of %s', async (path) => {
      const first = await api.get(path, key).expect(200);
      const again = await api.get(path, key).set('If-None-Match', first.headers['etag']!).expect(304);
      expect(again.text).toBe('');
      expect(again.headers).toMatchObject({
        etag: first.headers['etag'],
        'cache-control': 'private, no-cache',
        vary: 'X-API-KEY, Accept',
      });
    });

    it('keeps the ETag while only time passes, though relative times change', async () => {
      const first = await api.get('/jobs/second', key).expect(200);
      const later = api.appWith({ now: () => addMillis(NOW, 5 * 3_600_000) });
      const again = await supertest(later).get('/jobs/second').set('X-API-KEY', key).expect(200);
      expect(again.body.last_updated).not.toBe(first.body.last_updated);
      expect(again.body.data.publish_time_relative).toBe('1 day ago');
      expect(again.headers['etag']).toBe(first.headers['etag']);
    });

    it('gives another answer another ETag', async () => {
      const [all, some] = [await api.get('/jobs', key), await api.get('/jobs?limit=1', key)];
      expect(some.headers['etag']).not.toBe(all.headers['etag']);
    });
  });
});
