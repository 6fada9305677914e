import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { connect, type Db } from '../db/connection';
import { type Config, loadConfig } from '../bin/config';
import { anyFreePort } from '../bin/stack/ports';
import { loadSecrets, type Secrets } from '../bin/stack/secrets';
import { openAccount } from './accounts';
import { readStackFile, type StackFile } from '../bin/stack/stackFile';

const repositoryRoot = resolve(__dirname, '..');
const loader = pathToFileURL(require.resolve('tsx')).href;
const READY_DEADLINE_MS = 240_000;
const KEPT_OUTPUT = 20_000;
const PORT_VARIABLES = [
  'API_PORT',
  'OPERATORS_PORT',
  'POSTGRES_PORT',
  'TEMPORAL_PORT',
  'TEMPORAL_UI_PORT',
  'MEILI_PORT',
];

/** A stack of its own, as `npm start` brings it up, and the ways in. */
export interface BenchStack {
  /** Its data folder; what the bench writes goes in there too. */
  dataDir: string;
  config: Config;
  secrets: Secrets;
  file: StackFile;
  /** A live key of an account without limits. */
  apiKey: string;
  /** Few connections: the bench's own. */
  db: Db;
  connectTemporal(): Promise<Client>;
}

/** Node's arguments for a TypeScript program of this repository. */
export function nodeArguments(program: string): string[] {
  return ['--import', loader, join(repositoryRoot, program)];
}

/**
 * Starts a stack in a fresh folder under the system's folder for temporary files, hands it over, and takes it down with all it
 * holds, also at Ctrl-C. Ports are free ones, unless the environment sets them; a Meilisearch of the environment is used.
 * @param settings on top of those of the environment.
 */
export async function withStack<T>(
  action: (stack: BenchStack) => Promise<T>,
  settings: NodeJS.ProcessEnv = {},
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'jobs-bench-'));
  const environment: NodeJS.ProcessEnv = { ...process.env, ...settings, DATA_DIR: dataDir, SAMPLES: 'off' };
  for (const variable of PORT_VARIABLES) environment[variable] ||= String(await anyFreePort());
  for (const variable of ['DATABASE_URL', 'TEMPORAL_ADDRESS']) environment[variable] = '';

  const child = spawn(process.execPath, nodeArguments('bin/start.ts'), {
    cwd: repositoryRoot,
    env: environment,
    // A group of its own: Ctrl-C reaches us, and we end it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let output = '';
  const hearOutput = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-KEPT_OUTPUT));
  child.stdout.on('data', hearOutput);
  child.stderr.on('data', hearOutput);
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(dataDir, { recursive: true, force: true });
  };
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const interruption = new Promise<never>((_resolve, reject) => {
    interrupted.signal.addEventListener('abort', () => reject(new Error('Interrupted.')), { once: true });
  });

  try {
    const ready = new Promise<void>((found) => {
      child.stdout.on('data', () => {
        if (/^ready /m.test(output)) found();
      });
    });
    const end = await Promise.race([
      ready.then(() => 'ready'),
      exited.then(() => 'ended'),
      overdue(READY_DEADLINE_MS).then(() => 'is overdue'),
      interruption,
    ]);
    if (end !== 'ready') throw new Error(`The stack ${end} before it was ready:\n${output}`);
    return await Promise.race([useStack(dataDir, environment, action), interruption]);
  } finally {
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt);
    await stop();
  }
}

function overdue(ms: number): Promise<void> {
  return new Promise((pass) => {
    setTimeout(pass, ms).unref();
  });
}

async function useStack<T>(
  dataDir: string,
  environment: NodeJS.ProcessEnv,
  action: (stack: BenchStack) => Promise<T>,
): Promise<T> {
  const file = readStackFile(dataDir);
  if (!file) throw new Error(`There is no stack.json in ${dataDir}.`);
  const db = connect({ databaseUrl: file.databaseUrl, poolSize: 4, applicationName: 'bench' });
  const connections: Connection[] = [];
  const secrets = loadSecrets(dataDir);
  try {
    const unlimited = await openAccount(db, {
      planId: 'enterprise',
      pepper: secrets.keyPepper,
      // Inside the hot window: what reaches further is searched in Postgres whatever engine there is.
      terms: { retention_days: 183 },
    });
    return await action({
      dataDir,
      config: loadConfig(environment),
      secrets,
      file,
      apiKey: unlimited.secret,
      db,
      async connectTemporal() {
        const connection = await Connection.connect({ address: file.temporalAddress });
        connections.push(connection);
        return new Client({ connection, namespace: file.temporalNamespace });
      },
    });
  } finally {
    await Promise.all([db.destroy(), ...connections.map((connection) => connection.close())]);
  }
}
