import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import type { Db } from '../db/connection';
import { failIngestRun, insertIngestRun } from '../db/ingestRuns';
import { findAddedSource, registerSource } from '../db/sources';
import { AppError } from '../domain/errors';
import type { IngestReport } from '../domain/outcome';
import { type Timestamp, toTimestamp } from '../domain/time';
import type { ingestSource } from '../workflows/ingestSource';
import { SOURCE_ID } from '../workflows/searchAttributes';

export interface IngestionRequest {
  /** File or folder. */
  location: string;
  /** Name of the source; from the file's name when not given. */
  sourceId?: string;
  isSample?: boolean;
  /** Checked mapping document; none: picked from those shipped, row by row. */
  mapping?: unknown;
  scrapedAt?: Timestamp;
  shiftTo?: Timestamp;
}

export interface IngestionContext {
  db: Db;
  temporal: Client;
  taskQueue: string;
  /** Called about five times a second with what the run has come to so far. */
  onProgress?: (report: IngestReport) => void;
}

interface FollowOptions {
  /** Called about five times a second with what the run has come to so far. */
  onProgress?: (report: IngestReport) => void;
  /** Called once for every attempt that failed and is made again. */
  onTrouble?: (sentence: string) => void;
}

const PROGRESS_INTERVAL_MS = 200;

export const SOURCE_ID_FORM = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/**
 * Ingests a file or folder through the `ingestSource` workflow and waits for its end. The run goes on without us: a caller
 * that is interrupted loses nothing but the sight of it.
 * @throws AppError when the path is not there, the source is being ingested already or has a schedule, or the run failed for
 *   good.
 */
export async function runIngestion(
  request: IngestionRequest,
  context: IngestionContext,
): Promise<IngestReport> {
  const { db, temporal, taskQueue, onProgress } = context;
  const location = resolve(request.location);
  await stat(location).catch(() => {
    throw new AppError('invalid_parameter', `There is no file or folder ${location}.`);
  });
  const sourceId = request.sourceId ?? sourceIdOf(location);
  const scheduled = await findAddedSource(db, sourceId);
  if (scheduled !== null && scheduled.location !== null) {
    throw new AppError(
      'conflict',
      `Source ${sourceId} is read by its schedule (source list). Start that with source run ${sourceId}, or name another source with --source.`,
    );
  }
  if (!SOURCE_ID_FORM.test(sourceId)) {
    throw new AppError(
      'invalid_parameter',
      `The source's name ${sourceId} must be of lower-case letters, digits, dots, dashes and underscores, at most 63.`,
    );
  }
  await registerSource(db, { id: sourceId, kind: 'file', isSample: request.isSample ?? false });

  const runId = randomUUID();
  await insertIngestRun(db, {
    id: runId,
    sourceId,
    location,
    mapping: request.mapping ?? null,
    scrapedAt: request.scrapedAt ?? null,
    shiftTo: request.shiftTo ?? null,
  });
  const handle = await temporal.workflow
    .start<typeof ingestSource>('ingestSource', {
      // One run of a source at a time: its batches are published in order.
      workflowId: `ingest/${sourceId}`,
      taskQueue,
      args: [{ runId, sourceId }],
      typedSearchAttributes: [{ key: SOURCE_ID, value: sourceId }],
      staticSummary: `${basename(location)} as ${sourceId}`,
    })
    .catch(async (error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const message = `Source ${sourceId} is being ingested already (workflow ingest/${sourceId}). Wait for its end, or name another source with --source.`;
      await failIngestRun(db, { runId, type: 'conflict', message, now: toTimestamp(Date.now()) });
      throw new AppError('conflict', message);
    });

  return await followRun(handle, { onProgress });
}

/**
 * Waits for the end of a run. It goes on without us.
 * @throws AppError with what it failed with
 */
export async function followRun(
  handle: WorkflowHandle<typeof ingestSource>,
  { onProgress, onTrouble }: FollowOptions,
): Promise<IngestReport> {
  const state = { isWatching: true };
  const told = new Set<string>();
  const look = async () => {
    // A query that fails (a worker that starts) leaves the last report standing.
    const report = onProgress && (await handle.query<IngestReport>('progress').catch(() => undefined));
    if (onProgress && report) onProgress(report);
    if (!onTrouble) return;
    for (const trouble of await findTroubles(handle)) {
      if (!told.has(trouble)) onTrouble(trouble);
      told.add(trouble);
    }
  };
  const watching = (async () => {
    while ((onProgress ?? onTrouble) && state.isWatching) {
      await look();
      await new Promise((resume) => setTimeout(resume, PROGRESS_INTERVAL_MS));
    }
  })();
  try {
    return await handle.result();
  } catch (error) {
    throw asAppError(error);
  } finally {
    state.isWatching = false;
    await watching;
  }
}

/** What stopped the last attempt of each step that the run is trying again, as a sentence that differs by attempt. */
async function findTroubles(handle: WorkflowHandle): Promise<string[]> {
  const description = await handle.describe().catch(() => null);
  return (description?.raw.pendingActivities ?? []).flatMap(({ activityType, attempt, lastFailure }) => {
    const message = lastFailure?.message;
    return message ? [`${activityType?.name ?? 'step'}, attempt ${(attempt ?? 2) - 1}: ${message}`] : [];
  });
}

/** The innermost cause says what went wrong; the layers around it only say where. */
function asAppError(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  let cause: Error | undefined = error.cause;
  while (cause instanceof TemporalFailure && !(cause instanceof ApplicationFailure) && cause.cause)
    cause = cause.cause;
  return new AppError('internal', `The run failed: ${cause?.message ?? error.message}`, {
    cause: error,
  });
}

const MAX_SOURCE_ID_LENGTH = 63;

/** A source's name from its path: `/data/My Feed.csv` is `my-feed`. */
export function sourceIdOf(location: string): string {
  const name = basename(location)
    .replace(/(\.(csv|json|jsonl|ndjson|xml|rss|txt|gz))+$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, MAX_SOURCE_ID_LENGTH);
  return name === '' ? 'file' : name;
}
