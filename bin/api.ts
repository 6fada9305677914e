import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Client, Connection } from '@temporalio/client';
import { createApp } from '../api/app';
import { createKeyOwners } from '../api/keyOwners';
import { createMetrics } from '../api/metrics';
import { createOperatorsApp } from '../api/operators';
import { createResponseCache } from '../api/responseCache';
import { connect } from '../db/connection';
import { createListener } from '../db/listener';
import { toTimestamp } from '../domain/time';
import { createDomainCheck } from '../mail/refusedDomains';
import { createPostingReader } from '../sources/push/pushedPostings';
import { createBatchStarter } from './batches';
import { loadConfig, required } from './config';
import { createLogger } from './logger';
import { onStop, runProcess } from './process';
import { createSignUpStarter } from './signUps';
import { createSearchIndex } from './searchEngine';
import { pingMeilisearch } from './stack/meilisearchServer';

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
  const maxBytes = config.responseCacheMiB * MIB;
  const responses = maxBytes > 0 ? createResponseCache({ listener, maxBytes }) : undefined;
  const findOwner = createKeyOwners({ db, listener });
  listener.start();
  const temporal = Connection.lazy({ address: required(config.temporalAddress, 'TEMPORAL_ADDRESS') });

  const starter = {
    client: new Client({ connection: temporal, namespace: config.temporalNamespace }),
    taskQueue: config.temporalTaskQueue,
  };

  const now = () => toTimestamp(Date.now());
  const metrics = createMetrics();
  const app = createApp({
    db,
    search: metrics.measured(createSearchIndex(db, config, logger, metrics.engineObserver)),
    responses,
    keys: { pepper: required(config.keyPepper, 'KEY_PEPPER'), findOwner },
    samplesForLiveKeys: config.samplesForLiveKeys,
    push: {
      createReader: createPostingReader,
      startBatch: createBatchStarter(starter),
      backlogLimit: config.pushBacklogLimit,
    },
    signUps: {
      start: createSignUpStarter(starter),
      isRefusedAddress: createDomainCheck(config.refusedEmailDomains),
      limits: config.signUps,
    },
    probes: { temporal: () => isReachable(temporal), meilisearch: probeOf(config.meiliUrl) },
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
    const operators = createServer(createOperatorsApp({ metrics, logger, now }));
    servers.push(operators);
    await listen(operators, config.operatorsPort, config.operatorsHost);
    logger.info({ port: config.operatorsPort, host: config.operatorsHost }, 'operators are served');
  }
  const port = config.apiPort ?? DEFAULT_API_PORT;
  await listen(server, port, config.apiHost);
  logger.info({ port, host: config.apiHost }, 'listening');
  process.send?.('ready');

  onStop(async () => {
    await Promise.all(servers.map((each) => new Promise((resolve) => each.close(resolve))));
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
