import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { createAnnouncer } from '../../activities/announcements';
import { heartbeatInterceptor } from '../../activities/heartbeat';
import { createMatcher } from '../../activities/matcher';
import { createWebhookDeliveryActivities } from '../../activities/webhookDelivery';
import { createEndpointWaker } from '../../bin/webhooks';
import type { Db } from '../../db/connection';
import { DAY_MS, toTimestamp } from '../../domain/time';
import { DEFAULT_RETRY_SECONDS } from '../../domain/webhooks/retrySchedule';
import { createWebhookSender, type WebhookSender } from '../../webhooks/sender';
import { createTestDatabase } from '../support/database';
import { canonicalRecord, ingestRows } from '../support/ingest';
import { createTestWorker, type TestWorker } from '../support/temporal';
import { until } from '../support/until';
import { addAccount, addEndpoint, readDeliveries, SECRET_BOX } from '../support/webhooks';

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

describe('webhooks from a posting to the receiver', () => {
  let db: Db;
  let drop: () => Promise<void>;
  let worker: TestWorker;
  let sender: WebhookSender;
  let receiver: Server;
  let received: Received[];
  let wakeEndpoints: (endpointIds: readonly string[]) => Promise<void>;
  const now = () => toTimestamp(Date.now());

  beforeAll(async () => {
    ({ db, drop } = await createTestDatabase());
    received = [];
    receiver = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, body });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
    sender = createWebhookSender({ userAgent: 'test', allowsLoopback: true, extraPorts: [] });
    const { deliverDue, wakeForgottenEndpoints } = createWebhookDeliveryActivities({
      db,
      secretBox: SECRET_BOX,
      send: sender.send,
      retrySeconds: DEFAULT_RETRY_SECONDS,
      chance: Math.random,
      wakeEndpoints: (endpointIds) => wakeEndpoints(endpointIds),
      now,
    });
    worker = await createTestWorker({
      activities: { wakeForgottenEndpoints },
      deliveryActivities: { deliverDue },
      interceptors: { activity: [() => ({ inbound: heartbeatInterceptor })] },
    });
    const { client, taskQueue } = worker;
    wakeEndpoints = createEndpointWaker({ client, taskQueue, logger: pino({ level: 'silent' }) });
  });

  afterAll(async () => {
    await worker.stop();
    await sender.close();
    receiver.closeAllConnections();
    receiver.close();
    await drop();
  });

  const url = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;

  async function listeningAccount() {
    const accountId = await addAccount(db, 'business', now());
    const endpoint = await addEndpoint(db, { accountId, url: url(), now: now() });
    await db('saved_searches').insert({
      id: randomUUID(),
      account_id: accountId,
      name: 'Booking pages',
      parameters: { search: 'booking' },
      filter: { search: { kind: 'word', token: 'book' } },
      created_at: now(),
      updated_at: now(),
    });
    return endpoint;
  }

  const publish = (wake: typeof wakeEndpoints) =>
    ingestRows(db, [canonicalRecord({ id: '2013625432109875201', posted_on: now() })], {
      sourceId: `source-${randomUUID()}`,
      now: now(),
      seenAt: now(),
      announce: createAnnouncer({
        matcher: createMatcher({ samplesForLiveKeys: false }),
        alertMaxAgeMs: DAY_MS,
        clock: now,
      }),
      wakeEndpoints: wake,
    });

  it('are sent as the posting is published, signed so that public libraries verify them', async () => {
    const { id, secret } = await listeningAccount();
    await publish(wakeEndpoints);
    await until(() => received.length === 1);
    const [{ headers, body }] = received as [Received];
    const signed = headers as Record<string, string>;
    expect(new Webhook(secret).verify(body, signed)).toMatchObject({
      type: 'job.matched',
      data: { job: { id: '2013625432109875201' }, saved_searches: [{ name: 'Booking pages' }] },
    });
    expect(new SvixWebhook(secret).verify(body, signed)).toEqual(JSON.parse(body));
    expect(() => new Webhook(secret).verify(`${body} `, signed)).toThrow();
    await until(async () => (await readDeliveries(db, id))[0]?.status === 'delivered');
    const [delivery] = await readDeliveries(db, id);
    expect(signed['webhook-id']).toBe(delivery?.event_id);
  });

  it('are found and sent when who published them did not live to wake the endpoint', async () => {
    await db.raw('truncate jobs, job_identities, accounts cascade');
    received.length = 0;
    const { id } = await listeningAccount();
    await publish(() => Promise.resolve());
    // As long ago as it takes to count as forgotten.
    await db('webhook_deliveries').update({ due_at: db.raw(`due_at - interval '1 minute'`) });
    await worker.client.workflow.execute('wakeEndpoints', {
      taskQueue: worker.taskQueue,
      workflowId: `wake-endpoints-${randomUUID()}`,
    });
    await until(async () => (await readDeliveries(db, id))[0]?.status === 'delivered');
    expect(received).toHaveLength(1);
  });
});
