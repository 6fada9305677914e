import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Db } from '../../db/connection';
import { isDatabaseUnavailable } from '../../db/errors';
import { storeUsage, type UsageBatch } from '../../db/usage';
import type { Timestamp } from '../../domain/time';
import type { Usage } from '../../domain/usage';
import type { Journal } from './journal';

/** What a process that is killed loses at most, with what Node may be late by: usage of a quarter of a second. */
const JOURNAL_EVERY_MS = 100;
const STORE_EVERY_MS = 1_000;
const ADOPT_EVERY_MS = 10_000;
/** Of one journal entry. */
const MAX_BATCH = 1_000;

export interface UsageRecorder {
  /** Takes note of an answered request; it is stored a moment later. */
  record: (usage: Usage) => void;
  /** Milliseconds since the oldest usage that is not stored yet; 0 when all is. */
  lagMs: () => number;
  start: () => void;
  /** Stores what there is; what cannot be stored stays in the journal. */
  close: () => Promise<void>;
}

export interface UsageRecorderOptions {
  db: Db;
  journal: Journal;
  logger: Logger;
  now: () => Timestamp;
}

/** Keeps usage in memory for a moment, in a journal until Postgres has it, and brings what processes left behind that are gone. */
export function createUsageRecorder({ db, journal, logger, now }: UsageRecorderOptions): UsageRecorder {
  let pending: Usage[] = [];
  let oldestAt: number | null = null;
  const closing = new AbortController();
  const running: Promise<void>[] = [];

  function record(usage: Usage): void {
    pending.push(usage);
    oldestAt ??= performance.now();
  }

  function writeJournal(): void {
    while (pending.length > 0) {
      const usages = pending.slice(0, MAX_BATCH);
      journal.append({ id: randomUUID(), usages });
      pending = pending.slice(usages.length);
    }
  }

  async function store(): Promise<void> {
    const asOf = performance.now();
    const part = journal.read();
    await storeBatches(part.batches);
    const isAllStored = journal.markStored(part) && pending.length === 0;
    if (isAllStored) oldestAt = null;
    else if (part.batches.length > 0) oldestAt = asOf;
  }

  async function adopt(): Promise<void> {
    for (const left of journal.abandoned()) {
      for (const batches of left.parts()) await storeBatches(batches);
      left.remove();
      logger.info('took over the usage of a process that is gone');
    }
  }

  async function storeBatches(batches: UsageBatch[]): Promise<void> {
    if (batches.length > 0) await storeUsage(db, batches, now());
  }

  async function repeat(everyMs: number, action: () => void | Promise<void>): Promise<void> {
    while (!closing.signal.aborted) {
      await attempt(action);
      await delay(everyMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  async function attempt(action: () => void | Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      // Nothing is lost: it is tried again.
      if (!isDatabaseUnavailable(error)) logger.error({ err: error }, 'usage could not be stored');
    }
  }

  return {
    record,
    lagMs: () => (oldestAt === null ? 0 : performance.now() - oldestAt),
    start() {
      if (running.length > 0) return;
      running.push(
        repeat(JOURNAL_EVERY_MS, writeJournal),
        repeat(STORE_EVERY_MS, store),
        repeat(ADOPT_EVERY_MS, adopt),
      );
    },
    async close() {
      closing.abort();
      await Promise.all(running);
      await attempt(writeJournal);
      await attempt(store);
      journal.close();
    },
  };
}
