import { createHash } from 'node:crypto';
import { heartbeat } from '@temporalio/activity';
import {
  findBatch,
  insertBatch,
  markBatch,
  type RawPosting,
  readBatch,
  readRawPostings,
} from '../db/batches';
import type { Db } from '../db/connection';
import {
  findEarlierShift,
  finishIngestRun,
  type IngestRun,
  readIngestRun,
  recordShift,
} from '../db/ingestRuns';
import {
  countOutcomes,
  insertOutcomes,
  insertVerifiedPostings,
  type PostingOutcome,
  type VerifiedPosting,
} from '../db/postings';
import { type CompiledMapping, compileMapping } from '../domain/mapping/applyMapping';
import { parseMappingDocument } from '../domain/mapping/mappingDocument';
import { type IngestReport, toReport } from '../domain/outcome';
import { type RowVerdict, verifyRow } from '../domain/rowVerification';
import { addMillis, HOUR_MS, type Timestamp, toMillis } from '../domain/time';
import type { JobSource, ReceivedRow } from '../sources/jobSource';
import { shippedMappings } from '../sources/mappings';

export interface IngestionServices {
  db: Db;
  /** Opens the source of a run; pages of one run are read from one opened source while this process lives. */
  openSource: (run: IngestRun) => JobSource;
  now: () => Timestamp;
}

/** Rows of a batch: enough to make bulk statements pay, few enough to hold in memory many times over. */
const BATCH_SIZE = 500;
const ROWS_PER_HEARTBEAT = 1_000;

/** A repeat of a shifted ingest within this time keeps the earlier shift. */
const SHIFT_KEPT_MS = HOUR_MS;

export interface ReceivedBatch {
  batchId: string;
  rowCount: number;
  isLast: boolean;
}

export type IngestionActivities = ReturnType<typeof createIngestionActivities>;

export function createIngestionActivities({ db, openSource, now }: IngestionServices) {
  const openSources = new Map<string, JobSource>();

  function sourceOf(run: IngestRun): JobSource {
    const open = openSources.get(run.id);
    if (open) return open;
    const source = openSource(run);
    openSources.set(run.id, source);
    return source;
  }

  async function closeSource(runId: string): Promise<void> {
    const source = openSources.get(runId);
    openSources.delete(runId);
    await source?.close();
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
    const page = await sourceOf(run).fetchPage(run.cursor, BATCH_SIZE);
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
    });
    if (page.isLast) await closeSource(runId);
    return { batchId, rowCount: page.rows.length, isLast: page.isLast };
  }

  /** Verify: maps and checks every row of the batch; those refused get their outcome here, with all reasons. */
  async function verifyBatch(batchId: string): Promise<{ verified: number; rejected: number }> {
    const batch = await readBatch(db, batchId);
    const run = await readIngestRun(db, batch.runId);
    const rows = await readRawPostings(db, batchId);
    const mappings = mappingsOf(run);
    const verdicts = rows.map((row) =>
      verifyRow(
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
    );
    await storeVerdicts(db, batchId, rows, verdicts, now());
    const verified = verdicts.filter((verdict) => verdict.accepted).length;
    return { verified, rejected: verdicts.length - verified };
  }

  /** The sums over the stored outcomes of a batch. */
  async function reportBatch(batchId: string): Promise<IngestReport> {
    const { outcomes, reasons } = await countOutcomes(db, { batchId });
    return toReport(outcomes, reasons);
  }

  /** Closes the run and gives the sums over all its stored outcomes. */
  async function finishRun(runId: string): Promise<IngestReport> {
    await finishIngestRun(db, { runId, now: now() });
    await closeSource(runId);
    const { outcomes, reasons } = await countOutcomes(db, { runId });
    return toReport(outcomes, reasons);
  }

  return { measureShift, receivePage, verifyBatch, reportBatch, finishRun };
}

async function storeVerdicts(
  db: Db,
  batchId: string,
  rows: { rowNumber: number }[],
  verdicts: RowVerdict[],
  decidedAt: Timestamp,
): Promise<void> {
  const verified: VerifiedPosting[] = [];
  const refused: PostingOutcome[] = [];
  rows.forEach(({ rowNumber }, index) => {
    const verdict = verdicts[index];
    if (verdict?.accepted) verified.push({ rowNumber, ...verdict.posting });
    else if (verdict) {
      refused.push({
        rowNumber,
        outcome: 'rejected',
        jobId: null,
        rules: verdict.rules,
        findings: verdict.findings,
      });
    }
  });
  await db.transaction(async (transaction) => {
    const batch = await readBatch(transaction, batchId, { lock: true });
    if (batch.verifiedAt !== null) return;
    await insertVerifiedPostings(transaction, batchId, verified);
    await insertOutcomes(transaction, batchId, refused, decidedAt);
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
