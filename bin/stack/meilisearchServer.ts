import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { supervise, type SupervisedChild } from './children';
import type { MeilisearchBinary } from './meilisearchBinary';
import type { StopStep } from './processes';

const READY_DEADLINE_MS = 60_000;
const PROBE_TIMEOUT_MS = 2_000;

const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGTERM', waitMs: 10_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

export interface MeilisearchServerOptions {
  /** Folder of the stack: the database is in `meilisearch/`, logs and pid files beside it. */
  dataDir: string;
  binary: MeilisearchBinary;
  port: number;
  masterKey: string;
  report: (sentence: string) => void;
  signal?: AbortSignal;
}

export interface RunningMeilisearch extends SupervisedChild {
  url: string;
}

/**
 * Starts Meilisearch on 127.0.0.1 and waits until it is healthy. What it holds is derived from the jobs, so another version of
 * the program begins with an empty folder.
 * @throws ChildError with a sentence for the operator.
 */
export async function startMeilisearch(options: MeilisearchServerOptions): Promise<RunningMeilisearch> {
  const { dataDir, binary, port, masterKey, report, signal } = options;
  const url = `http://127.0.0.1:${port}`;
  const folder = provideFolder(join(dataDir, 'meilisearch'), binary.version);
  const child = await supervise({
    dataDir,
    spec: {
      name: 'meilisearch',
      command: binary.path,
      args: [],
      cwd: folder,
      environment: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        TZ: 'UTC',
        MEILI_HTTP_ADDR: `127.0.0.1:${port}`,
        MEILI_DB_PATH: join(folder, 'data.ms'),
        // Not on the command line, where every user of the machine could read it.
        MEILI_MASTER_KEY: masterKey,
        MEILI_NO_ANALYTICS: 'true',
        MEILI_LOG_LEVEL: 'WARN',
      },
      stopSteps: STOP_STEPS,
    },
    probe: () => pingMeilisearch(url),
    readyDeadlineMs: READY_DEADLINE_MS,
    report,
    signal,
  });
  return { ...child, url };
}

/** @throws Error when no healthy Meilisearch answers there. */
export async function pingMeilisearch(url: string): Promise<void> {
  const health = new URL('health', url.endsWith('/') ? url : `${url}/`);
  const response = await fetch(health, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`/health answered ${response.status}`);
}

function provideFolder(parent: string, version: string): string {
  mkdirSync(parent, { recursive: true });
  for (const other of readdirSync(parent).filter((name) => name !== version)) {
    rmSync(join(parent, other), { recursive: true, force: true });
  }
  const folder = join(parent, version);
  mkdirSync(folder, { recursive: true });
  return folder;
}
