import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { anyFreePort } from '../../bin/stack/ports';
import { createTestDatabase, type TestDatabase } from './database';

const repositoryRoot = resolve(__dirname, '../..');
const loader = pathToFileURL(require.resolve('tsx')).href;

/** The product's own processes over a database of their own, as they are deployed. */
export interface TestProcesses {
  database: TestDatabase;
  /** For the files of a test. */
  folder: string;
  /** One per API process. */
  apiUrls: string[];
  workers: ChildProcess[];
  /** Of Temporal, where these processes do their work. */
  taskQueue: string;
  /** All that the processes have written so far. */
  logs(): string;
  run(...words: string[]): Promise<{ code: number; output: string; errors: string }>;
  /** What a command prints with `--json`. @throws Error with what it said when it failed */
  runJson(...words: string[]): Promise<ReturnType<typeof JSON.parse>>;
  stop(): Promise<void>;
}

/** Starts so many API and worker processes and waits until they are at work. */
export async function startProcesses(
  count: { apis: number; workers: number },
  settings: NodeJS.ProcessEnv = {},
): Promise<TestProcesses> {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'processes-test-'));
  const taskQueue = `processes-${randomUUID()}`;
  let logs = '';
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    DATA_DIR: folder,
    DATABASE_URL: database.databaseUrl,
    TEMPORAL_ADDRESS: process.env.TEST_TEMPORAL_ADDRESS,
    TEMPORAL_TASK_QUEUE: taskQueue,
    WORKFLOW_BUNDLE: process.env.TEST_WORKFLOW_BUNDLE,
    KEY_PEPPER: 'a pepper of more than thirty-two characters',
    KEY_ENCRYPTION_KEY: Buffer.alloc(32, 'a key of the tests').toString('base64'),
    PUBLIC_URL: 'http://127.0.0.1:3000',
    ...settings,
  };
  const start = async (name: string, sign: string, extra: NodeJS.ProcessEnv = {}): Promise<ChildProcess> => {
    const child = spawn(process.execPath, ['--import', loader, `bin/${name}.ts`], {
      cwd: repositoryRoot,
      env: { ...environment, ...extra },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (logs += String(chunk)));
    }
    await new Promise<void>((found, fail) => {
      child.stdout.on('data', (chunk) => {
        if (String(chunk).includes(sign)) found();
      });
      child.once('exit', (code) => fail(new Error(`${name} ended with ${String(code)}: ${logs}`)));
    });
    return child;
  };
  const ports = await Promise.all(Array.from({ length: count.apis }, () => anyFreePort()));
  const [apis, workers] = await Promise.all([
    Promise.all(
      ports.map((port) =>
        start('api', 'listening', { API_PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` }),
      ),
    ),
    Promise.all(Array.from({ length: count.workers }, () => start('worker', 'polling'))),
  ]);

  const run: TestProcesses['run'] = (...words) =>
    new Promise((done) => {
      execFile(
        process.execPath,
        ['--import', loader, 'bin/cli.ts', ...words],
        { cwd: repositoryRoot, env: environment },
        (error, output, errors) => done({ code: error ? Number(error.code) : 0, output, errors }),
      );
    });
  return {
    database,
    folder,
    apiUrls: ports.map((port) => `http://127.0.0.1:${port}`),
    workers,
    taskQueue,
    logs: () => logs,
    run,
    runJson: async (...words) => {
      const { code, output, errors } = await run(...words, '--json');
      if (code !== 0) throw new Error(errors);
      return JSON.parse(output);
    },
    stop: async () => {
      const running = [...apis, ...workers].filter(
        ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
      );
      const ends = running.map((child) => once(child, 'exit'));
      for (const child of running) child.kill('SIGTERM');
      await Promise.all(ends);
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
