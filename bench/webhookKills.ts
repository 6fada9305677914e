import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { printLine, printTable } from '../bin/commands/output';
import { killAndAwaitRestart, type Target } from './kill';
import { stopwatch } from './measures';
import { createFreshPostings } from './postings';
import { openPushSource, push } from './pushing';
import { createRandom, type Random } from './random';
import { type Receiver, sumOf, untilReceived, withReceiver } from './receipts';
import { type BenchStack, withStack } from './stack';
import {
  openSubscriber,
  removeEndpoints,
  saveSearch,
  type SubscribedEndpoint,
  type Subscriber,
} from './subscribers';
import { type KindTally, tallyDeliveries, untilSettled } from './webhookTally';
import { readCount } from './readCount';

const USAGE = 'npm run chaos:webhooks -- [--postings 400] [--compared 60] [--seed 1]';

/** Behaviours of the receiver (bench/receiver.ts), and how many endpoints have each. */
const KINDS: readonly EndpointKind[] = [
  { kind: 'ok', count: 30, isHealthy: true, maxInFlight: 1 },
  // One after another would take it longer than all the others.
  { kind: 'slow', count: 3, isHealthy: true, maxInFlight: 5 },
  { kind: 'hold', count: 3, isHealthy: true, maxInFlight: 1 },
  { kind: 'later', count: 3, isHealthy: true, maxInFlight: 1 },
  { kind: '500', count: 3, isHealthy: false, maxInFlight: 1 },
  { kind: 'hang', count: 3, isHealthy: false, maxInFlight: 1 },
  { kind: 'close', count: 3, isHealthy: false, maxInFlight: 1 },
  { kind: 'redirect', count: 2, isHealthy: false, maxInFlight: 1 },
];
const ENDPOINTS = KINDS.reduce((sum, { count }) => sum + count, 0);
const ALL_OK: readonly EndpointKind[] = [{ kind: 'ok', count: ENDPOINTS, isHealthy: true, maxInFlight: 1 }];

/** So that what fails, and comes back, does so within the run. */
const RETRY_SECONDS = '1,2,3,5,8,13,20';
const SOURCE = 'chaos-webhooks';
const LETTERS = 'bcdfghjklm';
const WARM_UP_POSTINGS = 10;

/** How long the postings of a round take to be pushed, and how long what was pushed has to arrive. */
const COMPARED = { pushMs: 20_000, batchPostings: 6, arriveMs: 45_000 };
const KILLED = { pushMs: 40_000, batchPostings: 10, arriveMs: 150_000 };

/** The worker is killed so long after it has delivered again. */
const WORKER_MS = { from: 3_000, to: 6_000 };
const TEMPORAL_MS = { from: 8_000, to: 18_000 };
const POSTGRES_MS = { from: 22_000, to: 34_000 };
/** Who has been killed again and again is started again ever later (bin/stack/children.ts). */
const DELIVERS_AGAIN_MS = 45_000;
const KILLING_MS = 75_000;
const RETRY_PUSH_MS = 250;
const PUSH_DEADLINE_MS = 60_000;
/** By how much the 95th percentile of the healthy may differ on a machine that has other things to do. */
const TOLERATED_DELAY_MS = 1_000;

interface EndpointKind {
  kind: string;
  count: number;
  isHealthy: boolean;
  maxInFlight: number;
}

interface Order {
  postings: number;
  compared: number;
  seed: number;
}

/**
 * `npm run chaos:webhooks`: pushes postings that all of fifty endpoints are told of. First to endpoints without fault, then to such of which some
 * are faulty, to see whether these delay the others; then likewise while processes are killed, to see whether anything is lost. The exit
 * code tells whether all was as promised.
 */
async function main(): Promise<void> {
  const order = readOrder();
  const faults = await withStack(
    (stack) => withReceiver((receiver) => runRounds({ stack, receiver, ...order })),
    {
      WEBHOOK_RETRY_SECONDS: RETRY_SECONDS,
    },
  );
  for (const fault of faults) printLine(`FAULT: ${fault}`);
  printLine(faults.length === 0 ? '\npassed' : '\nfailed');
  if (faults.length > 0) process.exitCode = 1;
}

interface Bench extends Order {
  stack: BenchStack;
  receiver: Receiver;
}

async function runRounds(bench: Bench): Promise<string[]> {
  const token = await openPushSource(bench.stack, SOURCE);
  const rounds = { ...COMPARED, token, postings: bench.compared };
  await runRound(bench, { ...rounds, number: 0, kinds: ALL_OK, postings: WARM_UP_POSTINGS });
  const without = await runRound(bench, { ...rounds, number: 1, kinds: ALL_OK });
  print(`${bench.compared} postings, no faulty endpoint, nothing killed`, without);
  const among = await runRound(bench, { ...rounds, number: 2, kinds: KINDS });
  print(`${bench.compared} postings, faulty endpoints, nothing killed`, among);
  const killed = await runRound(bench, {
    ...{ ...KILLED, token, number: 3, kinds: KINDS, postings: bench.postings },
    disturb: (isOver) => killProcesses(bench, isOver),
  });
  print(`${bench.postings} postings, faulty endpoints, processes killed`, killed);
  return [...without.faults, ...among.faults, ...killed.faults, ...faultsOfDelay(without, among)];
}

interface RoundPlan {
  number: number;
  kinds: readonly EndpointKind[];
  postings: number;
  token: string;
  pushMs: number;
  batchPostings: number;
  arriveMs: number;
  /** What goes on meanwhile, until it is told that all is over. Gives what went wrong about it. */
  disturb?: (isOver: () => boolean) => Promise<string[]>;
}

interface Round {
  tallies: KindTally[];
  seconds: number;
  faults: string[];
}

/** Pushes to the endpoints of an account of its own, and waits until the healthy ones have all, or it is too late. */
async function runRound({ stack, receiver, seed }: Bench, plan: RoundPlan): Promise<Round> {
  const { number, kinds, postings, arriveMs, disturb } = plan;
  await receiver.clear();
  const subscriber = await openSubscriber(stack, {
    origin: receiver.origin,
    wishes: kinds.flatMap(({ kind, count, maxInFlight }) =>
      Array.from({ length: count }, (_, place) => ({ path: `/${kind}/${place}`, maxInFlight })),
    ),
  });
  const word = `zyxchaos${LETTERS.charAt(number)}`;
  await saveSearch(stack, subscriber, word);
  const healthy = healthyEndpoints(subscriber, kinds);
  const haveAll = (counts: ReadonlyMap<string, number>) =>
    healthy.every(({ path }) => (counts.get(path) ?? 0) >= postings);

  const took = stopwatch();
  let isOver = false;
  const disturbing = disturb?.(() => isOver) ?? Promise.resolve([]);
  // Awaited below: until then its failure is nobody's yet.
  disturbing.catch(() => undefined);
  let deadline: number;
  try {
    await pushAll(stack, plan, createFreshPostings(seed + number, word));
    deadline = Date.now() + arriveMs;
    await untilReceived(receiver, haveAll, deadline);
  } finally {
    isOver = true;
  }
  const seconds = took();
  const faultsOfKills = await disturbing;
  // What is sent again because nobody noted its receipt counts, too.
  await untilSettled(
    stack.file.databaseUrl,
    healthy.map(({ id }) => id),
    deadline,
  );
  const { tallies, faults } = await tallyDeliveries(stack.file.databaseUrl, {
    subscriber,
    postings,
    receipts: await receiver.receipts(),
    healthyKinds: new Set(kinds.filter(({ isHealthy }) => isHealthy).map(({ kind }) => kind)),
  });
  await removeEndpoints(stack, subscriber);
  return {
    tallies,
    seconds,
    faults: [...faultsOfKills, ...faults].map((fault) => `round ${number}: ${fault}`),
  };
}

function healthyEndpoints({ endpoints }: Subscriber, kinds: readonly EndpointKind[]): SubscribedEndpoint[] {
  const healthy = kinds.filter(({ isHealthy }) => isHealthy).map(({ kind }) => `/${kind}/`);
  return endpoints.filter(({ path }) => healthy.some((start) => path.startsWith(start)));
}

/** In small batches, at an even pace, each again and again until it is taken. */
async function pushAll(
  stack: BenchStack,
  { number, token, postings, pushMs, batchPostings }: RoundPlan,
  next: ReturnType<typeof createFreshPostings>,
): Promise<void> {
  const took = stopwatch();
  for (let pushed = 0; pushed < postings;) {
    const batch = Array.from({ length: Math.min(batchPostings, postings - pushed) }, next);
    await delay(Math.max(0, (pushed / postings) * pushMs - took() * 1_000));
    await pushUntilTaken(stack, { token, postings: batch, idempotencyKey: `chaos-${number}-${pushed}` });
    pushed += batch.length;
  }
}

async function pushUntilTaken(stack: BenchStack, order: Parameters<typeof push>[1]): Promise<void> {
  const deadline = Date.now() + PUSH_DEADLINE_MS;
  for (;;) {
    try {
      await push(stack, order);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(RETRY_PUSH_MS);
    }
  }
}

/** The worker again and again, the Temporal server and Postgres once each. */
async function killProcesses({ stack, receiver, seed }: Bench, isOver: () => boolean): Promise<string[]> {
  const random = createRandom(seed);
  const took = stopwatch();
  const kill = async (target: Target) => {
    if (isOver()) return false;
    printLine(`${target} killed after ${took().toFixed(1)} s, ${sumOf(await receiver.counts())} received`);
    await killAndAwaitRestart(stack.dataDir, target);
    return true;
  };
  const killOnce = async (target: Target, afterMs: number) => {
    await delay(afterMs);
    return await kill(target);
  };
  const [workerKills, ...others] = await Promise.all([
    killWorkerAgainAndAgain(receiver, { random: createRandom(seed + 1), isOver, kill: () => kill('worker') }),
    killOnce('temporal', random.between(TEMPORAL_MS.from, TEMPORAL_MS.to)),
    killOnce('postgres', random.between(POSTGRES_MS.from, POSTGRES_MS.to)),
  ]);
  return workerKills >= 2 && others.every((killed) => killed)
    ? []
    : ['all was over before the kills, which proves nothing'];
}

/** Gives how often. */
async function killWorkerAgainAndAgain(
  receiver: Receiver,
  { random, isOver, kill }: { random: Random; isOver: () => boolean; kill: () => Promise<boolean> },
): Promise<number> {
  const took = stopwatch();
  let kills = 0;
  for (;;) {
    await delay(random.between(WORKER_MS.from, WORKER_MS.to));
    if (took() * 1_000 > KILLING_MS || !(await kill())) return kills;
    kills += 1;
    const before = sumOf(await receiver.counts());
    const delivers = (counts: ReadonlyMap<string, number>) => isOver() || sumOf(counts) > before;
    await untilReceived(receiver, delivers, Date.now() + DELIVERS_AGAIN_MS);
  }
}

/** A dead endpoint delays no other. */
function faultsOfDelay(without: Round, among: Round): string[] {
  const p95Of = ({ tallies }: Round) => tallies.find(({ kind }) => kind === 'ok')?.p95 ?? Number.NaN;
  const [alone, beside] = [p95Of(without), p95Of(among)];
  printLine(
    `\np95 from publish to receipt at endpoints without fault: ${Math.round(alone)} ms alone, ${Math.round(beside)} ms beside faulty ones`,
  );
  if (beside <= alone + TOLERATED_DELAY_MS) return [];
  return ['faulty endpoints have delayed the others'];
}

function print(title: string, { tallies, seconds }: Round): void {
  printLine(`\n${title}, ${seconds.toFixed(1)} s`);
  printTable(
    [
      ...['endpoints', 'kind', 'expected', 'received', 'lost', 'repeated', 'unknown id'],
      ...['out of order', 'overlapping', 'p50, ms', 'p95, ms'],
    ],
    tallies.map(({ kind, endpoints, expected, received, lost, repeated, unknown, ...rest }) => [
      ...[endpoints, kind, expected, received, lost ?? '', repeated, unknown],
      ...[rest.outOfOrder ?? '', rest.overlapping ?? ''],
      ...[rest.p50, rest.p95].map((ms) => (Number.isNaN(ms) ? '' : Math.round(ms))),
    ]),
  );
}

function readOrder(): Order {
  const { values } = parseArgs({
    options: {
      postings: { type: 'string', default: '400' },
      compared: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
    },
  });
  return {
    postings: readCount('--postings', values.postings, { most: 100_000, usage: USAGE }),
    compared: readCount('--compared', values.compared, { most: 100_000, usage: USAGE }),
    seed: readCount('--seed', values.seed, { most: 1_000_000_000, usage: USAGE }),
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
