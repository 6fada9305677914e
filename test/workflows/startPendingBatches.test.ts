import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { failureInterceptor } from '../../activities/failures';
import { createPushedBatchActivities } from '../../activities/pushedBatches';
import { createBatchStarter } from '../../bin/batches';
import { ensureSchedules } from '../../bin/schedules';
import { addMillis } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { canonicalRecord, ingestionActivities } from '../support/ingest';
import { createTestWorker, type TestWorker } from '../support/temporal';

const UID = '2013625432109875200';

describe('pushed postings', () => {
  let api: TestApi;
  let worker: TestWorker;
  let token: string;
  let startBatch: ReturnType<typeof createBatchStarter>;
  let key: string;
  /** Half a minute and more after the pushes. */
  let now = NOW;

  beforeEach(async () => {
    api = await createTestApi();
    now = NOW;
    worker = await createTestWorker({
      activities: {
        ...ingestionActivities(api.db, [], { now: NOW }),
        ...createPushedBatchActivities({
          db: api.db,
          startBatch: (batch) => startBatch(batch),
          now: () => now,
        }),
      },
      interceptors: { activity: [() => ({ inbound: failureInterceptor })] },
    });
    startBatch = createBatchStarter(worker);
    // Batches are named after their source, and workflows of all tests share one server.
    token = (await api.issueToken({ sourceId: `partner-${randomUUID()}` })).secret;
    key = (await api.issueKey({ planId: 'business' })).secret;
  });
  afterEach(async () => {
    await worker.stop();
    await api.drop();
  });

  const push = async (app = api.app) => {
    const { body } = await supertest(app)
      .post('/ingest/jobs')
      .set('Authorization', `Bearer ${token}`)
      .send([canonicalRecord({ posted_on: '2026-01-31T09:00:00Z' }), { title: 'No posting time' }])
      .expect(202);
    return body.batch_id as string;
  };
  const startPending = () =>
    worker.client.workflow.execute('startPendingBatches', {
      taskQueue: worker.taskQueue,
      workflowId: `start-pending-batches-${randomUUID()}`,
    });
  const reportOf = (batchId: string) => worker.client.workflow.getHandle(`batch/${batchId}`).result();
  const foundIds = async () =>
    ((await api.get('/jobs', key).expect(200)).body.data as { id: string }[]).map(({ id }) => id);

  it('are found by GET /jobs once their batch is through', async () => {
    const app = api.appWith({ push: { ...api.services.push, startBatch } });
    const report = await reportOf(await push(app));
    expect(report).toMatchObject({
      received: 2,
      accepted: 1,
      rejected: 1,
      reasons: { posting_time_missing: 1 },
    });
    expect(await foundIds()).toEqual([UID]);
  });

  it('are processed although they could not be started when they came', async () => {
    const app = api.appWith({
      push: { ...api.services.push, startBatch: () => Promise.reject(new Error('Temporal is away.')) },
    });
    const batchId = await push(app);
    expect(await startPending()).toEqual({ waiting: 0, started: 0 });

    now = addMillis(NOW, 31_000);
    expect(await startPending()).toEqual({ waiting: 1, started: 1 });
    expect(await reportOf(batchId)).toMatchObject({ accepted: 1, rejected: 1 });
    expect(await startPending()).toEqual({ waiting: 0, started: 0 });
    expect(await foundIds()).toEqual([UID]);
  });

  it('are not started twice', async () => {
    const batch = { batchId: await push(), sourceId: 'partner', rowCount: 2 };
    expect(await startBatch(batch)).toBe(true);
    expect(await startBatch(batch)).toBe(false);
    await reportOf(batch.batchId);
    expect(await startBatch(batch)).toBe(false);
  });

  it('leaves the batches of other kinds of sources alone', async () => {
    await push();
    await api.db('ingest_runs').update({ location: '/data/feed.csv' });
    now = addMillis(NOW, 31_000);
    expect(await startPending()).toEqual({ waiting: 0, started: 0 });
  });

  it('looks for them and other things every minute, by schedules that every worker may set up', async () => {
    await Promise.all([1, 2, 3].map(() => ensureSchedules(worker.client, worker.taskQueue)));
    const workflows = {
      'start-pending-batches': 'startPendingBatches',
      'refresh-vocabulary': 'refreshVocabulary',
      'start-pending-signups': 'startPendingSignUps',
      'mail-notices': 'mailNotices',
      'start-pending-erasures': 'startPendingErasures',
    };
    for (const [scheduleId, workflowType] of Object.entries(workflows)) {
      const handle = worker.client.schedule.getHandle(scheduleId);
      const { spec, action } = await handle.describe();
      expect(spec.intervals).toMatchObject([{ every: 60_000 }]);
      expect(action).toMatchObject({ workflowType });
      await handle.delete();
    }
    const daily = worker.client.schedule.getHandle('prune-accounts');
    expect((await daily.describe()).spec.intervals).toMatchObject([{ every: 86_400_000 }]);
    await daily.delete();
  });
});
