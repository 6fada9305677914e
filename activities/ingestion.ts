import { createHash } from 'node:crypto';
import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  findBatch,
  findUnmappedBatch,
  findUnpublishedBatches,
  insertBatch,
  markBatch,
  type RawPosting,
  readBatch,
  readRawPostings,
} from '../db/batches';
import type { Db } from '../db/connection';
import {
  failIngestRun,
  findEarlierShift,
  finishIngestRun,
  type IngestRun,
  openScheduledRun,
  readIngestRun,
  recordShift,
} from '../db/ingestRuns';
import { countOutcomes } from '../db/postings';
import { restartSource } from '../db/sources';
import { countVerdicts, insertVerdicts, type JudgedRow } from '../db/verdicts';
import { AppError } from '../domain/errors';
import { type CompiledMapping, compileMapping } from '../domain/mapping/applyMapping';
import { parseMappingDocument } from '../domain/mapping/mappingDocument';
import { type IngestReport, MAPPING_MISMATCH, type RunFailure, toReport } from '../domain/outcome';
import { verifyRow } from '../domain/rowVerification';
import { addMillis, HOUR_MS, type Timestamp, toMillis } from '../domain/time';
import type { JobSource, ReceivedRow, SourcePage } from '../sources/jobSource';
import { shippedMappings } from '../sources/mappings';
import { mapInTurns } from './turns';

export interface IngestionServices {
  db: Db;
  /** Opens the source of a run; pages of one run are read from one opened source while this process lives. */
  openSource: (run: IngestRun) => JobSource;
  now: () => Timestamp;
  /** Seconds between two requests to a source that is away and names no time itself, by the attempt that failed, from 1. */
  sourceBackoffSeconds?: (attempt: number) => number;
  /** Rows of a batch, at most; other than usual in tests. */
  batchSize?: number;
}

/** Requests for one page of a source that is away, before its run gives up: the next run of its schedule goes on. */
const MAX_SOURCE_ATTEMPTS = 5;
const MAX_OPEN_SOURCES = 64;
const MAX_FAILURE_LENGTH = 2_000;

/** Rows of a batch: enough to make bulk statements pay, few enough to hold in memory many times over. */
const BATCH_SIZE = 2_000;
const ROWS_PER_HEARTBEAT = 1_000;

/** A repeat of a shifted ingest within this time keeps the earlier shift. */
const SHIFT_KEPT_MS = HOUR_MS;

export interface ReceivedBatch {
  batchId: string;
  rowCount: number;
  isLast: boolean;
}

export interface OpenedRun {
  runId: string;
  /** Batches that earlier runs of the source received and did not get published, oldest first. */
  unpublishedBatches: string[];
}

export interface FinishedRun extends IngestReport {
  /** The sentence for a scheduled run of which a whole page was refused because no mapping fits it. */
  unmapped?: string;
}

export type IngestionActivities = ReturnType<typeof createIngestionActivities>;

export function createIngestionActivities({
  db,
  openSource,
  now,
  sourceBackoffSeconds = (attempt) => 2 ** attempt,
  batchSize = BATCH_SIZE,
}: IngestionServices) {
  /** By run, oldest first. What is closed too early is only opened again. */
  const openSources = new Map<string, JobSource>();

  function sourceOf(run: IngestRun): JobSource {
    const open = openSources.get(run.id);
    if (open) return open;
    const source = openSource(run);
    openSources.set(run.id, source);
    const [oldest] = openSources.keys();
    if (openSources.size > MAX_OPEN_SOURCES && oldest !== undefined) void closeSource(oldest);
    return source;
  }

  /**
   * The next page of a run. A source that is away is asked again after a while, and given up after some attempts. A cursor
   * that leads nowhere any more is forgotten, so that the next run begins at the beginning.
   */
  async function fetchPage(run: IngestRun): Promise<SourcePage> {
    try {
      return await sourceOf(run).fetchPage(run.cursor, batchSize);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const isLost = error.code === 'not_found' || error.code === 'conflict';
      if (isLost && run.isScheduled && run.cursor !== null) await restartSource(db, run.sourceId);
      throw error.code === 'unavailable' ? sourceAway(error) : error;
    }
  }

  function sourceAway(error: AppError): Error {
    const { attempt } = activityInfo();
    const retryAfterSeconds = error.retryAfterSeconds ?? sourceBackoffSeconds(attempt);
    if (attempt < MAX_SOURCE_ATTEMPTS) {
      return new AppError(error.code, error.message, { retryAfterSeconds, cause: error });
    }
    return ApplicationFailure.create({
      message: `${error.message} Given up after ${attempt} attempts; the next run goes on from here.`,
      type: error.code,
      nonRetryable: true,
      cause: error,
    });
  }

  async function closeSource(runId: string): Promise<void> {
    const source = openSources.get(runId);
    openSources.delete(runId);
    await source?.close();
  }

  /** Opens the run of a scheduled source, under the run id of its workflow. */
  async function openRun(sourceId: string, runId: string): Promise<OpenedRun> {
    if (!(await openScheduledRun(db, { runId, sourceId, now: now() }))) {
      throw new AppError(
        'not_found',
        `There is no source ${sourceId} to read: it was removed, or never added.`,
      );
    }
    return { runId, unpublishedBatches: await findUnpublishedBatches(db, sourceId) };
  }

  /**
   * Finds by how much the postings of a shifted run move, so that the newest is at the run's `shift_to`. Reads the whole
   * source once; a run that is not shifted passes at once.
   */
  async function measureShift(runId: string): Promise<void> {
    const run = await readIngestRun(db, runId);
    if (run.shiftTo === null || run.shiftMs !== null) return;
    const newestPostedOn = await findNewestPostingTime(run, openSource(run));
    const earlier =
      newestPostedOn === null
        ? null
        : await findEarlierShift(db, {
            sourceId: run.sourceId,
            newestPostedOn,
            since: addMillis(run.createdAt, -SHIFT_KEPT_MS),
          });
    const needed = newestPostedOn === null ? 0 : toMillis(run.shiftTo) - toMillis(newestPostedOn);
    await recordShift(db, { runId, shiftMs: earlier ?? needed, newestPostedOn });
  }

  /** Receive: stores the run's next page as received. Only the batch's id and size come back (claim check). */
  async function receivePage(runId: string, sequence: number): Promise<ReceivedBatch> {
    const received = await findBatch(db, runId, sequence);
    if (received) {
      return { batchId: received.id, rowCount: received.rowCount, isLast: received.isLast };
    }
    const run = await readIngestRun(db, runId);
    const page = await fetchPage(run);
    const batchId = `${runId}-${String(sequence).padStart(5, '0')}`;
    await insertBatch(db, {
      id: batchId,
      runId,
      sourceId: run.sourceId,
      sequence,
      isLast: page.isLast,
      seenAt: page.seenAt,
      rows: page.rows.map(toRawPosting),
      cursor: page.cursor,
      validators: page.validators,
    });
    if (page.isLast) await closeSource(runId);
    return { batchId, rowCount: page.rows.length, isLast: page.isLast };
  }

  /** Verify: maps and checks every row of the batch; those refused get their outcome here, with all reasons. */
  async function verifyBatch(batchId: string): Promise<{ verified: number; rejected: number }> {
    const batch = await readBatch(db, batchId);
    // Pushed batches arrive verified.
    if (batch.verifiedAt !== null) return await countVerdicts(db, batchId);
    const run = await readIngestRun(db, batch.runId);
    const rows = await readRawPostings(db, batchId);
    const mappings = mappingsOf(run);
    const judged = await mapInTurns(rows, (row) => ({
      rowNumber: row.rowNumber,
      verdict: verifyRow(
        { record: row.broken === null ? asRecord(row.payload) : null, broken: row.broken },
        {
          ...mappings,
          now: now(),
          sourceId: run.sourceId,
          scrapedAt: run.scrapedAt,
          seenAt: batch.seenAt,
          shift: run.shiftTo === null ? null : { ms: run.shiftMs ?? 0, to: run.shiftTo },
          hash: sha256,
        },
      ),
    }));
    await storeVerdicts(db, batchId, judged, now());
    const verified = judged.filter(({ verdict }) => verdict.accepted).length;
    return { verified, rejected: judged.length - verified };
  }

  /** The sums over the stored outcomes of a batch. */
  async function reportBatch(batchId: string): Promise<IngestReport> {
    const { outcomes, reasons } = await countOutcomes(db, { batchId });
    return toReport(outcomes, reasons);
  }

  /** Closes the run and gives the sums over all its stored outcomes. */
  async function finishRun(runId: string): Promise<FinishedRun> {
    await finishIngestRun(db, { runId, now: now() });
    await closeSource(runId);
    const { outcomes, reasons } = await countOutcomes(db, { runId });
    const report = toReport(outcomes, reasons);
    const run = await readIngestRun(db, runId);
    const batch = run.isScheduled ? await findUnmappedBatch(db, runId) : null;
    if (batch === null) return report;
    return {
      ...report,
      unmapped: `No mapping fits page ${batch.sequence + 1} of ${run.sourceId}: all its ${batch.rowCount} rows were refused. ${batch.message}`,
    };
  }

  /** Closes the run as failed. A source whose mapping no longer fits is read again from its beginning, changed or not. */
  async function failRun(runId: string, { type, message }: RunFailure): Promise<void> {
    await closeSource(runId);
    const run = await readIngestRun(db, runId);
    await failIngestRun(db, { runId, type, message: message.slice(0, MAX_FAILURE_LENGTH), now: now() });
    if (run.isScheduled && type === MAPPING_MISMATCH) await restartSource(db, run.sourceId);
  }

  return { openRun, measureShift, receivePage, verifyBatch, reportBatch, finishRun, failRun };
}

async function storeVerdicts(
  db: Db,
  batchId: string,
  rows: readonly JudgedRow[],
  decidedAt: Timestamp,
): Promise<void> {
  await db.transaction(async (transaction) => {
    const batch = await readBatch(transaction, batchId, { lock: true });
    if (batch.verifiedAt !== null) return;
    await insertVerdicts(transaction, batchId, rows, decidedAt);
    await markBatch(transaction, batchId, 'verified_at', decidedAt);
  });
}

/** Newest posting time among the rows that would be accepted as they stand. */
async function findNewestPostingTime(run: IngestRun, source: JobSource): Promise<Timestamp | null> {
  const mappings = mappingsOf(run);
  let newest: Timestamp | null = null;
  let cursor: Readonly<Record<string, unknown>> | null = null;
  let rowsRead = 0;
  try {
    for (;;) {
      const page = await source.fetchPage(cursor, ROWS_PER_HEARTBEAT);
      for (const row of page.rows) {
        const verdict = verifyRow(row, {
          ...mappings,
          now: run.createdAt,
          sourceId: run.sourceId,
          scrapedAt: run.scrapedAt,
          seenAt: page.seenAt,
          shift: null,
          hash: sha256,
        });
        const postedOn = verdict.accepted ? verdict.posting.content.postedOn : null;
        if (postedOn !== null && (newest === null || postedOn > newest)) newest = postedOn;
      }
      rowsRead += page.rows.length;
      heartbeat(rowsRead);
      if (page.isLast) return newest;
      cursor = page.cursor;
    }
  } finally {
    await source.close();
  }
}

function mappingsOf(run: IngestRun): { mappings: readonly CompiledMapping[]; given: boolean } {
  if (run.mapping === null) return { mappings: shippedMappings, given: false };
  return { mappings: [compileMapping(parseMappingDocument(run.mapping))], given: true };
}

function toRawPosting(row: ReceivedRow, index: number): RawPosting {
  return {
    rowNumber: index + 1,
    payload: JSON.stringify(row.record ?? row.text ?? ''),
    broken: row.broken,
  };
}

function asRecord(payload: unknown): Readonly<Record<string, unknown>> {
  return payload !== null && typeof payload === 'object' && !Array.isArray(payload)
    ? (payload as Readonly<Record<string, unknown>>)
    : {};
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
