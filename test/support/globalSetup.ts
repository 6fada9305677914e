import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopOrphans } from '../../bin/stack/children';
import { findMeilisearchBinary } from '../../bin/stack/meilisearchBinary';
import { startMeilisearch, type RunningMeilisearch } from '../../bin/stack/meilisearchServer';
import { anyFreePort } from '../../bin/stack/ports';
import { startPostgres } from '../../bin/stack/postgres';
import { identify, isRunning, type ProcessIdentity } from '../../bin/stack/processes';
import { findTemporalBinary } from '../../bin/stack/temporalBinary';
import { startTemporalServer, type RunningTemporal } from '../../bin/stack/temporalServer';
import { provideWorkflowBundle } from '../../bin/stack/workflowBundle';
import { connect, migrate } from '../../db/connection';

/** The database that every test database is a copy of. */
const TEMPLATE = 'template_jobs';

/** What globalTeardown ends: set-up and tear-down run in one process. */
interface TestStack {
  stop: () => Promise<void>;
}

declare global {
  var testStack: TestStack | undefined;
}

/** Every run of the tests has a folder of its own below this one. */
function runsFolder(): string {
  const folder = join(tmpdir(), `upwork-jobs-platform-tests-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  return folder;
}

/** Folders of runs that were killed: their processes ended with them, or are ended now. */
async function sweep(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    let owner: ProcessIdentity;
    try {
      owner = JSON.parse(readFileSync(join(path, 'owner.json'), 'utf8')) as ProcessIdentity;
    } catch {
      continue;
    }
    if (isRunning(owner)) continue;
    await stopOrphans(path, ['meilisearch', 'temporal', 'postgres']);
    rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Ends the run's processes when this one is gone, however it went: a shell that waits for the end of its input, then goes
 * by the pid files.
 */
function guard(dataDir: string): () => void {
  const pids = `sed -n 's/.*"pid":\\([0-9]*\\).*/\\1/p' "$0"/run/*.json`;
  const shell = spawn('/bin/sh', ['-c', `cat >/dev/null; kill -INT $(${pids})`, dataDir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  return () => shell.kill('SIGKILL');
}

/** Without it the tests that need no workflow can still tell something. */
async function bundleWorkflows(folder: string): Promise<string | undefined> {
  try {
    return await provideWorkflowBundle(join(folder, 'bundles'));
  } catch (error) {
    process.stderr.write(`The workflows could not be bundled: ${String(error)}\n`);
    return undefined;
  }
}

async function migrateTemplate(databaseUrl: string): Promise<void> {
  const db = connect({ databaseUrl, applicationName: 'test set-up' });
  try {
    await migrate(db);
  } finally {
    await db.destroy();
  }
}

export default async function globalSetup(): Promise<void> {
  const folder = runsFolder();
  await sweep(folder);
  const dataDir = mkdtempSync(join(folder, 'run-'));
  writeFileSync(join(dataDir, 'owner.json'), JSON.stringify(identify(process.pid)));
  const report = (sentence: string) => void process.stderr.write(`${sentence}\n`);

  const dismissGuard = guard(dataDir);
  const postgresStart = startPostgres({
    dataDir,
    port: await anyFreePort(),
    password: randomBytes(18).toString('base64url'),
    database: TEMPLATE,
    durable: false,
    report,
  });
  const temporalStart = startTemporal(dataDir, report);
  const meilisearchStart = provideMeilisearch(dataDir, report);
  const stop = async () => {
    const parts = [postgresStart, temporalStart, meilisearchStart];
    await Promise.allSettled(parts.map(async (start) => (await start)?.stop()));
    dismissGuard();
    rmSync(dataDir, { recursive: true, force: true });
  };
  globalThis.testStack = { stop };

  try {
    const [postgres, temporal, bundle] = await Promise.all([
      postgresStart.then(async (running) => {
        await migrateTemplate(running.databaseUrl);
        return running;
      }),
      temporalStart,
      bundleWorkflows(folder),
      meilisearchStart,
    ]);
    process.env.TEST_DATABASE_URL = postgres.databaseUrl;
    process.env.TEST_TEMPORAL_ADDRESS = temporal.address;
    if (bundle !== undefined) process.env.TEST_WORKFLOW_BUNDLE = bundle;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where MEILI_URL is set, or a binary is found; the tests that need one say that they are skipped otherwise. */
async function provideMeilisearch(
  dataDir: string,
  report: (sentence: string) => void,
): Promise<RunningMeilisearch | undefined> {
  const { MEILI_URL, MEILI_MASTER_KEY, MEILI_BIN } = process.env;
  const masterKey = MEILI_MASTER_KEY ?? randomBytes(18).toString('base64url');
  if (MEILI_URL) {
    process.env.TEST_MEILI_URL = MEILI_URL;
    process.env.TEST_MEILI_MASTER_KEY = MEILI_MASTER_KEY ?? '';
    return undefined;
  }
  const binary = await findMeilisearchBinary({ explicit: MEILI_BIN, environment: process.env, report });
  if (!binary) return undefined;
  const running = await startMeilisearch({
    dataDir,
    binary,
    port: await anyFreePort(),
    masterKey,
    report,
  });
  process.env.TEST_MEILI_URL = running.url;
  process.env.TEST_MEILI_MASTER_KEY = masterKey;
  return running;
}

async function startTemporal(dataDir: string, report: (sentence: string) => void): Promise<RunningTemporal> {
  const binary = await findTemporalBinary({
    explicit: process.env.TEMPORAL_CLI,
    environment: process.env,
    report,
  });
  return startTemporalServer({ dataDir, binary, port: await anyFreePort(), durable: false, report });
}
