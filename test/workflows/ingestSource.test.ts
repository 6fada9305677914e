import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { failureInterceptor } from '../../activities/failures';
import { heartbeatInterceptor } from '../../activities/heartbeat';
import type { Db } from '../../db/connection';
import { AppError } from '../../domain/errors';
import type { IngestReport } from '../../domain/outcome';
import type { ReceivedRow } from '../../sources/jobSource';
import { createTestDatabase } from '../support/database';
import { canonicalRecord, createRun, ingestionActivities, recordRow } from '../support/ingest';
import { createTestWorker, type TestWorker } from '../support/temporal';

let db: Db;
let drop: () => Promise<void>;
let worker: TestWorker | undefined;

beforeEach(async () => {
  ({ db, drop } = await createTestDatabase());
});

afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await drop();
});

type Activities = ReturnType<typeof ingestionActivities>;

/** A worker whose activities read these rows, some of them replaced by a test. */
async function startWorker(
  rows: ReceivedRow[],
  replace: (activities: Activities) => Partial<Activities> = () => ({}),
) {
  const activities = ingestionActivities(db, rows, { batchSize: 500 });
  worker = await createTestWorker({
    activities: { ...activities, ...replace(activities) },
    interceptors: {
      activity: [() => ({ inbound: failureInterceptor }), () => ({ inbound: heartbeatInterceptor })],
    },
  });
  return worker;
}

async function startRun({ client, taskQueue }: TestWorker): Promise<WorkflowHandle> {
  const { runId, sourceId } = await createRun(db, { sourceId: `feed-${randomUUID()}` });
  return await client.workflow.start('ingestSource', {
    taskQueue,
    workflowId: `ingest/${sourceId}`,
    args: [{ runId, sourceId }],
  });
}

const manyRows = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    recordRow(canonicalRecord({ id: String(2_013_625_432_109_875_200n + BigInt(index)) })),
  );

describe('ingestSource', () => {
  it('takes a source of several pages to its end and adds up the outcomes of all', async () => {
    const handle = await startRun(
      await startWorker([...manyRows(1_203), recordRow({ column: 'no shape we know' })]),
    );
    const report = (await handle.result()) as IngestReport;
    expect(report).toMatchObject({
      received: 1_204,
      accepted: 1_203,
      rejected: 1,
      reasons: { mapping_missing: 1 },
    });
    expect(await handle.query('progress')).toEqual(report);
  });

  it('ends at once for a source without rows', async () => {
    const handle = await startRun(await startWorker([]));
    expect(await handle.result()).toMatchObject({ received: 0 });
  });

  it('publishes batches in the order of the source, whichever is verified first', async () => {
    const published: string[] = [];
    let firstIsVerified: () => void = () => undefined;
    const secondIsVerified = new Promise<void>((resolve) => (firstIsVerified = resolve));
    const running = await startWorker(manyRows(1_000), ({ verifyBatch, publishBatch }) => ({
      verifyBatch: async (batchId) => {
        const isFirst = batchId.endsWith('00000');
        if (isFirst) await secondIsVerified;
        const verified = await verifyBatch(batchId);
        if (!isFirst) firstIsVerified();
        return verified;
      },
      publishBatch: async (batchId) => {
        published.push(batchId.slice(-5));
        return await publishBatch(batchId);
      },
    }));
    await (await startRun(running)).result();
    expect(published).toEqual(['00000', '00001']);
  });

  it('counts every row once when stages die after their work and are run again', async () => {
    const died = new Set<string>();
    const dieOnce =
      <T>(stage: string, action: (batchId: string) => Promise<T>) =>
      async (batchId: string) => {
        const done = await action(batchId);
        if (!died.has(stage + batchId)) {
          died.add(stage + batchId);
          throw new Error(`${stage} lost its answer`);
        }
        return done;
      };
    const running = await startWorker(manyRows(600), (activities) => ({
      verifyBatch: dieOnce('verify', activities.verifyBatch),
      screenBatch: dieOnce('screen', activities.screenBatch),
      publishBatch: dieOnce('publish', activities.publishBatch),
      indexBatch: dieOnce('index', activities.indexBatch),
    }));
    expect(await (await startRun(running)).result()).toMatchObject({ received: 600, accepted: 600 });
    expect(died.size).toBe(8);
  });

  it('fails at once, with what went wrong, when the source cannot be read', async () => {
    const running = await startWorker([], () => ({
      receivePage: () => Promise.reject(new AppError('invalid_parameter', 'There is no file /gone.csv.')),
    }));
    const handle = await startRun(running);
    await expect(handle.result()).rejects.toMatchObject({
      cause: { message: 'There is no file /gone.csv.', type: 'invalid_parameter' },
    });
  });

  it('fails with the batch that cannot be mended, and leaves the others as they are', async () => {
    const running = await startWorker(manyRows(1_500), ({ publishBatch }) => ({
      publishBatch: (batchId) =>
        batchId.endsWith('00001')
          ? Promise.reject(new AppError('conflict', 'This batch cannot be published.'))
          : publishBatch(batchId),
    }));
    const handle = await startRun(running);
    await expect(handle.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
    const { rows } = await db.raw<{ rows: { outcome: string; count: number }[] }>(
      'select outcome, count(*) from posting_outcomes group by outcome',
    );
    expect(rows).toEqual([{ outcome: 'accepted', count: 500 }]);
  });
});
