import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { connect, migrate, type Db } from '../db/connection';
import { DAY_MS, toMillis, toTimestamp } from '../domain/time';
import { loadConfig, required, type Config } from './config';
import { killAllChildren, stopOrphans, type SupervisedChild } from './stack/children';
import { choosePorts, type StackPorts } from './stack/choosePorts';
import { provideDemoKey } from './stack/demoKey';
import { acquireLock, AlreadyRunningError, type Lock } from './stack/lock';
import { findMeilisearchBinary, type MeilisearchBinary } from './stack/meilisearchBinary';
import { pingMeilisearch, startMeilisearch } from './stack/meilisearchServer';
import { startApi, startWorker } from './stack/nodeProcess';
import { provideOperatorToken } from './stack/operatorToken';
import { pingDatabase, startPostgres } from './stack/postgres';
import { ingestSamples } from './stack/samples';
import { loadSecrets, type Secrets } from './stack/secrets';
import { readStackFile, writeStackFile, type StackFile } from './stack/stackFile';
import { stopSignal, unlessAborted, untilAborted } from './stack/stopSignal';
import { findTemporalBinary } from './stack/temporalBinary';
import { startTemporalServer } from './stack/temporalServer';
import { provideWorkflowBundle } from './stack/workflowBundle';
import { urlHost } from './urlHost';

const DATABASE = 'jobs';
/** Nothing loses what it still writes to. */
const STOP_ORDER = ['api', 'worker', 'meilisearch', 'temporal', 'postgres'] as const;
const SAMPLES_FRESH_MS = DAY_MS;
const CONNECT_TIMEOUT_MS = 10_000;

/** What the steps of one start share. */
interface Start {
  config: Config;
  secrets: Secrets;
  /** What the run before left in stack.json. */
  previous: StackFile | undefined;
  /** What was started so far, by name: what is to be stopped. */
  parts: Map<string, SupervisedChild>;
  /** Aborted when the stack is to stop. */
  signal: AbortSignal;
}

/** `npm start`: brings up the whole local stack, keeps it running, and takes it down at Ctrl-C. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  if (config.tls) {
    throw new Error(
      'TLS_CERT and TLS_KEY are for an API that is deployed (npm run api): leave them unset here. The local stack is for this machine alone.',
    );
  }
  const signal = stopSignal(() => {
    killAllChildren();
    process.exit(1);
  });
  const lock = await lockDataDir(config.dataDir);
  const parts = new Map<string, SupervisedChild>();
  try {
    for (const sentence of await stopOrphans(config.dataDir, STOP_ORDER)) say('Clean-up', sentence);
    const secrets = loadSecrets(config.dataDir);
    await bringUp({ config, secrets, previous: readStackFile(config.dataDir), parts, signal });
    await untilAborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await takeDown(config.dataDir, parts);
    lock.release();
  }
}

async function lockDataDir(dataDir: string): Promise<Lock> {
  try {
    const lock = await acquireLock(dataDir);
    if (lock.takenOverFrom !== undefined)
      say('Lock', `taken over from process ${lock.takenOverFrom}, which is gone`);
    return lock;
  } catch (error) {
    if (!(error instanceof AlreadyRunningError)) throw error;
    const url = readStackFile(dataDir)?.apiUrl ?? 'still starting';
    throw new Error(
      `The stack in ${dataDir} is already running (process ${error.pid}, ${url}). ` +
        'Stop it first, or set DATA_DIR to another folder for a second one.',
      { cause: error },
    );
  }
}

async function bringUp(start: Start): Promise<void> {
  const { config, secrets, previous, signal } = start;
  const meilisearch = await lookForMeilisearch(config);
  const ports = await choosePorts(config, {
    previous: previous?.ports,
    runsMeilisearch: meilisearch !== undefined,
    report: (sentence) => say('Ports', sentence),
  });
  const [databaseUrl, temporalAddress, meiliUrl, workflowBundle] = await allSettled([
    provideDatabase(start, ports),
    provideTemporal(start, ports),
    provideMeilisearch(start, ports, meilisearch),
    config.workflowBundle ?? provideWorkflowBundle(join(config.dataDir, 'cache')),
  ]);

  const db = connect({ databaseUrl, poolSize: 4, applicationName: 'start' });
  try {
    await unlessAborted(signal, bringSchemaUp(db, databaseUrl));
    const stack: StackFile = {
      status: 'running',
      pid: process.pid,
      apiUrl: `http://${urlHost(config.apiHost)}:${ports.api}`,
      operatorsUrl: `http://${urlHost(config.operatorsHost)}:${ports.operators}`,
      databaseUrl,
      temporalAddress,
      temporalNamespace: config.temporalNamespace,
      temporalUiUrl: ports.temporalUi === undefined ? undefined : `http://127.0.0.1:${ports.temporalUi}`,
      meiliUrl,
      ports,
      samplesIngestedAt: previous?.databaseUrl === databaseUrl ? previous.samplesIngestedAt : undefined,
    };
    const pepper = config.keyPepper ?? secrets.keyPepper;
    const operators = provideOperatorToken(config);
    await startProcesses(start, stack, { pepper, workflowBundle, operatorsTokenHash: operators.hash });
    writeStackFile(config.dataDir, stack);
    const key = await provideDemoKey(db, { dataDir: config.dataDir, pepper, now: now() });
    if (config.samples) await unlessAborted(signal, provideSamples(db, stack, config));
    if (!signal.aborted) printWelcome(stack, { key, operatorTokenFile: operators.file });
  } finally {
    await db.destroy();
  }
}

/** @returns the database's URL. */
async function provideDatabase(
  { config, secrets, parts, signal }: Start,
  ports: StackPorts,
): Promise<string> {
  if (config.databaseUrl !== undefined) return unlessAborted(signal, checkDatabase(config.databaseUrl));
  const took = stopwatch();
  const postgres = await named(
    'Postgres',
    startPostgres({
      dataDir: config.dataDir,
      port: required(ports.postgres, 'POSTGRES_PORT'),
      password: secrets.postgresPassword,
      database: DATABASE,
      durable: true,
      report: (sentence) => say('Postgres', sentence),
      signal,
    }),
  );
  parts.set('postgres', postgres);
  say('Postgres', `up on ${ports.postgres} (${took()})`);
  return postgres.databaseUrl;
}

async function checkDatabase(databaseUrl: string): Promise<string> {
  try {
    await pingDatabase(databaseUrl);
    say('Postgres', `answers at ${placeOf(databaseUrl)}`);
    return databaseUrl;
  } catch (error) {
    throw new Error(
      `The database at ${placeOf(databaseUrl)} does not answer (${messageOf(error)}): ` +
        'check DATABASE_URL, or leave it unset to have a Postgres started.',
      { cause: error },
    );
  }
}

/** @returns host and port of the Temporal server. */
async function provideTemporal({ config, parts, signal }: Start, ports: StackPorts): Promise<string> {
  const { temporalAddress } = config;
  if (temporalAddress !== undefined) {
    return unlessAborted(signal, checkTemporal(temporalAddress, config.temporalNamespace));
  }
  const took = stopwatch();
  const report = (sentence: string) => say('Temporal', sentence);
  const binary = await findTemporalBinary({
    explicit: config.temporalCli,
    environment: process.env,
    report,
    signal,
  });
  const temporal = await named(
    'Temporal',
    startTemporalServer({
      dataDir: config.dataDir,
      binary,
      port: required(ports.temporal, 'TEMPORAL_PORT'),
      uiPort: ports.temporalUi,
      durable: true,
      report,
      signal,
    }),
  );
  parts.set('temporal', temporal);
  say('Temporal', `up on ${ports.temporal} (${took()})`);
  return temporal.address;
}

async function checkTemporal(temporalAddress: string, temporalNamespace: string): Promise<string> {
  try {
    const connection = await Connection.connect({
      address: temporalAddress,
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
    await connection.workflowService
      .describeNamespace({ namespace: temporalNamespace })
      .finally(() => connection.close());
    say('Temporal', `answers at ${temporalAddress}`);
    return temporalAddress;
  } catch (error) {
    throw new Error(
      `Temporal at ${temporalAddress}, namespace ${temporalNamespace}, does not answer (${messageOf(error)}): ` +
        'check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or leave them unset to have a dev server started.',
      { cause: error },
    );
  }
}

/** Undefined when none is to be started: one runs elsewhere, or there is none and Postgres searches. */
async function lookForMeilisearch(config: Config): Promise<MeilisearchBinary | undefined> {
  if (config.meiliUrl !== undefined) return undefined;
  return findMeilisearchBinary({
    explicit: config.meiliBin,
    environment: process.env,
    report: (sentence) => say('Search', sentence),
  });
}

/** @returns the URL of Meilisearch; undefined when Postgres alone searches. */
async function provideMeilisearch(
  { config, secrets, parts, signal }: Start,
  ports: StackPorts,
  binary: MeilisearchBinary | undefined,
): Promise<string | undefined> {
  if (config.meiliUrl !== undefined) return unlessAborted(signal, checkMeilisearch(config.meiliUrl));
  if (!binary) {
    say('Search', 'by Postgres (no Meilisearch was found)');
    return undefined;
  }
  const took = stopwatch();
  const meilisearch = await named(
    'Meilisearch',
    startMeilisearch({
      dataDir: config.dataDir,
      binary,
      port: required(ports.meilisearch, 'MEILI_PORT'),
      masterKey: config.meiliMasterKey ?? secrets.meiliMasterKey,
      report: (sentence) => say('Search', sentence),
      signal,
    }),
  );
  parts.set('meilisearch', meilisearch);
  say('Search', `Meilisearch ${binary.version} up on ${ports.meilisearch ?? ''} (${took()})`);
  return meilisearch.url;
}

async function checkMeilisearch(meiliUrl: string): Promise<string> {
  try {
    await pingMeilisearch(meiliUrl);
    say('Search', `Meilisearch answers at ${new URL(meiliUrl).host}`);
    return meiliUrl;
  } catch (error) {
    throw new Error(
      `Meilisearch at ${new URL(meiliUrl).host} does not answer (${messageOf(error)}): check MEILI_URL, or leave it unset.`,
      { cause: error },
    );
  }
}

async function bringSchemaUp(db: Db, databaseUrl: string): Promise<void> {
  const took = stopwatch();
  try {
    await migrate(db);
  } catch (error) {
    throw new Error(
      `The schema of the database at ${placeOf(databaseUrl)} could not be brought up to date: ${messageOf(error)}`,
      { cause: error },
    );
  }
  say('Schema', `up to date (${took()})`);
}

async function startProcesses(
  { config, secrets, parts, signal }: Start,
  stack: StackFile,
  {
    pepper,
    workflowBundle,
    operatorsTokenHash,
  }: { pepper: string; workflowBundle: string; operatorsTokenHash: string },
): Promise<void> {
  const environment = {
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    TEMPORAL_NAMESPACE: stack.temporalNamespace,
    API_PORT: String(stack.ports.api),
    OPERATORS_PORT: String(stack.ports.operators),
    OPERATORS_TOKEN_HASH: operatorsTokenHash,
    MEILI_URL: stack.meiliUrl,
    // One that runs elsewhere may have no key.
    MEILI_MASTER_KEY:
      stack.ports.meilisearch === undefined
        ? config.meiliMasterKey
        : (config.meiliMasterKey ?? secrets.meiliMasterKey),
    DATA_DIR: config.dataDir,
    KEY_PEPPER: pepper,
    KEY_ENCRYPTION_KEY: config.keyEncryptionKey ?? secrets.keyEncryptionKey,
    PUBLIC_URL: config.publicUrl ?? stack.apiUrl,
    WORKFLOW_BUNDLE: workflowBundle,
    SAMPLES_FOR_LIVE_KEYS: 'true',
    // For trials on one machine; a service that others reach refuses it.
    WEBHOOK_ALLOW_LOOPBACK: String(config.webhooks.allowsLoopback ?? !config.isPublic),
    LOG_LEVEL: config.logLevel,
  };
  const options = (topic: string) => ({
    dataDir: config.dataDir,
    environment,
    report: (sentence: string) => say(topic, sentence),
    signal,
  });
  const took = stopwatch();
  const start = async (
    name: 'api' | 'worker',
    topic: string,
    starting: Promise<SupervisedChild>,
    where: string,
  ) => {
    parts.set(name, await named(topic, starting));
    say(topic, `${where} (${took()})`);
  };
  await allSettled([
    start(
      'worker',
      'Worker',
      startWorker(options('Worker')),
      `takes work from queue ${config.temporalTaskQueue}`,
    ),
    start('api', 'API', startApi(stack.apiUrl, options('API')), `up on ${stack.ports.api ?? ''}`),
  ]);
}

/** The samples are for a first look: that they cannot be ingested is told, and no reason to stop. */
async function provideSamples(db: Db, stack: StackFile, config: Config): Promise<void> {
  const ingestedAt = stack.samplesIngestedAt;
  if (ingestedAt !== undefined && toMillis(now()) - toMillis(ingestedAt) < SAMPLES_FRESH_MS) return;
  const took = stopwatch();
  try {
    const report = await ingestSamples({ ...stack, db, taskQueue: config.temporalTaskQueue, now: now() });
    const { received, accepted, updated, duplicates, unchanged, quarantined, rejected } = report;
    const folded = duplicates + unchanged;
    say(
      'Samples',
      `${received} rows: ${accepted + updated} jobs, ${folded} repeats, ${quarantined} held, ${rejected} refused (${took()})`,
    );
    writeStackFile(config.dataDir, { ...stack, samplesIngestedAt: now() });
  } catch (error) {
    say('Samples', `could not be ingested: ${messageOf(error)}`);
  }
}

function printWelcome(
  { apiUrl, operatorsUrl, temporalUiUrl }: StackFile,
  { key, operatorTokenFile }: { key: string; operatorTokenFile: string | undefined },
): void {
  const whereToken = operatorTokenFile === undefined ? '' : `, token in ${operatorTokenFile}`;
  const lines = [
    '',
    `API          ${apiUrl}`,
    `Docs         ${apiUrl}/docs`,
    `OpenAPI      ${apiUrl}/openapi.json`,
    ...(temporalUiUrl === undefined ? [] : [`Temporal UI  ${temporalUiUrl}`]),
    ...(operatorsUrl === undefined
      ? []
      : [`Metrics      ${operatorsUrl}/metrics`, `Operators    ${operatorsUrl}/admin${whereToken}`]),
    `API key      ${key}`,
    '',
    `curl -s -H 'X-API-KEY: ${key}' '${apiUrl}/jobs?search=python&limit=3'`,
    '',
    `ready ${apiUrl}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function takeDown(dataDir: string, parts: ReadonlyMap<string, SupervisedChild>): Promise<void> {
  for (const name of STOP_ORDER) {
    const part = parts.get(name);
    if (!part) continue;
    const took = stopwatch();
    await part.stop();
    say('Stop', `${name} (${took()})`);
  }
  const stack = readStackFile(dataDir);
  if (stack?.pid === process.pid) writeStackFile(dataDir, { ...stack, status: 'stopped' });
}

function say(topic: string, sentence: string): void {
  process.stdout.write(`${topic.padEnd(10)} ${sentence}\n`);
}

function now(): string {
  return toTimestamp(Date.now());
}

/** Seconds since it was made, as `1.2 s`. */
function stopwatch(): () => string {
  const startedAt = Date.now();
  return () => `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
}

/** Waits for all even if one fails, so that whatever was started is known and can be stopped. */
async function allSettled<T extends readonly unknown[]>(
  work: readonly [...T],
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function named<T>(topic: string, starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    throw new Error(`${topic} did not start: ${messageOf(error)}`, { cause: error });
  }
}

/** Where a database is, without the password. */
function placeOf(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}

function messageOf(error: unknown): string {
  // A refused connection to a name with two addresses has an empty message.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}

// Whoever read our output may be gone: no reason to leave children behind.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  },
);
