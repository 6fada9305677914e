import { Connection } from '@temporalio/client';
import { connect, migrate } from '../db/connection';
import { DAY_MS, toMillis, toTimestamp } from '../domain/time';
import { loadConfig, type Config } from './config';
import { killAllChildren, stopOrphans, type SupervisedChild } from './stack/children';
import { provideDemoKey } from './stack/demoKey';
import { acquireLock, AlreadyRunningError } from './stack/lock';
import { startApi, startWorker } from './stack/nodeProcess';
import { choosePort } from './stack/ports';
import { startPostgres } from './stack/postgres';
import { ingestSamples } from './stack/samples';
import { loadSecrets, type Secrets } from './stack/secrets';
import { readStackFile, writeStackFile, type StackFile } from './stack/stackFile';
import { findTemporalBinary } from './stack/temporalBinary';
import { startTemporalServer } from './stack/temporalServer';

/** Last to use is first to go: nothing loses what it still writes to. */
const STOP_ORDER = ['api', 'worker', 'temporal', 'postgres'];
const DATABASE = 'jobs';
/** Signals that close to each other are one Ctrl-C, passed on by npm and the shell as well. */
const SAME_SIGNAL_MS = 500;
const SAMPLES_FRESH_MS = DAY_MS;

type Parts = Map<string, SupervisedChild>;

/** What the steps of one start share. */
interface Start {
  config: Config;
  secrets: Secrets;
  /** What the run before left in stack.json. */
  previous: StackFile | undefined;
  parts: Parts;
  /** Aborted when the stack is to stop. */
  signal: AbortSignal;
}

function say(topic: string, sentence: string): void {
  process.stdout.write(`${topic.padEnd(10)} ${sentence}\n`);
}

const now = () => toTimestamp(Date.now());

/** `npm start`: brings up the whole local stack, keeps it running, and takes it down at Ctrl-C. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const signal = stopSignal();
  const lock = await lockDataDir(config);
  const parts: Parts = new Map();
  try {
    const secrets = loadSecrets(config.dataDir);
    for (const sentence of await stopOrphans(config.dataDir, STOP_ORDER)) say('Clean-up', sentence);
    const start: Start = { config, secrets, previous: readStackFile(config.dataDir), parts, signal };
    await bringUp(start);
    await aborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await takeDown(config, parts);
    lock.release();
  }
}

async function bringUp(start: Start): Promise<void> {
  const { config, secrets, previous, signal } = start;
  const ports = await choosePorts(start);
  const [databaseUrl, temporalAddress] = await all([provideDatabase(start, ports), provideTemporal(start, ports)]);

  const db = connect({ databaseUrl, poolSize: 4, applicationName: 'start' });
  try {
    await migrate(db).catch((error: unknown) => {
      throw new Error(`The schema of the database at ${placeOf(databaseUrl)} could not be brought up: ${messageOf(error)}`);
    });
    say('Schema', 'is at the newest version');

    const apiUrl = `http://${urlHost(config.apiHost)}:${ports.api}`;
    const pepper = config.keyPepper ?? secrets.keyPepper;
    await startProcesses(start, {
      apiUrl,
      environment: {
        DATABASE_URL: databaseUrl,
        TEMPORAL_ADDRESS: temporalAddress,
        API_PORT: String(ports.api),
        DATA_DIR: config.dataDir,
        KEY_PEPPER: pepper,
        SAMPLES_FOR_LIVE_KEYS: 'true',
      },
    });

    const stack: StackFile = {
      status: 'running',
      pid: process.pid,
      apiUrl,
      databaseUrl,
      temporalAddress,
      temporalNamespace: config.temporalNamespace,
      temporalUiUrl: config.temporalAddress === undefined ? `http://127.0.0.1:${ports.temporalUi}` : undefined,
      ports,
      samplesIngestedAt: previous?.databaseUrl === databaseUrl ? previous.samplesIngestedAt : undefined,
    };
    writeStackFile(config.dataDir, stack);
    const key = await provideDemoKey(db, { dataDir: config.dataDir, pepper, now: now() });
    if (config.samples && !areFresh(stack.samplesIngestedAt)) {
      const report = await ingestSamples({
        db,
        temporalAddress,
        temporalNamespace: config.temporalNamespace,
        taskQueue: config.temporalTaskQueue,
        now: now(),
      });
      say('Samples', `${report.received} rows, ${report.accepted} new jobs`);
      writeStackFile(config.dataDir, { ...stack, samplesIngestedAt: now() });
    }
    if (signal.aborted) return;
    printWelcome(stack, key);
  } finally {
    await db.destroy();
  }
}
