import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { failureInterceptor } from '../../activities/failures';
import { heartbeatInterceptor } from '../../activities/heartbeat';
import { createIngestionActivities } from '../../activities/ingestion';
import type { Db } from '../../db/connection';
import { listAddedSources, removeSource } from '../../db/sources';
import { AppError } from '../../domain/errors';
import type { IngestReport } from '../../domain/outcome';
import type { ingestSource } from '../../workflows/ingestSource';
import { createHttpSource } from '../../sources/http/httpSource';
import { createTestDatabase } from '../support/database';
import { canonicalRecord, ingestionActivities, TEST_NOW } from '../support/ingest';
import { json, type ScriptedServer, startScriptedServer } from '../support/scriptedServer';
import { addHttpSource, OWN_MAPPING } from '../support/sources';
import { createTestWorker, type TestWorker } from '../support/temporal';

let db: Db;
let drop: () => Promise<void>;
let worker: TestWorker | undefined;
let server: ScriptedServer | undefined;
/** How long a source may take to answer: short only where one is meant to hang. */
let answerMs: number;

beforeEach(async () => {
  answerMs = 20_000;
  ({ db, drop } = await createTestDatabase());
});

afterEach(async () => {
  await worker?.stop();
  await server?.stop();
  worker = undefined;
  server = undefined;
  await drop();
});

type Activities = ReturnType<typeof ingestionActivities>;

async function startWorker(
  replace: (activities: Activities) => Partial<Activities> = () => ({}),
): Promise<TestWorker> {
  const now = () => TEST_NOW;
  const activities = {
    ...ingestionActivities(db, []),
    ...createIngestionActivities({
      db,
      now,
      openSource: (run) => createHttpSource({ ...run, now, timeouts: { answerMs, totalMs: 20_000 } }),
      sourceBackoffSeconds: () => 0.01,
    }),
  };
  worker = await createTestWorker({
    activities: { ...activities, ...replace(activities) },
    interceptors: {
      activity: [() => ({ inbound: failureInterceptor }), () => ({ inbound: heartbeatInterceptor })],
    },
  });
  return worker;
}

/** One run as the schedule starts it. */
async function startRun(sourceId: string): Promise<WorkflowHandle<typeof ingestSource>> {
  if (!worker) throw new Error('no worker');
  return await worker.client.workflow.start<typeof ingestSource>('ingestSource', {
    taskQueue: worker.taskQueue,
    workflowId: `ingest/${sourceId}-${randomUUID()}`,
    args: [{ sourceId }],
  });
}

async function run(sourceId: string): Promise<IngestReport> {
  return await (await startRun(sourceId)).result();
}

/** Type and sentence in which the run fails, and the run's own words for it. */
async function failureOf(sourceId: string): Promise<{ type: string; message: string }> {
  const handle = await startRun(sourceId);
  try {
    await handle.result();
  } catch (error) {
    const { type, message } = (error as { cause: { type: string; message: string } }).cause;
    return { type, message };
  }
  throw new Error('it did not fail');
}

const posting = (index: number) =>
  canonicalRecord({ id: String(2_013_625_432_109_875_200n + BigInt(index)), title: `Posting ${index}` });
const page = (indexes: number[], next: string | null = null) => json({ jobs: indexes.map(posting), next });

async function marks() {
  const row = await db('sources').where({ id: 'feed' }).first('cursor', 'validators');
  return row as { cursor: { url: string } | null; validators: unknown };
}

const lastRun = async () => (await listAddedSources(db))[0]?.lastRun;
const countJobs = async () => Number((await db('jobs').count<{ count: number }[]>('* as count'))[0]?.count);

async function serve(script: Parameters<typeof startScriptedServer>[0]): Promise<string> {
  server = await startScriptedServer(script);
  return `${server.origin}/feed`;
}

describe('a run of a schedule', () => {
  it('reads all pages, begins again at the first, and finds it unchanged', async () => {
    const first = { ...page([1, 2], '/feed?page=2') };
    const location = await serve({
      '/feed': [{ ...first, headers: { ...first.headers, etag: '"v1"' } }, { status: 304 }],
      '/feed?page=2': page([3]),
    });
    await addHttpSource(db, location);
    await startWorker();
    expect(await run('feed')).toMatchObject({ received: 3, accepted: 3 });
    expect(await marks()).toEqual({ cursor: null, validators: { etag: '"v1"' } });
    expect(await run('feed')).toMatchObject({ received: 0 });
    expect(server?.requests.map(({ path, headers }) => [path, headers['if-none-match']])).toEqual([
      ['/feed', undefined],
      ['/feed?page=2', undefined],
      ['/feed', '"v1"'],
    ]);
    expect(await lastRun()).toMatchObject({ failure: null, endedAt: TEST_NOW, rows: 0 });
  });

  it('asks again when the source is away for a while', async () => {
    const location = await serve({
      '/feed': [{ status: 503 }, { status: 429 }, (request) => request.destroy(), page([1])],
    });
    await addHttpSource(db, location);
    await startWorker();
    expect(await run('feed')).toMatchObject({ accepted: 1 });
    expect(server?.requests).toHaveLength(4);
  });

  it('gives up a source that stays away, publishes what it has, and the next run goes on from there', async () => {
    const down = Array.from({ length: 5 }, () => ({ status: 500 }));
    const location = await serve({
      '/feed': page([1, 2], '/feed?page=2'),
      '/feed?page=2': [...down, page([3])],
    });
    await addHttpSource(db, location);
    await startWorker();

    const { type, message } = await failureOf('feed');
    expect(type).toBe('unavailable');
    expect(message).toMatch(
      /\/feed\?page=2 answers 500 Internal Server Error\. Given up after 5 attempts; the next run goes on from here\.$/,
    );
    expect(await lastRun()).toMatchObject({ failure: message, endedAt: TEST_NOW, rows: 2 });
    expect(await countJobs()).toBe(2);
    expect((await marks()).cursor?.url).toMatch(/\/feed\?page=2$/);

    expect(await run('feed')).toMatchObject({ received: 1, accepted: 1 });
    expect((await marks()).cursor).toBeNull();
    expect(server?.requests.filter(({ path }) => path === '/feed')).toHaveLength(1);
  });

  it.each([
    ['hangs', () => undefined, 'unavailable', 'did not answer within'],
    ['arrives broken', { body: '{"jobs": [{' }, 'unavailable', 'arrived broken'],
    ['is an HTML page', { body: '<html>Down</html>' }, 'unsupported_media_type', 'HTML page'],
  ])('keeps its cursor when a page %s', async (_, answer, type, sentence) => {
    const isOut = { value: true };
    answerMs = 700;
    const location = await serve({
      '/feed': page([1], '/feed?page=2'),
      '/feed?page=2': (request, response) => {
        if (!isOut.value) response.end(JSON.stringify({ jobs: [posting(2)] }));
        else if (typeof answer === 'function') answer();
        else response.end(answer.body);
      },
    });
    await addHttpSource(db, location);
    await startWorker();
    const failure = await failureOf('feed');
    expect(failure.type).toBe(type);
    expect(failure.message).toContain(sentence);
    isOut.value = false;
    expect(await run('feed')).toMatchObject({ received: 1, accepted: 1 });
  });

  it('begins at the beginning when its cursor leads nowhere any more', async () => {
    const location = await serve({
      '/feed': [page([1], '/feed?page=2'), page([1], '/feed?page=3')],
      '/feed?page=2': { status: 410 },
      '/feed?page=3': page([2]),
    });
    await addHttpSource(db, location);
    await startWorker();
    expect(await failureOf('feed')).toMatchObject({ type: 'not_found' });
    expect(await marks()).toEqual({ cursor: null, validators: null });
    expect(await run('feed')).toMatchObject({ received: 2, accepted: 1, unchanged: 1 });
  });

  it('fails by name when its mapping no longer fits, keeps the rows as refused, and goes on with a new one', async () => {
    const uid = '2004556009802805702';
    const changed = json({ jobs: [{ heading: 'Renamed', number: uid }] }, { etag: '"v2"' });
    const location = await serve({
      '/feed': [json({ jobs: [{ headline: 'As it was', number: uid }] }), changed, changed, changed],
    });
    await addHttpSource(db, location, { mapping: OWN_MAPPING });
    await startWorker();
    expect(await run('feed')).toMatchObject({ accepted: 1 });

    const failure = {
      type: 'mapping_mismatch',
      message:
        'No mapping fits page 1 of feed: all its 1 rows were refused. The row lacks what mapping own-feed needs: headline.',
    };
    expect(await failureOf('feed')).toEqual(failure);
    // Not hidden by an ETag that has not changed since.
    expect(await failureOf('feed')).toEqual(failure);
    const { rows } = await db.raw<{ rows: { rules: string[] }[] }>(
      `select rules from posting_outcomes where outcome = 'rejected'`,
    );
    expect(rows.map(({ rules }) => rules)).toEqual([['mapping_mismatch'], ['mapping_mismatch']]);

    const mended = { ...OWN_MAPPING, match: { all: ['number'] } };
    const fields = { ...OWN_MAPPING.fields, title: { from: ['headline', 'heading'] } };
    await addHttpSource(db, location, { mapping: { ...mended, fields } });
    expect(await run('feed')).toMatchObject({ received: 1, rejected: 0 });
  });

  it('takes up what an earlier run received and could not publish', async () => {
    const location = await serve({
      '/feed': [page([1], '/feed?page=2'), page([])],
      '/feed?page=2': page([2], '/feed?page=3'),
      '/feed?page=3': page([3]),
    });
    await addHttpSource(db, location);
    const isOut = { value: true };
    await startWorker(({ publishBatch }) => ({
      publishBatch: (batchId) =>
        isOut.value && batchId.endsWith('00001')
          ? Promise.reject(new AppError('conflict', 'This batch cannot be published.'))
          : publishBatch(batchId),
    }));
    expect(await failureOf('feed')).toMatchObject({
      type: 'conflict',
      message: expect.stringMatching(/^batch\/.*-00001 failed: This batch cannot be published\.$/) as string,
    });
    // Still not: the run says so, and does not stop for it.
    expect((await failureOf('feed')).message).toContain('-00001 failed: This batch cannot be published.');
    isOut.value = false;
    await run('feed');
    expect(await countJobs()).toBe(3);
  });

  it('says that a source was removed', async () => {
    await addHttpSource(db, 'http://127.0.0.1:1/feed');
    await removeSource(db, 'feed', TEST_NOW);
    await startWorker();
    expect(await failureOf('feed')).toEqual({
      type: 'not_found',
      message: 'There is no source feed to read: it was removed, or never added.',
    });
  });

  it('leaves the cursor of a source that was changed while it ran', async () => {
    const location = await serve({
      '/feed': page([1], '/feed?page=2'),
      '/feed?page=2': (request, response) => {
        void addHttpSource(db, `${location}?other`).then(() =>
          response.end(JSON.stringify({ jobs: [posting(2)], next: '/feed?page=3' })),
        );
      },
      '/feed?page=3': { status: 401 },
    });
    await addHttpSource(db, location);
    await startWorker();
    expect(await failureOf('feed')).toMatchObject({ type: 'invalid_parameter' });
    expect((await marks()).cursor).toBeNull();
  });

  it('is noted as failed when it is cancelled or ended from outside', async () => {
    const location = await serve({ '/feed': () => undefined });
    await addHttpSource(db, location);
    await startWorker(() => ({ receivePage: () => Context.current().cancelled }));
    const cancelled = await startRun('feed');
    await openedRuns(1);
    await cancelled.cancel();
    await expect(cancelled.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await lastRun()).toMatchObject({ failure: 'The run was cancelled.' });

    const terminated = await startRun('feed');
    await openedRuns(2);
    await terminated.terminate();
    const after = await startRun('feed');
    await openedRuns(3);
    await after.terminate();
    const { rows } = await db.raw<{ rows: { failure_type: string | null }[] }>(
      'select failure_type from ingest_runs order by created_at',
    );
    expect(rows.map((row) => row.failure_type)).toEqual(['cancelled', 'interrupted', null]);
  });
});

/** Waits until so many runs are open. */
async function openedRuns(count: number): Promise<void> {
  for (;;) {
    const { rows } = await db.raw<{ rows: { count: number }[] }>('select count(*) from ingest_runs');
    if (rows[0]?.count === count) return;
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
