import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { supervise, type Child, type SupervisedChild } from './children';
import type { StopStep } from './processes';

const READY_DEADLINE_MS = 60_000;
/** The API itself gives each of its parts two seconds. */
const REQUEST_TIMEOUT_MS = 5_000;

const repositoryRoot = resolve(__dirname, '../..');

/** Both processes give up by themselves after fifteen seconds. */
const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGTERM', waitMs: 20_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

export interface NodeProcessOptions {
  dataDir: string;
  /** Settings on top of the environment we have. */
  environment: NodeJS.ProcessEnv;
  report: (sentence: string) => void;
  signal?: AbortSignal;
}

/** Starts the API process and waits until it can serve. @throws ChildError with the end of its log. */
export async function startApi(apiUrl: string, options: NodeProcessOptions): Promise<SupervisedChild> {
  return startNodeProcess('api', options, async () => {
    const response = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`/readyz answered ${response.status}`);
  });
}

/** Starts the worker process and waits until it polls for work. @throws ChildError with the end of its log. */
export async function startWorker(options: NodeProcessOptions): Promise<SupervisedChild> {
  return startNodeProcess('worker', options, saysReady);
}

function saysReady({ process: child }: Child): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (message === 'ready') resolve();
    });
  });
}

function startNodeProcess(
  name: 'api' | 'worker',
  { dataDir, environment, report, signal }: NodeProcessOptions,
  probe: (child: Child) => Promise<void>,
): Promise<SupervisedChild> {
  // By its path: the name would be looked up from the folder we were started in.
  const loader = pathToFileURL(require.resolve('tsx')).href;
  return supervise({
    dataDir,
    spec: {
      name,
      command: process.execPath,
      args: ['--import', loader, resolve(repositoryRoot, 'bin', `${name}.ts`)],
      cwd: repositoryRoot,
      environment: { ...process.env, ...environment },
      ipc: true,
      stopSteps: STOP_STEPS,
    },
    probe,
    readyDeadlineMs: READY_DEADLINE_MS,
    report,
    signal,
  });
}
