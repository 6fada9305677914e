import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createIngestionActivities } from '../../activities/ingestion';
import type { Announce } from '../../activities/announcements';
import { createPublishingActivities } from '../../activities/publishing';
import { createScreeningActivities } from '../../activities/screening';
import type { Db } from '../../db/connection';
import { insertIngestRun } from '../../db/ingestRuns';
import { registerSource } from '../../db/sources';
import { addReports, emptyReport, type IngestReport } from '../../domain/outcome';
import { DEFAULT_THRESHOLDS } from '../../domain/screening/model';
import type { Timestamp } from '../../domain/time';
import { createPostgresIndex } from '../../search/postgres';
import type { JobSource, ReceivedRow } from '../../sources/jobSource';

export const TEST_NOW: Timestamp = '2026-01-20T12:00:00.000Z';

/** A source of rows in memory, for tests of what happens to them. */
function memorySource(rows: ReceivedRow[], seenAt: Timestamp): JobSource {
  return {
    fetchPage: (cursor, limit) => {
      const from = typeof cursor?.row === 'number' ? cursor.row : 0;
      const page = rows.slice(from, from + limit);
      const row = from + page.length;
      return Promise.resolve({ rows: page, cursor: { row }, isLast: row >= rows.length, seenAt });
    },
    close: () => Promise.resolve(),
  };
}

export function recordRow(record: Record<string, unknown>): ReceivedRow {
  return { record, text: null, broken: null };
}

export interface IngestOptions {
  sourceId?: string;
  seenAt?: Timestamp;
  scrapedAt?: Timestamp;
  shiftTo?: Timestamp;
  mapping?: unknown;
  isSample?: boolean;
  now?: Timestamp;
  batchSize?: number;
  announce?: Announce;
  wakeEndpoints?: (endpointIds: readonly string[]) => Promise<void>;
}

const wakeNobody = () => Promise.resolve();

export const tellNobody: Announce = () => Promise.resolve([]);

/** Both kinds of activities over a database, reading the given rows. */
export function ingestionActivities(
  db: Db,
  rows: ReceivedRow[],
  {
    seenAt = TEST_NOW,
    now = TEST_NOW,
    batchSize,
    announce = tellNobody,
    wakeEndpoints = wakeNobody,
  }: IngestOptions = {},
) {
  const services = { db, now: () => now };
  return {
    ...createIngestionActivities({ ...services, openSource: () => memorySource(rows, seenAt), batchSize }),
    ...createScreeningActivities({ ...services, thresholds: DEFAULT_THRESHOLDS }),
    ...createPublishingActivities({
      ...services,
      search: createPostgresIndex(db),
      announce,
      wakeEndpoints,
    }),
  };
}

/** Registers source and run as the command line does. Returns the run's id. */
export async function createRun(
  db: Db,
  options: IngestOptions = {},
): Promise<{ runId: string; sourceId: string }> {
  const sourceId = options.sourceId ?? 'feed';
  const runId = randomUUID();
  await registerSource(db, { id: sourceId, kind: 'file', isSample: options.isSample ?? false });
  await insertIngestRun(db, {
    id: runId,
    sourceId,
    location: 'memory',
    mapping: options.mapping ?? null,
    scrapedAt: options.scrapedAt ?? null,
    shiftTo: options.shiftTo ?? null,
  });
  return { runId, sourceId };
}

/** Takes rows through all stages, one activity after another, without Temporal. */
export async function ingestRows(
  db: Db,
  records: (Record<string, unknown> | ReceivedRow)[],
  options: IngestOptions = {},
): Promise<IngestReport> {
  const rows = records.map((record) => (isReceivedRow(record) ? record : recordRow(record)));
  const activities = ingestionActivities(db, rows, options);
  const { runId } = await createRun(db, options);
  await new MockActivityEnvironment().run(activities.measureShift, runId);
  let report = emptyReport();
  for (let sequence = 0; ; sequence += 1) {
    const batch = await activities.receivePage(runId, sequence);
    await activities.verifyBatch(batch.batchId);
    await activities.screenBatch(batch.batchId);
    await activities.publishBatch(batch.batchId);
    await activities.indexBatch(batch.batchId);
    report = addReports(report, await activities.reportBatch(batch.batchId));
    if (batch.isLast) break;
  }
  await activities.finishRun(runId);
  return report;
}

function isReceivedRow(record: Record<string, unknown> | ReceivedRow): record is ReceivedRow {
  return 'broken' in record && 'record' in record;
}

/** A posting in the service's own shape, as the canonical mapping reads it. */
export function canonicalRecord(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '2013625432109875200',
    title: 'Build a booking page',
    description: 'We need a booking page for a small hotel, with a calendar and card payments.',
    job_type: 2,
    status: 1,
    category: { name: 'Web Development' },
    budget: { fixed_amount: 500, currency: 'USD' },
    buyer: { country: 'DE' },
    skills: ['JavaScript', 'CSS'],
    posted_on: '2026-01-10T09:00:00.000Z',
    ...fields,
  };
}
