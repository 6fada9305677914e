import { setTimeout as delay } from 'node:timers/promises';
import { printLine, printTable } from '../bin/commands/output';
import type { Db } from '../db/connection';
import { MINUTE_MS } from '../domain/time';
import { type BenchAccount, openAccount } from './accounts';
import { type ApiProcess, withApis } from './apis';
import type { BenchStack } from './stack';

const PROCESSES = 4;
const CLIENTS = 200;
/** A client who was refused asks again so soon: far more often than it may. */
const PAUSE_MS = 20;
const MINUTES = 2;
const LOOK_AGAIN_MS = 50;

interface Tally {
  /** Answers with 200, by the minute of Postgres's clock in which they came. */
  answered: Map<number, number>;
  refused: Map<number, number>;
}

/**
 * Two hundred clients of one account at four API processes, asking as fast as they can: prints how many are answered in a minute, and in a
 * period, beside how many should be.
 */
export async function benchLimits(stack: BenchStack): Promise<void> {
  const names = Array.from({ length: PROCESSES }, (_, number) => `api-${number + 1}`);
  await withApis(stack, { names }, async (apis) => {
    const rows = [
      ...(await perMinute(stack, apis, { planId: 'starter', due: 10 })),
      ...(await perMinute(stack, apis, { planId: 'business', due: 500 })),
      await perPeriod(stack, apis),
    ];
    printLine(`\nlimits: ${PROCESSES} API processes, ${CLIENTS} clients`);
    printTable(['what', 'due', 'answered', 'share', 'refused'], rows);
  });
}

async function perMinute(
  { db, secrets }: BenchStack,
  apis: ApiProcess[],
  { planId, due }: { planId: string; due: number },
): Promise<(string | number)[][]> {
  const account = await openAccount(db, { planId, pepper: secrets.keyPepper });
  const clockOffset = await untilMinuteBegins(db);
  const until = performance.now() + MINUTES * MINUTE_MS - 500;
  const tally = await ask(apis, account, { clockOffset, isOver: () => performance.now() >= until });
  const minutes = [...new Set([...tally.answered.keys(), ...tally.refused.keys()])].sort();
  return minutes.map((minute, number) => {
    const answered = tally.answered.get(minute) ?? 0;
    const share = (answered / due).toFixed(3);
    return [`${planId}, minute ${number + 1}`, due, answered, share, tally.refused.get(minute) ?? 0];
  });
}

/** The quota of Starter, without its limit to requests, which would make it take hours. */
async function perPeriod({ db, secrets }: BenchStack, apis: ApiProcess[]): Promise<(string | number)[]> {
  const terms = { requests_per_minute: null, requests_in_flight: null };
  const account = await openAccount(db, { planId: 'starter', pepper: secrets.keyPepper, terms });
  const due = 1_000;
  let quiet = 0;
  const tally = await ask(apis, account, {
    clockOffset: 0,
    onAnswer: (status) => {
      quiet = status === 402 ? quiet + 1 : 0;
    },
    isOver: () => quiet > 5 * CLIENTS,
  });
  const answered = [...tally.answered.values()].reduce((sum, count) => sum + count, 0);
  const refused = [...tally.refused.values()].reduce((sum, count) => sum + count, 0);
  return ['starter, calls of a period', due, answered, (answered / due).toFixed(3), refused];
}

async function ask(
  apis: ApiProcess[],
  { secret }: BenchAccount,
  {
    clockOffset,
    isOver,
    onAnswer = () => undefined,
  }: { clockOffset: number; isOver: () => boolean; onAnswer?: (status: number) => void },
): Promise<Tally> {
  const tally: Tally = { answered: new Map(), refused: new Map() };
  const client = async (_: unknown, number: number) => {
    for (let turn = number; !isOver(); turn += 1) {
      const response = await fetch(`${apis[turn % apis.length]?.origin ?? ''}/jobs?limit=1`, {
        headers: { 'X-API-KEY': secret },
      });
      await response.text();
      // Two hundred wait at the door: who asked at the end of a minute may be let in in the next.
      const minute = Math.floor((Date.now() + clockOffset) / MINUTE_MS);
      const counts = response.status === 200 ? tally.answered : tally.refused;
      counts.set(minute, (counts.get(minute) ?? 0) + 1);
      onAnswer(response.status);
      if (response.status !== 200) await delay(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return tally;
}

/** Gives by how many milliseconds Postgres's clock is ahead of this process's. */
async function untilMinuteBegins(db: Db): Promise<number> {
  for (;;) {
    const { rows } = await db.raw<{ rows: { ms: number }[] }>(
      'select extract(epoch from clock_timestamp())::float8 * 1000 as ms',
    );
    const ms = rows[0]?.ms ?? 0;
    if (ms % MINUTE_MS < 1_000) return ms - Date.now();
    await delay(LOOK_AGAIN_MS);
  }
}
