import { randomUUID } from 'node:crypto';
import { createAnswerActivities } from '../../activities/answers';
import { addMillis, DAY_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { createTestWorker, type TestWorker } from '../support/temporal';

describe('forgetAnswers', () => {
  let api: TestApi;
  let worker: TestWorker;
  let now = NOW;

  beforeAll(async () => {
    api = await createTestApi();
    worker = await createTestWorker({
      activities: createAnswerActivities({ db: api.db, now: () => now }),
    });
  });
  afterAll(async () => {
    await worker.stop();
    await api.drop();
  });

  const run = () =>
    worker.client.workflow.execute('forgetAnswers', {
      taskQueue: worker.taskQueue,
      workflowId: `forget-answers-${randomUUID()}`,
    });

  it('removes answers after a day, where no new ones come, and many of them in one run', async () => {
    await api.db.raw(
      `insert into idempotency_keys (owner, key, request_hash, status, sealed_answer, created_at)
       select 'account', n::text, '', 201, 'sealed', :now from generate_series(1, 2500) n`,
      { now: NOW },
    );
    await api.db.raw(
      `insert into idempotency_keys (owner, key, request_hash, status, answer, created_at)
       values ('account', 'later', '', 202, '{}', :later)`,
      { later: addMillis(NOW, 1) },
    );
    now = addMillis(NOW, DAY_MS - 1);
    expect(await run()).toEqual({ removed: 0 });
    now = addMillis(NOW, DAY_MS);
    expect(await run()).toEqual({ removed: 2_500 });
    expect(await api.db('idempotency_keys').pluck('key')).toEqual(['later']);
  });
});
