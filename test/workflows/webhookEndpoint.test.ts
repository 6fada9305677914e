import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Context } from '@temporalio/activity';
import { failureInterceptor } from '../../activities/failures';
import { heartbeatInterceptor } from '../../activities/heartbeat';
import { createWebhookDeliveryActivities } from '../../activities/webhookDelivery';
import type { Db } from '../../db/connection';
import { DAY_MS, HOUR_MS, MINUTE_MS, toTimestamp } from '../../domain/time';
import type { EndpointReport } from '../../domain/webhooks/endpointReport';
import { DEFAULT_RETRY_SECONDS } from '../../domain/webhooks/retrySchedule';
import { createWebhookSender, type WebhookSender } from '../../webhooks/sender';
import type { webhookEndpoint } from '../../workflows/webhookEndpoint';
import { createTestDatabase } from '../support/database';
import { createTimeSkippingWorker, type TimeSkippingWorker } from '../support/timeSkipping';
import { until } from '../support/until';
import { addAccount, addDeliveries, addEndpoint, readDeliveries, SECRET_BOX } from '../support/webhooks';

let db: Db;
let drop: () => Promise<void>;
let temporal: TimeSkippingWorker;
let sender: WebhookSender;
let receiver: Server;
let url: string;
/** How the receiver answers, by the request's number from 1. */
let answer: (response: ServerResponse, request: number) => void;
/** `webhook-id` of each request, in order. */
let received: string[];

/** The server's time, which flies: that at which the activity was scheduled, and what has passed since. */
function activityTimeMs(): number {
  const { currentAttemptScheduledTimestampMs } = Context.current().info;
  return currentAttemptScheduledTimestampMs;
}

beforeAll(async () => {
  ({ db, drop } = await createTestDatabase());
  receiver = createServer((request, response) => {
    request.resume().on('end', () => {
      received.push(String(request.headers['webhook-id']));
      answer(response, received.length);
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  sender = createWebhookSender({
    userAgent: 'test',
    allowsLoopback: true,
    extraPorts: [],
    nowMs: activityTimeMs,
  });
  const { deliverDue } = createWebhookDeliveryActivities({
    db,
    secretBox: SECRET_BOX,
    send: sender.send,
    retrySeconds: DEFAULT_RETRY_SECONDS,
    chance: () => 0,
    wakeEndpoints: () => Promise.resolve(),
    now: () => toTimestamp(activityTimeMs()),
  });
  temporal = await createTimeSkippingWorker({
    activities: {},
    deliveryActivities: { deliverDue },
    interceptors: {
      activity: [() => ({ inbound: failureInterceptor }), () => ({ inbound: heartbeatInterceptor })],
    },
  });
});

afterAll(async () => {
  await temporal.stop();
  await sender.close();
  receiver.closeAllConnections();
  receiver.close();
  await drop();
});

beforeEach(() => {
  received = [];
});

/** An endpoint with so many deliveries due, and its workflow. */
async function startEndpoint(count: number) {
  const start = toTimestamp(await temporal.currentTimeMs());
  const accountId = await addAccount(db, 'business', start);
  const { id } = await addEndpoint(db, { accountId, url, now: start });
  await addDeliveries(
    db,
    id,
    Array.from({ length: count }, (_, index) => `${id} ${index}`),
    start,
  );
  const handle = await temporal.client.workflow.start<typeof webhookEndpoint>('webhookEndpoint', {
    workflowId: `webhook/${id}`,
    taskQueue: temporal.taskQueue,
    args: [{ endpointId: id }],
  });
  const standing = () => handle.query<EndpointReport | null>('standing');
  return { id, accountId, handle, standing, startMs: Date.parse(start) };
}

/** Its workflow ends with it. */
async function removeEndpoint(
  id: string,
  end: { signal: (name: string) => Promise<void>; result: () => Promise<void> },
) {
  await db('webhook_endpoints').where({ id }).delete();
  await end.signal('wake');
  await end.result();
}

it('keeps to the true schedule up to the last attempt, and keeps what failed', async () => {
  answer = (response) => response.writeHead(500).end();
  const { id, handle, standing, startMs } = await startEndpoint(1);
  await temporal.sleep('2 days');
  const [delivery] = await readDeliveries(db, id);
  expect(delivery).toMatchObject({ status: 'failed', tries: 8 });
  const minutes = delivery!.attempts.map(({ at }) => (Date.parse(at) - startMs) / MINUTE_MS);
  const scheduled = [0, 0.1, 5.1, 35.1, 155.1, 455.1, 1_055.1, 1_655.1];
  minutes.forEach((minute, index) => expect(Math.abs(minute - scheduled[index]!)).toBeLessThan(1));
  expect(new Set(received).size).toBe(1);
  expect(await standing()).toMatchObject({ state: 'resting', nextAt: null, pending: 0 });
  await removeEndpoint(id, handle);
});

it('disables an endpoint after five days of failures, and tells its account once', async () => {
  answer = (response) => response.writeHead(503).end();
  const { id, accountId, handle, standing, startMs } = await startEndpoint(50);
  await temporal.sleep('4 days');
  expect(await standing()).toMatchObject({ state: 'resting' });
  await temporal.sleep('4 days');
  expect(await standing()).toMatchObject({ state: 'disabled', pending: 0 });
  const [endpoint] = await db('webhook_endpoints')
    .where({ id })
    .select<{ disabled_reason: string; disabled_at: string }[]>('disabled_reason', 'disabled_at');
  expect(endpoint?.disabled_reason).toBe('failing');
  const days = (Date.parse(endpoint!.disabled_at) - startMs) / DAY_MS;
  expect(days).toBeGreaterThanOrEqual(5);
  expect(days).toBeLessThan(5.5);
  expect(await db('events').where({ account_id: accountId }).pluck('type')).toEqual(['webhook.disabled']);
  const statuses = (await readDeliveries(db, id)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set(['failed']));
  // A dead endpoint is not asked again and again: one request a probe.
  expect(received.length).toBeLessThan(60);
  await removeEndpoint(id, handle);
});

it('wakes by itself when what an endpoint asked for is over', async () => {
  answer = (response, request) => {
    if (request === 1) response.writeHead(429, { 'retry-after': String((6 * HOUR_MS) / 1_000) }).end();
    else response.writeHead(204).end();
  };
  const { id, handle, standing } = await startEndpoint(3);
  await until(async () => (await standing())?.state === 'held');
  expect(received).toHaveLength(1);
  await temporal.sleep('7 hours');
  expect(received).toHaveLength(4);
  expect((await readDeliveries(db, id)).map(({ status, tries }) => [status, tries])).toEqual([
    ['delivered', 0],
    ['delivered', 0],
    ['delivered', 0],
  ]);
  expect(await standing()).toMatchObject({ state: 'active', pending: 0 });
  await removeEndpoint(id, handle);
});

it('looks again when it is woken', async () => {
  answer = (response) => response.writeHead(200).end();
  const { id, handle, standing } = await startEndpoint(1);
  await until(async () => (await standing())?.pending === 0);
  await addDeliveries(db, id, [`${id} later`], toTimestamp(await temporal.currentTimeMs()));
  await handle.signal('wake');
  await until(() => Promise.resolve(received.length === 2));
  await removeEndpoint(id, handle);
});
