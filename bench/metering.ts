import { setTimeout as delay } from 'node:timers/promises';
import { printLine, printTable } from '../bin/commands/output';
import { sendSignal } from '../bin/stack/processes';
import { type BenchAccount, openAccount } from './accounts';
import { type ApiProcess, withApis } from './apis';
import { createRandom } from './random';
import type { BenchStack } from './stack';

const RUNS = 10;
const CLIENTS = 16;
const SEED = 7;
/** A kill falls between these, so long after the load began. */
const EARLIEST_MS = 1_000;
const LATEST_MS = 4_000;
/** What the specification allows a killed process to lose. */
const LOSS_WINDOW_MS = 250;
const UP_DEADLINE_MS = 60_000;
const LOOK_AGAIN_MS = 50;
/** By then what was written down is stored, and what a process left behind is taken over. */
const STORED_DEADLINE_MS = 30_000;

interface Run {
  answered: number;
  /** Of these, in the last moment before the kill. */
  answeredLast: number;
  billed: number;
}

/**
 * Ends an API process under load, by kill -9 and by SIGTERM, again and again: prints how many calls were answered, and how many billed once
 * it was started again.
 */
export async function benchMetering(stack: BenchStack): Promise<void> {
  await withApis(stack, { names: ['metered'] }, async ([api]) => {
    if (!api) return;
    const random = createRandom(SEED);
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const runs: Run[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        const afterMs = random.between(EARLIEST_MS, LATEST_MS);
        runs.push(await endUnderLoad(stack, api, { signal, afterMs }));
      }
      print(signal, runs);
    }
  });
}

function print(signal: string, runs: readonly Run[]): void {
  printLine(`\nmetering: API process ended by ${signal} under ${CLIENTS} clients, ${runs.length} times`);
  printTable(
    ['run', 'answered', `in the last ${LOSS_WINDOW_MS} ms`, 'billed', 'lost', 'verdict'],
    runs.map(({ answered, answeredLast, billed }, number) => {
      const lost = answered - billed;
      const allowed = signal === 'SIGKILL' ? answeredLast : 0;
      const verdict = lost < 0 ? 'BILLED TOO MUCH' : lost > allowed ? 'LOST TOO MUCH' : 'as promised';
      return [number + 1, answered, answeredLast, billed, lost, verdict];
    }),
  );
}

async function endUnderLoad(
  { db, secrets }: BenchStack,
  { origin, child }: ApiProcess,
  { signal, afterMs }: { signal: 'SIGKILL' | 'SIGTERM'; afterMs: number },
): Promise<Run> {
  await untilUp(origin);
  const account = await openAccount(db, { planId: 'enterprise', pepper: secrets.keyPepper });
  const answeredAt: number[] = [];
  let isOver = false;
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!isOver) await askOnce(origin, account, answeredAt);
  });
  await delay(afterMs);
  const pid = child.pid();
  if (pid === undefined) throw new Error('There is no process to end.');
  const endedAt = performance.now();
  sendSignal(pid, signal);
  isOver = true;
  await Promise.all(clients);
  await untilUp(origin);
  const answered = answeredAt.length;
  return {
    answered,
    answeredLast: answeredAt.filter((at) => at >= endedAt - LOSS_WINDOW_MS).length,
    billed: await billedCalls(answered),
  };

  /** Waits until nothing is added any more: what was left in a journal is taken over by and by. */
  async function billedCalls(most: number): Promise<number> {
    const deadline = performance.now() + STORED_DEADLINE_MS;
    let billed = 0;
    while (performance.now() < deadline && billed < most) {
      const { rows } = await db.raw<{ rows: { calls: number }[] }>(
        'select coalesce(sum(calls), 0)::int as calls from usage_hours where account_id = ?',
        [account.accountId],
      );
      billed = rows[0]?.calls ?? 0;
      await delay(LOOK_AGAIN_MS);
    }
    return billed;
  }
}

async function askOnce(origin: string, { secret }: BenchAccount, answeredAt: number[]): Promise<void> {
  try {
    const response = await fetch(`${origin}/jobs?limit=5`, { headers: { 'X-API-KEY': secret } });
    await response.text();
    if (response.status === 200) answeredAt.push(performance.now());
  } catch {
    // Cut off: no answer.
    await delay(LOOK_AGAIN_MS);
  }
}

async function untilUp(origin: string): Promise<void> {
  const deadline = performance.now() + UP_DEADLINE_MS;
  while (performance.now() < deadline) {
    const response = await fetch(`${origin}/livez`).catch(() => null);
    await response?.text();
    if (response?.ok) return;
    await delay(LOOK_AGAIN_MS);
  }
  throw new Error(`${origin} did not come back.`);
}
