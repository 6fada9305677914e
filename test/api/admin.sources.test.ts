import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { deleteSchedule, type ScheduleContext } from '../../bin/sourceSchedules';
import { registerSource } from '../../db/sources';
import { emptyReport } from '../../domain/outcome';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { createTestOperators, type TestOperators } from '../support/operators';
import { addHttpSource } from '../support/sources';
import { createTestWorker, type TestWorker } from '../support/temporal';

/** Nobody listens there. */
const NOWHERE = '127.0.0.1:1';

describe('operators', () => {
  let api: TestApi;
  let worker: TestWorker;
  let schedules: ScheduleContext;
  let operators: TestOperators;
  /** Lets the run that is under way end. */
  let release: () => void;
  let mayEnd: Promise<void>;
  let feed: string;

  beforeAll(async () => {
    worker = await createTestWorker({
      activities: {
        openRun: (_sourceId: string, runId: string) => Promise.resolve({ runId, unpublishedBatches: [] }),
        receivePage: async () => {
          await mayEnd;
          return { batchId: 'none', rowCount: 0, isLast: true };
        },
        finishRun: () => Promise.resolve(emptyReport()),
      },
    });
    schedules = { temporal: worker.client, taskQueue: worker.taskQueue };
  });
  afterAll(() => worker.stop());

  beforeEach(async () => {
    mayEnd = new Promise((resolve) => (release = resolve));
    api = await createTestApi();
    operators = createTestOperators(api, schedules);
    feed = `feed-${randomUUID()}`;
    await addHttpSource(api.db, 'https://user:secret@example.com/jobs?key=secret&page=2', { id: feed });
    await registerSource(api.db, { id: 'partner', kind: 'push', isSample: false });
    await api.db('sources').where({ id: 'partner' }).update({ added_at: NOW });
  });
  afterEach(async () => {
    release();
    await deleteSchedule(feed, schedules);
    await api.drop();
  });

  const stateOf = async () => (await worker.client.schedule.getHandle(`ingest/${feed}`).describe()).state;

  it('list the sources without the secrets in their addresses', async () => {
    const { body } = await operators.get('/admin/sources').expect(200);
    expect(body).toMatchObject({
      count: 2,
      data: [
        {
          source: feed,
          kind: 'http',
          location: 'https://example.com/jobs?key=…&page=2',
          interval_seconds: 3_600,
          paused: false,
          last_run: null,
        },
        { source: 'partner', kind: 'push', location: null },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('pause a source and let it go on: in the table, in its schedule, and in the audit log once', async () => {
    const paused = await operators.post(`/admin/sources/${feed}/pause`).expect(200);
    expect(paused.body.data).toMatchObject({ source: feed, paused: true });
    expect((await stateOf()).paused).toBe(true);
    await operators.post(`/admin/sources/${feed}/pause`).expect(200);
    const resumed = await operators.post(`/admin/sources/${feed}/resume`).expect(200);
    expect(resumed.body.data).toMatchObject({ source: feed, paused: false });
    expect((await stateOf()).paused).toBe(false);
    const act = { actor: 'operator:anna', account_id: null, subject: feed, details: {} };
    expect(await operators.audited()).toEqual([
      { ...act, action: 'source.paused' },
      { ...act, action: 'source.resumed' },
    ]);
  });

  it('read a source now, and are told of the run that is under way when they ask again', async () => {
    const first = await operators.post(`/admin/sources/${feed}/run`).expect(202);
    expect(first.body.data).toMatchObject({ source: feed, was_under_way: false });
    const second = await operators.post(`/admin/sources/${feed}/run`).expect(202);
    expect(second.body.data).toEqual({ ...first.body.data, was_under_way: true });
    release();
    await worker.client.workflow.getHandle(first.body.data.workflow_id).result();
    expect((await operators.audited()).map(({ action, subject }) => [action, subject])).toEqual([
      ['source.triggered', feed],
      ['source.triggered', feed],
    ]);
  });

  it('pause a source that pushes, which has nothing to be read', async () => {
    const { body } = await operators.post('/admin/sources/partner/pause').expect(200);
    expect(body.data).toMatchObject({ source: 'partner', paused: true });
    const run = await operators.post('/admin/sources/partner/run').expect(409);
    expect(run.body.code).toBe('conflict');
    expect(await operators.audited()).toHaveLength(1);
  });

  it('get 404 for a source that is not there', async () => {
    for (const act of ['run', 'pause', 'resume']) {
      const { body } = await operators.post(`/admin/sources/nowhere/${act}`).expect(404);
      expect(body.message).toContain('nowhere');
    }
    expect(await operators.audited()).toEqual([]);
  });

  it('are told when Temporal is away; the pause is stored', async () => {
    const connection = Connection.lazy({ address: NOWHERE });
    const away = { temporal: new Client({ connection }), taskQueue: 'none' };
    const { body } = await createTestOperators(api, away).post(`/admin/sources/${feed}/pause`).expect(503);
    await connection.close();
    expect(body).toMatchObject({ code: 'unavailable', message: expect.stringContaining('Temporal') });
    const source = await api.db('sources').where({ id: feed }).first();
    expect(source.paused).toBe(true);
    expect(await operators.audited()).toMatchObject([{ action: 'source.paused' }]);
    await operators.post(`/admin/sources/${feed}/pause`).expect(200);
    expect((await stateOf()).paused).toBe(true);
  });
});
