import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import * as searchAttributes from '../../workflows/searchAttributes';
import { supervise, type Child, type SupervisedChild } from './children';
import type { StopStep } from './processes';

const READY_DEADLINE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** temporal.api.enums.v1.IndexedValueType */
const INDEXED_VALUE_TYPE_KEYWORD = 2;

const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGTERM', waitMs: 10_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

export interface TemporalServerOptions {
  /** Folder of the stack: the database file is in `temporal/`, logs and pid files beside it. */
  dataDir: string;
  /** The Temporal CLI's program. */
  binary: string;
  port: number;
  /** Port of the Web UI; without one there is no UI. */
  uiPort?: number;
  /** False for tests: the state is in memory. */
  durable: boolean;
  report: (sentence: string) => void;
  signal?: AbortSignal;
}

export interface RunningTemporal extends SupervisedChild {
  address: string;
}

/**
 * Starts the dev server on 127.0.0.1 and waits until its `default` namespace answers and the search attributes are
 * there. The ports it uses besides the two given are free ones of its own choice.
 * @throws ChildError with a sentence for the operator.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<RunningTemporal> {
  const { dataDir, binary, port, uiPort, durable, report, signal } = options;
  const address = `127.0.0.1:${port}`;
  const child = await supervise({
    dataDir,
    spec: {
      name: 'temporal',
      command: binary,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
        ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
        // Without it a timer fires up to a second late.
        ...['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="10ms"'],
        ...(durable ? databaseFile(dataDir) : []),
      ],
      environment: { PATH: process.env.PATH, HOME: process.env.HOME, TZ: 'UTC' },
      stopSteps: STOP_STEPS,
    },
    probe: (running) => prepareNamespace(address, running),
    readyDeadlineMs: READY_DEADLINE_MS,
    report,
    signal,
  });
  return { ...child, address };
}

function databaseFile(dataDir: string): string[] {
  const folder = join(dataDir, 'temporal');
  mkdirSync(folder, { recursive: true });
  // Eight times the workflows a second of SQLite's own settings, and safe against kill -9.
  const pragmas = ['journal_mode=WAL', 'synchronous=NORMAL'].flatMap((pragma) => ['--sqlite-pragma', pragma]);
  return ['--db-filename', join(folder, 'temporal.db'), ...pragmas];
}

/** The server's own --search-attribute works on a new database file only, so they are registered here. */
async function prepareNamespace(address: string, child: Child): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT_MS });
  try {
    const namespace = 'default';
    await connection.workflowService.describeNamespace({ namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const names = Object.values(searchAttributes).map((attribute) => attribute.name);
    const missing = names.filter((name) => !(name in customAttributes));
    if (missing.length === 0 || child.hasEnded()) return;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD])),
    });
  } finally {
    await connection.close();
  }
}
