import { Gauge, type Registry } from 'prom-client';
import { type Backlogs, readBacklogs } from '../db/backlogs';
import { type Db, poolUse } from '../db/connection';
import type { Listener } from '../db/listener';
import { readWithin } from '../db/timedReads';
import { toMillis, type Timestamp } from '../domain/time';
import { remembered } from './remembered';
import type { ResponseCache } from './responseCache';

/** However many scrape, the database is read no oftener. */
const MAX_AGE_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 1_000;
/** Whoever scrapes gets the rest after so long. */
const DEADLINE_MS = 2_000;

/** Of what operators' metrics are told, each time that they are asked for. */
export interface PlatformParts {
  db: Db;
  listener: Pick<Listener, 'isCurrent'>;
  responses?: Pick<ResponseCache, 'use'>;
  isTemporalUp: () => Promise<boolean>;
  now: () => Timestamp;
}

/** A value, and the labels that go with it. */
interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/**
 * Registers what is measured when it is asked for: what waits in the database, and how the parts around this process are doing. While
 * Postgres does not answer, what only it knows is left out, and all the rest is told.
 */
export function registerPlatformMetrics(
  registry: Registry,
  { db, listener, responses, isTemporalUp, now }: PlatformParts,
): void {
  const limits = { maxAgeMs: MAX_AGE_MS, deadlineMs: DEADLINE_MS, now };
  const read = remembered(() => readWithin(db, STATEMENT_TIMEOUT_MS, readBacklogs), limits);
  /** Null while Postgres does not answer in time. */
  const findBacklogs = () => read().catch(() => null);
  const probeTemporal = remembered(isTemporalUp, limits);

  function measure(name: string, help: string, labelNames: string[], collect: () => Promise<Sample[]>): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const samples = await collect();
        this.reset();
        // `reset` leaves a zero where there are no labels, and nothing is not zero.
        if (samples.length === 0 && labelNames.length === 0) this.remove();
        for (const { labels = {}, value } of samples) this.set(labels, value);
      },
    });
  }

  function measureHere(name: string, help: string, value: () => number | Promise<number>): void {
    measure(name, help, [], async () => [{ value: await value() }]);
  }

  function measureBacklogs(
    name: string,
    help: string,
    labelNames: string[],
    samplesOf: (backlogs: Backlogs) => Sample[],
  ): void {
    measure(name, help, labelNames, async () => {
      const backlogs = await findBacklogs();
      return backlogs ? samplesOf(backlogs) : [];
    });
  }

  const secondsSince = (time: Timestamp) => Math.max(0, toMillis(now()) - toMillis(time)) / 1_000;
  /** Zero when nothing waits. */
  const ageOf = (oldestAt: Timestamp | null) => (oldestAt === null ? 0 : secondsSince(oldestAt));

  measureHere('postgres_up', '1 when Postgres told what waits in it, else 0.', async () =>
    (await findBacklogs()) ? 1 : 0,
  );
  measureHere('temporal_up', '1 when Temporal can be reached, else 0.', async () =>
    (await probeTemporal().catch(() => false)) ? 1 : 0,
  );
  measureHere('listener_current', '1 while this process hears what Postgres notifies, else 0.', () =>
    listener.isCurrent() ? 1 : 0,
  );

  measureBacklogs(
    'batches_waiting',
    'Batches that were received and are not published, by source.',
    ['source'],
    ({ sources }) =>
      sources.map(({ sourceId, waiting }) => ({ labels: { source: sourceId }, value: waiting })),
  );
  measureBacklogs(
    'batches_oldest_seconds',
    'Age of the oldest batch that is not published, by source; 0 when there is none.',
    ['source'],
    ({ sources }) =>
      sources.map(({ sourceId, oldestAt }) => ({ labels: { source: sourceId }, value: ageOf(oldestAt) })),
  );
  measureBacklogs(
    'ingestion_lag_seconds',
    'Time since a batch of the source was last published; none for a source that is paused.',
    ['source'],
    ({ sources }) =>
      sources.flatMap(({ sourceId, publishedAt }) =>
        publishedAt === null ? [] : [{ labels: { source: sourceId }, value: secondsSince(publishedAt) }],
      ),
  );
  measureBacklogs(
    'quarantine_waiting',
    'Postings that wait for an operator to decide.',
    [],
    ({ quarantine }) => [{ value: quarantine.waiting }],
  );
  measureBacklogs(
    'quarantine_oldest_seconds',
    'How long the oldest of them has waited; 0 when there is none.',
    [],
    ({ quarantine }) => [{ value: ageOf(quarantine.oldestAt) }],
  );
  measureBacklogs(
    'index_batches_waiting',
    'Batches that were published and are not indexed.',
    [],
    ({ index }) => [{ value: index.waiting }],
  );
  measureBacklogs(
    'index_oldest_seconds',
    'How long ago the oldest of them was published; 0 when there is none.',
    [],
    ({ index }) => [{ value: ageOf(index.oldestAt) }],
  );
  measureBacklogs(
    'index_stale_jobs',
    'Of the 5,000 jobs that changed last, those that the search index does not hold as they are.',
    [],
    ({ staleJobs }) => [{ value: staleJobs }],
  );

  measure('database_connections', 'Connections of this process to Postgres, by state.', ['state'], () => {
    const { used, free } = poolUse(db);
    return Promise.resolve([
      { labels: { state: 'used' }, value: used },
      { labels: { state: 'free' }, value: free },
    ]);
  });
  measureHere('database_connections_max', 'Connections that this process may have.', () => poolUse(db).most);
  measureHere(
    'database_connections_waiting',
    'Work of this process that waits for a connection.',
    () => poolUse(db).waiting,
  );

  if (responses) {
    measureHere('response_cache_answers', 'Answers kept to be given again.', () => responses.use().answers);
    measureHere('response_cache_bytes', 'Memory that they take.', () => responses.use().bytes);
  }
}
