import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { printLine, printTable } from '../bin/commands/output';
import { createLogger } from '../bin/logger';
import { createEndpointWaker } from '../bin/webhooks';
import { type NewDelivery, insertDeliveries, insertPayloads } from '../db/webhookOutbox';
import { toTimestamp } from '../domain/time';
import { jsonEventBody } from '../domain/webhooks/body';
import type { BarePosts } from './barePosts';
import { type ProcessUse, processUseDuring } from './measures';
import { withProgram } from './program';
import { type Receiver, type Receipts, sumOf, untilReceived, withReceiver } from './receipts';
import type { BenchStack } from './stack';
import { openSubscriber, removeEndpoints, type Subscriber } from './subscribers';

interface Case {
  endpoints: number;
  maxInFlight: number;
}

const CASES: readonly Case[] = [
  { endpoints: 1, maxInFlight: 1 },
  { endpoints: 1, maxInFlight: 20 },
  { endpoints: 50, maxInFlight: 1 },
];

const BODY_BYTES = 2_000;
const DELIVERED_DEADLINE_MS = 300_000;
const LOOK_AGAIN_MS = 250;
const PROCESSES = ['worker', 'postgres', 'temporal'] as const;

interface Throughput extends Case {
  /** Distinct ones that arrived. */
  received: number;
  /** Receipts beyond the first of a delivery. */
  repeated: number;
  /** From the first receipt to the last. */
  seconds: number;
  uses: Map<string, ProcessUse>;
  temporalEvents: number;
  /** Posts a second of the bare loop, before and after. */
  bare: [number, number];
}

/**
 * Puts deliveries into the outbox, as publishing does, and wakes the workflows of their endpoints. Prints how many a second arrive, beside a bare
 * loop of signed posts to the same receiver with as many in flight, and what one costs.
 */
export async function benchWebhookThroughput(stack: BenchStack, deliveries: number): Promise<void> {
  await withReceiver(async (receiver) => {
    const results: Throughput[] = [];
    for (const given of CASES) results.push(await measure(stack, receiver, { given, deliveries }));
    print(results, deliveries);
  });
}

interface Order {
  given: Case;
  deliveries: number;
}

async function measure(
  stack: BenchStack,
  receiver: Receiver,
  { given, deliveries }: Order,
): Promise<Throughput> {
  const inFlight = given.endpoints * given.maxInFlight;
  const postBare = () =>
    barePostsPerSecond({ origin: receiver.origin, posts: deliveries, inFlight, bodyBytes: BODY_BYTES });
  const before = await postBare();
  await receiver.clear();
  const temporal = await stack.connectTemporal();
  const subscriber = await openSubscriber(stack, {
    origin: receiver.origin,
    wishes: Array.from({ length: given.endpoints }, (_, number) => ({
      path: `/ok/${number}`,
      maxInFlight: given.maxInFlight,
    })),
  });
  const eventsBefore = await temporalEvents(temporal, subscriber);
  await fillOutbox(stack, subscriber, deliveries);
  const { uses } = await processUseDuring(stack.dataDir, () =>
    deliverAll(stack, receiver, { temporal, subscriber, deliveries }),
  );
  const eventsAfter = await temporalEvents(temporal, subscriber);
  const figures = readFigures(await receiver.receipts());
  await removeEndpoints(stack, subscriber);
  await receiver.clear();
  const after = await postBare();
  await receiver.clear();
  return {
    ...given,
    ...figures,
    uses,
    temporalEvents: eventsAfter - eventsBefore,
    bare: [before, after],
  };
}

async function barePostsPerSecond(order: BarePosts): Promise<number> {
  return withProgram(
    'bench/barePosts.ts',
    [JSON.stringify(order)],
    ({ seconds = Number.NaN }) => order.posts / seconds,
  );
}

/** As publishing does: what is told of a job is stored once, however many endpoints hear of it. All of it is there at once. */
async function fillOutbox(
  { db }: BenchStack,
  { accountId, endpoints }: Subscriber,
  deliveries: number,
): Promise<void> {
  const now = toTimestamp(Date.now());
  const jobIds = Array.from(
    { length: Math.ceil(deliveries / endpoints.length) },
    (_, number) => `bench-${String(number).padStart(9, '0')}`,
  );
  const details = { saved_searches: [{ id: accountId, name: 'Bench' }] };
  await db.transaction(async (transaction) => {
    const payloads = jobIds.map((jobId) => ({ jobId, jobVersion: 1, body: payloadOf(jobId, details) }));
    const payloadIds = await insertPayloads(transaction, payloads, now);
    const rows = jobIds.flatMap((jobId) =>
      endpoints.map(({ id: endpointId }): NewDelivery => ({
        endpointId,
        accountId,
        type: 'job.matched',
        payloadId: payloadIds.get(jobId) ?? 0,
        jobId,
        details,
        dueAt: now,
      })),
    );
    await insertDeliveries(transaction, rows.slice(0, deliveries), now);
  });
  // What autovacuum would have found out in a database that has been up for a while.
  await db.raw('analyze webhook_deliveries, webhook_payloads');
}

/** So long that the whole body has the size of the bench. */
function payloadOf(jobId: string, details: object): string {
  const payload = (description: string) => JSON.stringify({ id: jobId, description });
  const now = toTimestamp(0);
  const event = { id: `evt_${'0'.repeat(32)}`, type: 'job.matched', created_at: now, details };
  const bare = jsonEventBody({ ...event, payload: payload('') });
  return payload('x'.repeat(BODY_BYTES - bare.length));
}

/** Wakes the workflows, and waits until all has arrived and is noted as delivered. */
async function deliverAll(
  { db, config }: BenchStack,
  receiver: Receiver,
  { temporal, subscriber, deliveries }: { temporal: Client; subscriber: Subscriber; deliveries: number },
): Promise<void> {
  const deadline = Date.now() + DELIVERED_DEADLINE_MS;
  const logger = createLogger('bench', 'warn');
  const wake = createEndpointWaker({ client: temporal, taskQueue: config.temporalTaskQueue, logger });
  await wake(subscriber.endpoints.map(({ id }) => id));
  await untilReceived(receiver, (counts) => sumOf(counts) >= deliveries, deadline);
  while (Date.now() < deadline) {
    const waiting = await db('webhook_deliveries')
      .where({ account_id: subscriber.accountId, status: 'pending' })
      .first('id');
    if (waiting === undefined) return;
    await delay(LOOK_AGAIN_MS);
  }
}

/** Of all runs of the workflows. What is listed of a running one may be late: it is asked itself. */
async function temporalEvents(temporal: Client, { endpoints }: Subscriber): Promise<number> {
  const ids = new Set(endpoints.map(({ id }) => `webhook/${id}`));
  let events = 0;
  for await (const { workflowId, runId } of temporal.workflow.list({
    query: `WorkflowType = 'webhookEndpoint'`,
  })) {
    if (!ids.has(workflowId)) continue;
    events += (await temporal.workflow.getHandle(workflowId, runId).describe()).historyLength;
  }
  return events;
}

function readFigures(
  receipts: ReadonlyMap<string, Receipts>,
): Pick<Throughput, 'received' | 'repeated' | 'seconds'> {
  const ids = [...receipts.values()].flatMap((path) => path.ids);
  const times = Float64Array.from([...receipts.values()].flatMap((path) => path.times)).sort();
  const received = new Set(ids).size;
  return {
    received,
    repeated: ids.length - received,
    seconds: ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000,
  };
}

function print(results: readonly Throughput[], deliveries: number): void {
  printLine(`\nwebhooks: ${deliveries} deliveries of ${BODY_BYTES} bytes that wait in the outbox`);
  printTable(
    ['endpoints', 'at once, each', 'deliveries/s', 'bare posts/s, before and after', 'ratio'],
    results.map(({ endpoints, maxInFlight, received, seconds, bare }) => {
      const reference = (bare[0] + bare[1]) / 2;
      return [
        endpoints,
        maxInFlight,
        Math.round(received / seconds),
        bare.map(Math.round).join(' and '),
        (received / seconds / reference).toFixed(3),
      ];
    }),
  );
  printTable(
    ['endpoints', 'at once, each', ...PROCESSES.map((name) => `${name}: processor ms`), 'Temporal events'],
    results.map(({ endpoints, maxInFlight, received, uses, temporalEvents: events }) => [
      endpoints,
      maxInFlight,
      ...PROCESSES.map((name) => {
        const cpuSeconds = uses.get(name)?.cpuSeconds ?? null;
        return cpuSeconds === null ? 'unknown' : ((1_000 * cpuSeconds) / received).toFixed(3);
      }),
      (events / received).toFixed(4),
    ]),
  );
  printLine('Processor time and events are those of one delivery, Postgres with all its processes.');
  for (const { endpoints, maxInFlight, received, repeated } of results) {
    if (received === deliveries && repeated === 0) continue;
    printLine(
      `With ${endpoints} endpoints, ${maxInFlight} at once, ${received} arrived, ${repeated} of them more than once.`,
    );
  }
}
