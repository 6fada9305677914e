import supertest from 'supertest';
import { createTestApi, type TestApi } from '../support/api';

const ADDRESS = 'https://www.upwork.com/nx/search/jobs/?q=python&t=0&per_page=1';

describe('searching by an address of Upwork', () => {
  let api: TestApi;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey()).secret;
    await api.saveJob({
      id: 'first',
      title: 'Python scraper',
      jobType: 1,
      postedOn: '2026-02-01T09:00:00.000Z',
    });
    await api.saveJob({
      id: 'second',
      title: 'Python tutor',
      jobType: 1,
      postedOn: '2026-02-01T08:00:00.000Z',
    });
    await api.saveJob({ id: 'fixed', title: 'Python bot', jobType: 2 });
    await api.saveJob({ id: 'logo', title: 'Logo', jobType: 1 });
  });
  afterAll(() => api.drop());

  const idsOf = async (path: string) => {
    const { body } = await api.get(path, key).expect(200);
    return (body.data as { id: string }[]).map(({ id }) => id);
  };

  it('answers an address that was escaped, page by page', async () => {
    const addressOf = (page: number) => encodeURIComponent(`${ADDRESS}&page=${page}`);
    expect(await idsOf(`/jobs?upwork_url=${addressOf(1)}`)).toEqual(['first']);
    expect(await idsOf(`/jobs?upwork_url=${addressOf(2)}`)).toEqual(['second']);
  });

  it('answers an address that was not escaped, with what the query string took off it', async () => {
    const { body } = await api.get(`/jobs?upwork_url=${ADDRESS}&nbs=1&page=2`, key).expect(200);
    expect(body).toMatchObject({ data: [{ id: 'second' }], total: 2 });
    expect(body).not.toHaveProperty('warnings');
  });

  it('answers it in a body, and lets the other members win', async () => {
    const { body } = await post({ upwork_url: `${ADDRESS}&page=1`, job_type: 'fixed-price' });
    expect(body).toMatchObject({ data: [{ id: 'fixed' }], total: 1 });
  });

  it('tells what it left out', async () => {
    const address = encodeURIComponent(`${ADDRESS}&connect_price=0-4&location=Atlantis`);
    const { body } = await api.get(`/jobs?upwork_url=${address}`, key).expect(200);
    expect(body.warnings).toEqual([
      expect.stringContaining('connect_price'),
      expect.stringContaining('Atlantis'),
    ]);
  });

  it('refuses an address that is no search, naming the parameter', async () => {
    const response = await api
      .get('/jobs?upwork_url=https://www.upwork.com/nx/search/talent/', key)
      .expect(400);
    expect(response.body.errors).toMatchObject([{ parameter: 'upwork_url' }]);
  });

  it('asks for the plan that has what the address asks for', async () => {
    const address = encodeURIComponent('https://www.upwork.com/nx/search/jobs/?client_hires=1-9');
    const response = await api.get(`/jobs?upwork_url=${address}`, key).expect(403);
    expect(response.body).toMatchObject({
      code: 'plan_upgrade_required',
      errors: [{ parameter: 'client_hires' }],
    });
  });

  const post = (body: object) =>
    supertest(api.app).post('/jobs/search').set('X-API-KEY', key).send(body).expect(200);
});
