import { addMillis, DAY_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';

describe('jobs that are not there', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await createTestApi();
    await api.saveJob({ id: 'fortnight', postedOn: addMillis(NOW, -14 * DAY_MS) });
    await api.saveJob({ id: 'decade', postedOn: addMillis(NOW, -3_650 * DAY_MS) });
    await api.saveJob({ id: 'sample', isSample: true, postedOn: addMillis(NOW, -14 * DAY_MS) });
  });
  afterAll(() => api.drop());

  const messageFor = async (planId: string, id: string): Promise<string> => {
    const { secret } = await api.issueKey({ planId });
    const { body } = await api.get(`/jobs/${id}`, secret).expect(404);
    expect(body).toMatchObject({ success: false, code: 'not_found', data: [], count: 0 });
    return body.message as string;
  };

  it('names the smallest plan that would show a job outside the window', async () => {
    expect(await messageFor('starter', 'fortnight')).toContain('Professional');
    expect(await messageFor('starter', 'decade')).toContain('Enterprise');
    expect(await messageFor('business', 'decade')).toContain('Enterprise');
  });

  it('gives no hint where no plan would help', async () => {
    expect(await messageFor('starter', 'nobody')).toBe('There is no job nobody.');
    expect(await messageFor('enterprise', 'nobody')).toBe('There is no job nobody.');
    expect(await messageFor('starter', 'sample')).toBe('There is no job sample.');
  });

  it('takes any text for an id that may not be there', async () => {
    for (const id of ["'; drop table jobs; --", 'ü', '🙂', '..', '%', 'null']) {
      await messageFor('starter', encodeURIComponent(id).replaceAll('.', '%2E'));
    }
  });
});
