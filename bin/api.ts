import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import { Client, Connection } from '@temporalio/client';
import { createApp } from '../api/app';
import { createKeyOwners } from '../api/keyOwners';
import { createMetrics } from '../api/metrics';
import { createOperatorsApp } from '../api/operators';
import { registerPlatformMetrics } from '../api/platformMetrics';
import { createResponseCache } from '../api/responseCache';
import { closeServer, createApiServer } from '../api/server';
import { createSelfProbe } from '../api/selfProbe';
import { createStatusReader } from '../api/serviceStatus';
import { connect } from '../db/connection';
import { createListener } from '../db/listener';
import { createSecretBox } from '../db/secretBox';
import { toTimestamp } from '../domain/time';
import { createDomainCheck } from '../mail/refusedDomains';
import { createPostingReader } from '../sources/push/pushedPostings';
import { newWebhookSecret } from '../webhooks/signature';
import { createAdminServices } from './adminServices';
import { forgetfulAnnouncerOf } from './announcing';
import { createBatchStarter } from './batches';
import { createErasureStarter } from './erasures';
import { loadConfig, required } from './config';
import { createLogger } from './logger';
import { onStop, runProcess } from './process';
import { startMetering } from './metering';
import { createSignUpStarter } from './signUps';
import { createEndpointWaker, webhookSenderOf } from './webhooks';
import { createSearchIndex } from './searchEngine';
import { pingMeilisearch } from './stack/meilisearchServer';
import { readTlsFiles, watchTlsFiles } from './tlsFiles';
import { urlHost } from './urlHost';

const DEFAULT_API_PORT = 3000;
const PROBE_TIMEOUT_MS = 1_000;
const MIB = 1_024 * 1_024;

/** The API process: answers requests, holds no state of its own. */
runProcess('api', async () => {
  const config = loadConfig(process.env);
  const logger = createLogger('api', config.logLevel);
  const tls = config.tls && readTlsFiles(config.tls);
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
  const keyOwners = createKeyOwners({ db, listener });
  listener.start();
  const temporal = Connection.lazy({ address: required(config.temporalAddress, 'TEMPORAL_ADDRESS') });

  const client = new Client({ connection: temporal, namespace: config.temporalNamespace });
  const taskQueue = config.temporalTaskQueue;
  const workflows = { client, taskQueue };

  const sender = webhookSenderOf(config);
  const wakeEndpoints = createEndpointWaker({ ...workflows, logger });

  const pepper = required(config.keyPepper, 'KEY_PEPPER');
  const now = () => toTimestamp(Date.now());
  const isTemporalUp = () => isReachable(temporal);
  registerPlatformMetrics(metrics.registry, { db, listener, responses, isTemporalUp, now });
  const { dataDir } = config;
  const metering = startMetering({ db, dataDir, registry: metrics.registry, logger, now });
  const app = createApp({
    db,
    search: metrics.measured(createSearchIndex(db, config, logger, metrics.engineObserver)),
    responses,
    keys: {
      pepper,
      secretBox: createSecretBox(required(config.keyEncryptionKey, 'KEY_ENCRYPTION_KEY')),
      ...keyOwners,
    },
    admission: metering.admission,
    samplesForLiveKeys: config.samplesForLiveKeys,
    startErasure: createErasureStarter(workflows),
    supportEmail: config.supportEmail,
    push: {
      createReader: createPostingReader,
      startBatch: createBatchStarter(workflows),
      backlogLimit: config.pushBacklogLimit,
    },
    signUps: {
      start: createSignUpStarter(workflows),
      isRefusedAddress: createDomainCheck(config.refusedEmailDomains),
      limits: config.signUps,
    },
    webhooks: {
      check: sender.check,
      send: sender.send,
      wake: (endpointId) => wakeEndpoints([endpointId]),
      newSecret: newWebhookSecret,
    },
    probes: { temporal: isTemporalUp, meilisearch: probeOf(config.meiliUrl) },
    readStatus: createStatusReader({ db, now }),
    metrics,
    transport: config.transport,
    logger,
    now,
  });

  const server = createApiServer(app, { tls, logger, now });
  if (config.tls && tls && server instanceof TlsServer) {
    watchTlsFiles(config.tls, tls, {
      renew: (renewed) => {
        server.setSecureContext(renewed);
        logger.info('the certificate was renewed');
      },
      onFault: (error) => logger.error({ err: error }, 'the certificate cannot be renewed'),
    });
  }
  const servers: Server[] = [server];
  if (config.operatorsPort !== undefined) {
    const { operatorsTokenHash: tokenHash } = config;
    const admin =
      tokenHash === undefined
        ? undefined
        : createAdminServices({
            db,
            tokenHash,
            pepper,
            forgetOwners: keyOwners.forgetOwners,
            temporal: client,
            taskQueue,
            announce: forgetfulAnnouncerOf(config),
          });
    const operators = createApiServer(createOperatorsApp({ metrics, admin, logger, now }), { logger, now });
    servers.push(operators);
    await listen(operators, config.operatorsPort, config.operatorsHost);
    logger.info({ port: config.operatorsPort, host: config.operatorsHost }, 'operators are served');
  }
  const port = config.apiPort ?? DEFAULT_API_PORT;
  await listen(server, port, config.apiHost);
  logger.info({ port, host: config.apiHost, tls: tls !== undefined }, 'listening');
  process.send?.('ready');
  const address = config.publicUrl ?? `http://${urlHost(config.apiHost)}:${port}`;
  const selfProbe = createSelfProbe({ db, address, logger, now });
  selfProbe.start();

  onStop(async () => {
    await Promise.all([selfProbe.stop(), ...servers.map((each) => closeServer(each))]);
    await metering.stop();
    await Promise.all([sender.close(), db.destroy(), listener.close(), temporal.close()]);
  });
});

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
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
