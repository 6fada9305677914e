import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { deliveryTaskQueue } from '../../domain/webhooks/taskQueue';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';

export interface TestWorker {
  client: Client;
  /** Of this worker alone: start workflows on it. */
  taskQueue: string;
  /** Lets running activities finish, then closes the connections. */
  stop: () => Promise<void>;
}

export interface TestWorkerOptions {
  activities: NonNullable<WorkerOptions['activities']>;
  /** Of the task queue on which webhooks are delivered. */
  deliveryActivities?: WorkerOptions['activities'];
  interceptors?: WorkerOptions['interceptors'];
}

/**
 * A worker with the project's workflows and the given activities, on a task queue of its own at the dev server that the
 * whole test run shares. Workflow ids are shared with the other tests: make them unique.
 */
export async function createTestWorker({
  activities,
  deliveryActivities,
  interceptors,
}: TestWorkerOptions): Promise<TestWorker> {
  const address = requiredVariable('TEST_TEMPORAL_ADDRESS');
  const codePath = requiredVariable('TEST_WORKFLOW_BUNDLE');
  quietRuntime();
  const [connection, nativeConnection] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  const taskQueue = `test-${randomUUID()}`;
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    workflowBundle: { codePath },
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
    client: new Client({ connection }),
    taskQueue,
    stop: async () => {
      for (const each of [worker, deliveries]) if (each?.getState() === 'RUNNING') each.shutdown();
      await finished;
      await Promise.all([connection.close(), nativeConnection.close()]);
    },
  };
}

/** Null when there is nothing for it to do. */
export async function createDeliveryWorker(
  connection: NativeConnection,
  {
    taskQueue,
    deliveryActivities,
    interceptors,
  }: Pick<TestWorkerOptions, 'deliveryActivities' | 'interceptors'> & { taskQueue: string },
): Promise<Worker | null> {
  if (!deliveryActivities) return null;
  return await Worker.create({
    connection,
    taskQueue: deliveryTaskQueue(taskQueue),
    activities: deliveryActivities,
    interceptors: { activity: interceptors?.activity },
  });
}

export function requiredVariable(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(
      `${name} is not set: the global set-up of the tests did not run, or had nothing to bundle.`,
    );
  return value;
}

let isQuiet = false;

/** Warnings of activities that are meant to fail are no news in a test. */
export function quietRuntime(): void {
  if (isQuiet) return;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  isQuiet = true;
}
