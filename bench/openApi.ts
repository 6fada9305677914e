import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../api/app';
import { openAdmission } from '../api/limits/admission';
import { createMetrics } from '../api/metrics';
import { createResponseCache } from '../api/responseCache';
import { printJson } from '../bin/commands/output';
import { loadConfig, required } from '../bin/config';
import { createLogger } from '../bin/logger';
import { createSearchIndex } from '../bin/searchEngine';
import { findApiKey } from '../db/apiKeys';
import { connect } from '../db/connection';
import { createListener } from '../db/listener';
import { createSecretBox } from '../db/secretBox';
import { toTimestamp } from '../domain/time';
import { createPostingReader } from '../sources/push/pushedPostings';

const MIB = 1_024 * 1_024;

/**
 * A process of its own: the API as it is, but for who asks. One look-up tells for ever whose every key is, nobody is limited, and nothing is
 * kept of requests. Takes a key; prints its port as a line of JSON, and serves until it is ended.
 */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const databaseUrl = required(config.databaseUrl, 'DATABASE_URL');
  const db = connect({ databaseUrl, applicationName: 'bench open API' });
  const logger = createLogger('api', config.logLevel);
  const listener = createListener({ databaseUrl, applicationName: 'bench open API' });
  const responses = createResponseCache({ listener, maxBytes: config.responseCacheMiB * MIB });
  listener.start();
  let owner: ReturnType<typeof findApiKey> | null = null;
  const app = createApp({
    db,
    search: createSearchIndex(db, config, logger),
    responses,
    keys: {
      pepper: required(config.keyPepper, 'KEY_PEPPER'),
      secretBox: createSecretBox(randomBytes(32).toString('base64')),
      findOwner: (hash, at) => (owner ??= findApiKey(db, hash, at)),
      forgetOwners: () => (owner = null),
    },
    admission: openAdmission,
    samplesForLiveKeys: true,
    readStatus: () => Promise.reject(new Error('There is none here.')),
    push: { createReader: createPostingReader, startBatch: () => Promise.resolve(), backlogLimit: 1 },
    startErasure: () => Promise.resolve(),
    supportEmail: 'support@example.com',
    signUps: {
      start: () => Promise.resolve(),
      isRefusedAddress: () => false,
      limits: { perAddressAndHour: 1, perEmailAndHour: 1, recoveriesPerAddressAndHour: 1 },
    },
    webhooks: {
      check: () => Promise.resolve('There are no webhooks here.'),
      send: () => Promise.reject(new Error('There are no webhooks here.')),
      wake: () => Promise.resolve(),
      newSecret: () => '',
    },
    probes: { temporal: () => Promise.resolve(true) },
    metrics: createMetrics(),
    logger,
    now: () => toTimestamp(Date.now()),
  });
  const server = createServer(app).listen(0, '127.0.0.1', () => {
    printJson({ port: (server.address() as AddressInfo).port });
  });
  await Promise.resolve();
}

void main();
