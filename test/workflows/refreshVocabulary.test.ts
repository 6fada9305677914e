import { randomUUID } from 'node:crypto';
import { createVocabularyActivities } from '../../activities/vocabulary';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { createTestWorker, type TestWorker } from '../support/temporal';

describe('refreshVocabulary', () => {
  let api: TestApi;
  let worker: TestWorker;

  beforeAll(async () => {
    api = await createTestApi();
    worker = await createTestWorker({
      activities: createVocabularyActivities({ db: api.db, now: () => NOW }),
    });
  });
  afterAll(async () => {
    await worker.stop();
    await api.drop();
  });

  it('has the skills counted that GET /skills gives', async () => {
    const { secret } = await api.issueKey();
    await api.saveJob({ id: '1', skills: ['react'] });
    const run = () =>
      worker.client.workflow.execute('refreshVocabulary', {
        taskQueue: worker.taskQueue,
        workflowId: `refresh-vocabulary-${randomUUID()}`,
      });
    expect(await run()).toEqual({ counted: true });
    const { body } = await api.get('/skills', secret).expect(200);
    expect(body).toMatchObject({ data: [{ skill: 'react', jobs: 1 }], counted_at: NOW });
    expect(await run()).toEqual({ counted: false });
  });
});
