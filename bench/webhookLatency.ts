import { setTimeout as delay } from 'node:timers/promises';
import { printLine, printTable } from '../bin/commands/output';
import { toMillis, type Timestamp } from '../domain/time';
import { type Latencies, stopwatch, summarise } from './measures';
import { createFreshPostings } from './postings';
import { openPushSource, push } from './pushing';
import { type Receiver, untilReceived, withReceiver } from './receipts';
import type { BenchStack } from './stack';
import { openSubscriber, saveSearch } from './subscribers';

const SEED = 83;
const WORD = 'zyxwebhooks';
const PATH = '/ok/latency';
/** Five pushes a second, whether what was pushed before has arrived or not. */
const PUSH_INTERVAL_MS = 200;
const WARM_UP = 10;
const ARRIVED_DEADLINE_MS = 60_000;

/** Of a posting, times in ms since the epoch. */
interface Push {
  jobId: string;
  startedAt: number;
  acknowledgedAt: number;
}

interface Arrival extends Push {
  publishedAt: number;
  receivedAt: number;
}

/**
 * Pushes one posting after the other, each of which matches a saved search of an account with one endpoint. Prints the time until the receiver has
 * it, from the push, from its answer, and from when the posting was published.
 */
export async function benchWebhookLatency(stack: BenchStack, pushes: number): Promise<void> {
  await withReceiver(async (receiver) => {
    const subscriber = await openSubscriber(stack, {
      origin: receiver.origin,
      wishes: [{ path: PATH, maxInFlight: 1 }],
    });
    await saveSearch(stack, subscriber, WORD);
    const token = await openPushSource(stack, 'bench-webhooks');
    const next = createFreshPostings(SEED, WORD);
    const pushOne = async (): Promise<Push> => {
      const startedAt = Date.now();
      const [jobId = ''] = await push(stack, { token, postings: [next()] });
      return { jobId, startedAt, acknowledgedAt: Date.now() };
    };
    for (let warmUp = 0; warmUp < WARM_UP; warmUp += 1) await pushOne();
    await untilPathHas(receiver, WARM_UP);

    const took = stopwatch();
    const pushed: Promise<Push>[] = [];
    for (let number = 0; number < pushes; number += 1) {
      await delay(Math.max(0, number * PUSH_INTERVAL_MS - took() * 1_000));
      const pushing = pushOne();
      // Awaited below: until then its failure is nobody's yet.
      pushing.catch(() => undefined);
      pushed.push(pushing);
    }
    const all = await Promise.all(pushed);
    await untilPathHas(receiver, WARM_UP + pushes);
    const arrivals = await findArrivals(stack, receiver, all);
    print(all, arrivals, took());
  });
}

async function untilPathHas(receiver: Receiver, count: number): Promise<void> {
  const isEnough = (counts: ReadonlyMap<string, number>) => (counts.get(PATH) ?? 0) >= count;
  await untilReceived(receiver, isEnough, Date.now() + ARRIVED_DEADLINE_MS);
}

async function findArrivals(
  { db }: BenchStack,
  receiver: Receiver,
  pushes: readonly Push[],
): Promise<Arrival[]> {
  const { rows } = await db.raw<{ rows: { jobId: string; eventId: string; createdAt: Timestamp }[] }>(
    `select job_id as "jobId", event_id as "eventId", created_at as "createdAt" from webhook_deliveries
     where job_id = any(cast(:jobIds as text[])) and type = 'job.matched'`,
    { jobIds: pushes.map(({ jobId }) => jobId) },
  );
  const { ids, times } = (await receiver.receipts()).get(PATH) ?? { ids: [], times: [] };
  const receiptOf = new Map(ids.map((id, place) => [id, times[place] ?? Number.NaN]));
  const pushOf = new Map(pushes.map((pushed) => [pushed.jobId, pushed]));
  return rows.flatMap(({ jobId, eventId, createdAt }) => {
    const pushed = pushOf.get(jobId);
    const receivedAt = receiptOf.get(eventId);
    if (!pushed || receivedAt === undefined) return [];
    return [{ ...pushed, publishedAt: toMillis(createdAt), receivedAt }];
  });
}

function print(pushes: readonly Push[], arrivals: readonly Arrival[], seconds: number): void {
  const line = (name: string, timesMs: number[]) => {
    const { p50, p95, p99, calls }: Latencies = summarise(timesMs, seconds);
    return [name, calls, ...[p50, p95, p99].map(Math.round)];
  };
  printLine(
    `\nwebhooks: ${pushes.length} pushes of one posting, one every ${PUSH_INTERVAL_MS} ms, one endpoint, milliseconds`,
  );
  printTable(
    ['', 'postings', 'p50', 'p95', 'p99'],
    [
      line(
        'push acknowledged',
        pushes.map(({ startedAt, acknowledgedAt }) => acknowledgedAt - startedAt),
      ),
      line(
        'push to receipt',
        arrivals.map(({ startedAt, receivedAt }) => receivedAt - startedAt),
      ),
      line(
        'acknowledgement to receipt',
        arrivals.map(({ acknowledgedAt, receivedAt }) => receivedAt - acknowledgedAt),
      ),
      line(
        'publish to receipt',
        arrivals.map(({ publishedAt, receivedAt }) => receivedAt - publishedAt),
      ),
    ],
  );
  const missing = pushes.length - arrivals.length;
  if (missing > 0) printLine(`${missing} did not arrive within ${ARRIVED_DEADLINE_MS / 1_000} s.`);
}
