import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { printLine, printTable } from '../bin/commands/output';
import { runIngestion } from '../bin/ingestion';
import type { Db } from '../db/connection';
import type { IngestReport } from '../domain/outcome';
import { bareUploadOfSameDocuments } from './bareUpload';
import { bulkInsertOfSameRows } from './bulkInsert';
import { type ProcessUse, processUseDuring, stopwatch } from './measures';
import { writePostings } from './postings';
import type { BenchStack } from './stack';

/** The same jobs in every run. */
export const SEED = 20_260_101;
const SOURCE = 'bench';
const HISTORY_DEADLINE_MS = 20_000;

export interface Ingested {
  report: IngestReport;
  seconds: number;
  uses: Map<string, ProcessUse>;
}

/** Takes that many made-up postings through the real workflow, from a file to the index. */
export async function ingestPostings(stack: BenchStack, postings: number): Promise<Ingested> {
  const location = join(stack.dataDir, 'bench.ndjson');
  await writePostings(location, postings, SEED);
  const temporal = await stack.connectTemporal();
  const { result, uses } = await processUseDuring(stack.dataDir, async () => {
    const took = stopwatch();
    const report = await runIngestion(
      { location, sourceId: SOURCE },
      { db: stack.db, temporal, taskQueue: stack.config.temporalTaskQueue },
    );
    return { report, seconds: took() };
  });
  rmSync(location);
  return { ...result, uses };
}

/** Prints how quick the ingestion was, against the floors for storing and indexing the very same rows. */
export async function reportIngestion(stack: BenchStack, { report, seconds, uses }: Ingested): Promise<void> {
  const { received, accepted, quarantined, rejected } = report;
  printLine(`\ningest: ${received} rows, ${accepted} accepted, ${quarantined} held, ${rejected} refused`);
  const bulk = await bulkInsertOfSameRows(stack.db);
  const upload = await bareUploadOfSameDocuments(stack);
  const speed = received / seconds;
  const line = (name: string, rows: number, took: number) => [
    name,
    rows,
    took.toFixed(2),
    Math.round(rows / took),
    `${((100 * speed) / (rows / took)).toFixed(1)} %`,
  ];
  printTable(
    ['', 'rows', 'seconds', 'rows/s', 'ingest is this share'],
    [
      line('ingest workflow', received, seconds),
      line('bulk insert of the same rows', bulk.rows, bulk.seconds),
      ...(upload ? [line('upload of the same documents', upload.rows, upload.seconds)] : []),
    ],
  );
  await printStages(stack.db);
  printTable(
    ['process', 'most memory, MiB', 'processor seconds'],
    [...uses].map(([name, { peakMiB, cpuSeconds }]) => [
      name,
      Math.round(peakMiB),
      cpuSeconds?.toFixed(1) ?? 'unknown',
    ]),
  );
  await printHistory(stack.db, await stack.connectTemporal(), received);
}

/** Where the time went. Stages of different batches overlap: the sums are more than the whole. */
async function printStages(db: Db): Promise<void> {
  const { rows } = await db.raw<{ rows: Record<string, number>[] }>(
    `with spans as (
       select extract(epoch from verified_at - received_at) as verify,
              extract(epoch from published_at - verified_at) as publish,
              extract(epoch from indexed_at - published_at) as index
       from batches where row_count > 0 and indexed_at is not null
     )
     select count(*) as batches,
       sum(verify) as verify_sum, percentile_cont(0.5) within group (order by verify) as verify_median,
       sum(publish) as publish_sum, percentile_cont(0.5) within group (order by publish) as publish_median,
       sum(index) as index_sum, percentile_cont(0.5) within group (order by index) as index_median
     from spans`,
  );
  const found = rows[0] ?? {};
  const seconds = (name: string) => Number(found[name]).toFixed(2);
  printTable(
    [`stage of ${found['batches'] ?? 0} batches`, 'seconds in all', 'median of a batch'],
    [
      ['received to verified', seconds('verify_sum'), seconds('verify_median')],
      [
        'verified to published (with screening and waiting)',
        seconds('publish_sum'),
        seconds('publish_median'),
      ],
      ['published to indexed', seconds('index_sum'), seconds('index_median')],
    ],
  );
}

const PER_POSTINGS = 100_000;

async function printHistory(db: Db, temporal: Client, postings: number): Promise<void> {
  const { rows } = await db.raw<{ rows: { batches: number }[] }>(
    `select count(*) as batches from batches where source_id = :source and row_count > 0`,
    { source: SOURCE },
  );
  const history = await closedHistory(temporal, (rows[0]?.batches ?? 0) + 1);
  const scaled = (value: number) => Math.round((value * PER_POSTINGS) / postings).toLocaleString('en');
  printTable(
    ['Temporal history', 'as it was', `per ${PER_POSTINGS.toLocaleString('en')} postings`],
    [
      ['workflow runs', history.runs, scaled(history.runs)],
      ['events', history.events, scaled(history.events)],
      ['bytes', history.bytes, scaled(history.bytes)],
    ],
  );
}

/** Events and bytes of all runs of the ingestion; the list of workflows lags behind a little. */
async function closedHistory(
  temporal: Client,
  expectedRuns: number,
): Promise<{ runs: number; events: number; bytes: number }> {
  const deadline = Date.now() + HISTORY_DEADLINE_MS;
  for (;;) {
    const history = { runs: 0, events: 0, bytes: 0 };
    const query = `SourceId = '${SOURCE}' and ExecutionStatus != 'Running'`;
    for await (const { historyLength, historySize } of temporal.workflow.list({ query })) {
      history.runs += 1;
      history.events += historyLength;
      history.bytes += historySize ?? 0;
    }
    if (history.runs >= expectedRuns) return history;
    if (Date.now() > deadline) {
      printLine(`Only ${history.runs} of ${expectedRuns} workflow runs are listed: the figures are too low.`);
      return history;
    }
    await delay(250);
  }
}
