import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Db } from '../db/connection';
import { noteProbe } from '../db/probeMinutes';
import { toMinute, type Timestamp } from '../domain/time';
import { withinTime } from '../db/deadline';

/** A minute has four chances to be found good, so that a process which comes up within it still finds it so. */
const INTERVAL_MS = 15_000;
/** Who waits longer for an answer takes the API for down; nor is Postgres waited for longer. */
const TIMEOUT_MS = 5_000;

/** Of `GET /readyz`, when searches are answered. */
const goodAnswer = z.object({
  parts: z.object({ postgres: z.literal('up'), search: z.literal('up') }),
});

/** Asks the API, as a caller would, whether it answers searches, and has it noted minute by minute. */
export interface SelfProbe {
  /** Probes the present minute, unless this process found it good already. Never rejects. */
  probe(): Promise<void>;
  /** Probes from now on. */
  start(): void;
  /** A probe under way is given up, and says nothing. */
  stop(): Promise<void>;
}

export function createSelfProbe({
  db,
  address,
  logger,
  now,
}: {
  db: Db;
  /** Of the API as it is reached from here, without a slash at its end. */
  address: string;
  logger: Pick<Logger, 'warn'>;
  now: () => Timestamp;
}): SelfProbe {
  const stopping = new AbortController();
  let goodMinute: Timestamp | undefined;
  let running: Promise<void> = Promise.resolve();

  async function probe(): Promise<void> {
    const minute = toMinute(now());
    if (minute === goodMinute) return;
    try {
      const fault = await faultOf(address, stopping.signal);
      if (stopping.signal.aborted) return;
      if (fault !== null) logger.warn({ address, fault }, 'the API did not answer its probe well');
      const noting = noteProbe(db, { minute, isGood: fault === null }).then(() => true);
      if (!(await withinTime(noting, TIMEOUT_MS, false))) throw new Error('Postgres did not answer in time.');
      if (fault === null) goodMinute = minute;
    } catch (error) {
      logger.warn({ err: error }, 'a probe of the API could not be noted');
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await probe();
      await delay(INTERVAL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    probe,
    start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Why the API does not answer as it should; null when it does. */
async function faultOf(address: string, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(`${address}/readyz`, {
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const body: unknown = await response.json();
    if (!response.ok) return `It answered with ${response.status}.`;
    return goodAnswer.safeParse(body).success ? null : 'Searches are not answered.';
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message}: ${cause.message}` : message;
  }
}
