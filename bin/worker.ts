import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createAccountRetentionActivities } from '../activities/accountRetention';
import { createErasureActivities } from '../activities/erasure';
import { createAnswerActivities } from '../activities/answers';
import { heartbeatInterceptor } from '../activities/heartbeat';
import { createIndexingActivities } from '../activities/indexing';
import { createIngestionActivities } from '../activities/ingestion';
import { createNoticeActivities } from '../activities/notices';
import { createPublishingActivities } from '../activities/publishing';
import { createPushedBatchActivities } from '../activities/pushedBatches';
import { createScreeningActivities } from '../activities/screening';
import { createSignUpActivities } from '../activities/signUp';
import { createVocabularyActivities } from '../activities/vocabulary';
import { createWebhookDeliveryActivities } from '../activities/webhookDelivery';
import { failureInterceptor } from '../activities/failures';
import { connect } from '../db/connection';
import { accountErasedLetter } from '../mail/templates/accountErased';
import { createSecretBox } from '../db/secretBox';
import { toTimestamp } from '../domain/time';
import { createFileSource } from '../sources/file/fileSource';
import { createHttpSource } from '../sources/http/httpSource';
import { deliveryTaskQueue } from '../domain/webhooks/taskQueue';
import { announcerOf, matcherOf } from './announcing';
import { createBatchStarter } from './batches';
import { createErasureStarter } from './erasures';
import { loadConfig, required } from './config';
import { createLogger } from './logger';
import { startIndexRepair } from './indexRepair';
import { contactsOf, createMailer } from './mailing';
import { onStop, runProcess } from './process';
import { ensureSchedules } from './schedules';
import { registerSearchAttributes } from './searchAttributes';
import { createSearchIndex } from './searchEngine';
import { createSignUpStarter } from './signUps';
import { restoreSchedules } from './sourceSchedules';
import { createEndpointWaker, webhookSenderOf } from './webhooks';

/** Endpoints served at once. Most of their time they are waited for: each holds a few deliveries in memory, and now and then a connection. */
const MAX_DELIVERING = 500;
/** Of their own, so that neither side waits for the other's. */
const DELIVERY_POOL_SIZE = 6;

/** The worker process: runs workflows and their activities. */
runProcess('worker', async () => {
  const config = loadConfig(process.env);
  const logger = createLogger('worker', config.logLevel);
  // Stopping is ours (runProcess); the SDK's own handlers would race with it.
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      logger[level === 'ERROR' ? 'error' : 'warn']({ ...meta }, message);
    }),
  });
  const databaseUrl = required(config.databaseUrl, 'DATABASE_URL');
  const db = connect({
    databaseUrl,
    poolSize: config.databasePoolSize,
    applicationName: 'worker',
    onWarning: (message) => logger.warn({ message }, 'database'),
  });
  const address = required(config.temporalAddress, 'TEMPORAL_ADDRESS');
  const connection = await NativeConnection.connect({ address });
  await registerSearchAttributes(connection, config.temporalNamespace, logger);

  const client = new Client({ connection, namespace: config.temporalNamespace });
  await ensureSchedules(client, config.temporalTaskQueue);

  const now = () => toTimestamp(Date.now());
  const search = createSearchIndex(db, config, logger);
  const mailer = createMailer(config, logger);
  const contacts = contactsOf(config);
  const mailing = { db, mailer, contacts, now };
  const secretBox = createSecretBox(required(config.keyEncryptionKey, 'KEY_ENCRYPTION_KEY'));
  const wakeEndpoints = createEndpointWaker({ client, taskQueue: config.temporalTaskQueue, logger });
  const deliveriesDb = connect({
    databaseUrl,
    poolSize: DELIVERY_POOL_SIZE,
    applicationName: 'deliveries',
    onWarning: (message) => logger.warn({ message }, 'database'),
  });
  const sender = webhookSenderOf(config);
  const deliveryActivities = createWebhookDeliveryActivities({
    db: deliveriesDb,
    secretBox,
    send: sender.send,
    retrySeconds: config.webhooks.retrySeconds,
    chance: Math.random,
    wakeEndpoints,
    now,
  });
  const matcher = matcherOf(config);
  // Lest the first batch waits for it; where the database is away now, that batch reads them.
  await matcher.catchUp(db, now()).catch((error: unknown) => {
    logger.warn({ error }, 'saved searches could not be read yet');
  });
  const interceptors = {
    activity: [() => ({ inbound: failureInterceptor }), () => ({ inbound: heartbeatInterceptor })],
  };
  const worker = await Worker.create({
    connection,
    namespace: config.temporalNamespace,
    taskQueue: config.temporalTaskQueue,
    ...(config.workflowBundle
      ? { workflowBundle: { codePath: config.workflowBundle } }
      : { workflowsPath: require.resolve('../workflows') }),
    activities: {
      ...createIngestionActivities({
        db,
        openSource: (run) => (run.kind === 'http' ? createHttpSource(run) : createFileSource(run)),
        now,
      }),
      ...createScreeningActivities({ db, now, thresholds: config.screeningThresholds }),
      ...createPublishingActivities({
        db,
        search,
        announce: announcerOf(config, matcher),
        wakeEndpoints,
        now,
      }),
      ...createIndexingActivities({ db, search, now }),
      ...createVocabularyActivities({ db, now }),
      ...createErasureActivities({
        db,
        tell: async ({ erasureId, email }) => {
          const letter = accountErasedLetter(contacts);
          return (await mailer.send({ ...letter, to: email, id: `erased-${erasureId}` })).taken;
        },
        forgetLetters: mailer.forget,
        startErasure: createErasureStarter({ client, taskQueue: config.temporalTaskQueue }),
        now,
      }),
      ...createAccountRetentionActivities({ db, now }),
      ...createAnswerActivities({ db, now }),
      ...createPushedBatchActivities({
        db,
        startBatch: createBatchStarter({ client, taskQueue: config.temporalTaskQueue }),
        now,
      }),
      ...createSignUpActivities({
        ...mailing,
        secretBox,
        pepper: required(config.keyPepper, 'KEY_PEPPER'),
        startSignUp: createSignUpStarter({ client, taskQueue: config.temporalTaskQueue }),
      }),
      ...createNoticeActivities(mailing),
      wakeForgottenEndpoints: deliveryActivities.wakeForgottenEndpoints,
    },
    interceptors,
    maxConcurrentActivityTaskExecutions: config.databasePoolSize,
  });
  const deliveryWorker = await Worker.create({
    connection,
    namespace: config.temporalNamespace,
    taskQueue: deliveryTaskQueue(config.temporalTaskQueue),
    activities: { deliverDue: deliveryActivities.deliverDue },
    interceptors,
    maxConcurrentActivityTaskExecutions: MAX_DELIVERING,
  });

  onStop(async () => {
    worker.shutdown();
    deliveryWorker.shutdown();
    await finished;
    await Promise.all([connection.close(), sender.close(), db.destroy(), deliveriesDb.destroy()]);
  });
  const finished = Promise.all([worker.run(), deliveryWorker.run()]);
  logger.info({ taskQueue: config.temporalTaskQueue }, 'polling');
  process.send?.('ready');
  await startIndexRepair(client, config.temporalTaskQueue, logger);
  await restoreSchedules(db, { temporal: client, taskQueue: config.temporalTaskQueue }, logger);
  await finished;
});
