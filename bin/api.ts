import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Client, Connection } from '@temporalio/client';
import { createApp } from '../api/app';
import { createKeyOwners } from '../api/keyOwners';
import { createAdmission } from '../api/limits/admission';
import { createCallLeases } from '../api/limits/callLeases';
import { openJournal } from '../api/metering/journal';
import { createUsageRecorder } from '../api/metering/usageRecorder';
import { createMetrics } from '../api/metrics';
import { createOperatorsApp } from '../api/operators';
import { registerPlatformMetrics } from '../api/platformMetrics';
import { createResponseCache } from '../api/responseCache';
import { createSelfProbe } from '../api/selfProbe';
import { createStatusReader } from '../api/serviceStatus';
import { connect } from '../db/connection';
import { createListener } from '../db/listener';
import { toTimestamp } from '../domain/time';
import { createPostingReader } from '../sources/push/pushedPostings';
import { createAdminServices } from './adminServices';
import { createBatchStarter } from './batches';
import { loadConfig, required } from './config';
import { createLogger } from './logger';
import { onStop, runProcess } from './process';
import { createSearchIndex } from './searchEngine';
import { pingMeilisearch } from './stack/meilisearchServer';
import { identify, isRunning } from './stack/processes';
import { urlHost } from './urlHost';

const DEFAULT_API_PORT = 3000;
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
const PROBE_TIMEOUT_MS = 1_000;
const MIB = 1_024 * 1_024;

/** The API process: answers requests, holds no state of its own. */
runProcess('api', async () => {
  const config = loadConfig(process.env);
  const logger = createLogger('api', config.logLevel);
  const databaseUrl = required(config.databaseUrl, 'DATABASE_URL');
  const db = connect({
    databaseUrl,
    poolSize: config.databasePoolSize,
    applicationName: 'api',
    onWarning: (message) => logger.warn({ message }, 'database'),
  });
  const listener = createListener({
    databaseUrl,
    applicationName: 'api listener',
    onWarning: (error) =>
      logger.warn({ err: error }, 'does not hear Postgres; answers and keys are not kept'),
  });
  const metrics = createMetrics();
  const maxBytes = config.responseCacheMiB * MIB;
  const responses =
    maxBytes > 0 ? createResponseCache({ listener, maxBytes, onFind: metrics.countCacheOutcome }) : undefined;
  const findOwner = createKeyOwners({ db, listener });
  listener.start();
  const temporal = Connection.lazy({ address: required(config.temporalAddress, 'TEMPORAL_ADDRESS') });

  const client = new Client({ connection: temporal, namespace: config.temporalNamespace });
  const taskQueue = config.temporalTaskQueue;
  const startBatch = createBatchStarter({ client, taskQueue });

  const pepper = required(config.keyPepper, 'KEY_PEPPER');
  const now = () => toTimestamp(Date.now());
  const isTemporalUp = () => isReachable(temporal);
  registerPlatformMetrics(metrics.registry, { db, listener, responses, isTemporalUp, now });
  const processId = randomUUID();
  const identity = identify(process.pid);
  if (!identity) throw new Error('This process cannot be told apart from others.');
  const folder = join(config.dataDir, 'journal');
  const journal = openJournal({ folder, processId, identity, isRunning });
  const usage = createUsageRecorder({ db, journal, logger, now });
  const leases = createCallLeases({ db, processId, logger });
  usage.start();
  leases.start();
  const app = createApp({
    db,
    search: metrics.measured(createSearchIndex(db, config, logger, metrics.engineObserver)),
    responses,
    keys: { pepper, findOwner },
    admission: createAdmission({ leases, usage }),
    samplesForLiveKeys: config.samplesForLiveKeys,
    push: {
      createReader: createPostingReader,
      startBatch,
      backlogLimit: config.pushBacklogLimit,
    },
    probes: { temporal: isTemporalUp, meilisearch: probeOf(config.meiliUrl) },
    readStatus: createStatusReader({ db, now }),
    metrics,
    logger,
    now,
  });

  const server = createServer(app);
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.on('clientError', refuseMalformedHttp);
  const servers = [server];
  if (config.operatorsPort !== undefined) {
    const { operatorsTokenHash: tokenHash } = config;
    const admin =
      tokenHash === undefined
        ? undefined
        : createAdminServices({ db, tokenHash, pepper, temporal: client, taskQueue });
    const operators = createServer(createOperatorsApp({ metrics, admin, logger, now }));
    servers.push(operators);
    await listen(operators, config.operatorsPort, config.operatorsHost);
    logger.info({ port: config.operatorsPort, host: config.operatorsHost }, 'operators are served');
  }
  const port = config.apiPort ?? DEFAULT_API_PORT;
  await listen(server, port, config.apiHost);
  logger.info({ port, host: config.apiHost }, 'listening');
  process.send?.('ready');
  const address = config.publicUrl ?? `http://${urlHost(config.apiHost)}:${port}`;
  const selfProbe = createSelfProbe({ db, address, logger, now });
  selfProbe.start();

  onStop(async () => {
    await Promise.all([
      selfProbe.stop(),
      ...servers.map((each) => new Promise((resolve) => each.close(resolve))),
    ]);
    await Promise.all([usage.close(), leases.close()]);
    await Promise.all([db.destroy(), listener.close(), temporal.close()]);
  });
});

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

/** What is no HTTP never reaches the app: refused in a line, the connection closed. */
function refuseMalformedHttp(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function probeOf(meiliUrl: string | undefined): (() => Promise<boolean>) | undefined {
  if (meiliUrl === undefined) return undefined;
  return async () => {
    await pingMeilisearch(meiliUrl);
    return true;
  };
}

async function isReachable(temporal: Connection): Promise<boolean> {
  try {
    await temporal.withDeadline(Date.now() + PROBE_TIMEOUT_MS, () =>
      temporal.workflowService.getSystemInfo({}),
    );
    return true;
  } catch {
    return false;
  }
}
