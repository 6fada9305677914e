import { createTestApi, type TestApi } from '../support/api';

interface Fault {
  parameter: string;
  did_you_mean: string | null;
}

describe('malformed requests for jobs', () => {
  let api: TestApi;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey()).secret;
  });
  afterAll(() => api.drop());

  const faultsOf = async (path: string): Promise<Fault[]> => {
    const response = await api.get(path, key).expect(400);
    expect(response.body).toMatchObject({ success: false, code: 'invalid_parameter', data: [], count: 0 });
    return response.body.errors as Fault[];
  };
  const namesOf = async (path: string) => (await faultsOf(path)).map(({ parameter }) => parameter);

  it('names every fault of a query at once', async () => {
    const names = await namesOf(
      '/jobs?limt=5&budget_min=cheap&status=asleep&limit=0&posted_after=yesteryear',
    );
    expect(names.sort()).toEqual(['budget_min', 'limit', 'limt', 'posted_after', 'status']);
  });

  it('suggests the parameter that was meant', async () => {
    expect(await faultsOf('/jobs?limt=5')).toMatchObject([{ parameter: 'limt', did_you_mean: 'limit' }]);
  });

  it('gives every fault all its members', async () => {
    const [fault] = await faultsOf('/jobs?limit=many');
    expect(Object.keys(fault!)).toEqual(['parameter', 'message', 'received', 'expected', 'did_you_mean']);
  });

  it('refuses a cursor that is not ours', async () => {
    expect(await namesOf('/jobs?cursor=abc')).toEqual(['cursor']);
  });

  it.each(['0000-01-01T00:00:00.000Z', '2026-02-31T00:00:00.000Z', '2026-01-01T24:00:00.000Z', 'yesterday'])(
    'refuses a cursor made up for the time %s',
    async (time) => {
      const content = JSON.stringify({ sort: 'posted_on_desc', after: [time, '1'] });
      const cursor = Buffer.from(content).toString('base64url');
      expect(await namesOf(`/jobs?cursor=${cursor}`)).toEqual(['cursor']);
    },
  );

  it('refuses parameters on a route that takes none', async () => {
    expect(await namesOf('/jobs/1?fields=id&x=1')).toEqual(['fields', 'x']);
    expect(await namesOf('/health?verbose=1')).toEqual(['verbose']);
  });

  it('names the faults of path and query together', async () => {
    const foreign = encodeURIComponent('https://example.com/jobs/~0182ac23b7a32b6e28');
    expect(await namesOf(`/jobs/${foreign}?x=1`)).toEqual(['id', 'x']);
  });

  it('refuses an address that is not of a posting', async () => {
    for (const address of [
      'https://www.upwork.com/nx/search/jobs/',
      'https://upwork.com.example.org/jobs/~0182ac23b7a32b6e28',
    ]) {
      expect(await namesOf(`/jobs/${encodeURIComponent(address)}`)).toEqual(['id']);
    }
  });

  it('refuses an id that is longer than any', async () => {
    expect(await namesOf(`/jobs/${'x'.repeat(1_001)}`)).toEqual(['id']);
  });

  it.each([
    ['/jobs?q=%zz&country=%', ['q', 'country']],
    ['/jobs?q=%ff', ['q']],
    ['/jobs?q=100%', ['q']],
    ['/jobs?q=a%00b', ['q']],
    ['/jobs/%zz', ['path']],
    ['/jobs/%E0%A4%A', ['path']],
    ['/jobs/a%00b', ['path']],
  ])('refuses malformed URL-encoding: %s', async (path, names) => {
    expect(await namesOf(path)).toEqual(names);
  });

  it('refuses more parameters than it would read', async () => {
    expect(await namesOf(`/jobs?${'q=&'.repeat(1_001)}`)).toEqual(['query']);
  });
});
