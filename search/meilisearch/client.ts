import { type EnqueuedTaskPromise, Meilisearch } from 'meilisearch';
import { AppError } from '../../domain/errors';
import { toFailure } from './failure';

export interface MeilisearchOptions {
  url: string;
  /** The server's master key, or a key that may do everything with the indexes. */
  apiKey?: string;
}

/** Of one request: uploads of a thousand documents included. */
const REQUEST_TIMEOUT_MS = 30_000;
/** A batch of documents waits for those before it. */
const TASK_TIMEOUT_MS = 110_000;
/** Of a task of a few documents, for somebody may be waiting to find them. */
const TASK_POLL_MS = 20;
/** A task of a whole batch takes seconds: asking all the time would only slow it down. */
const BULK_TASK_POLL_MS = 200;

export function createClient({ url, apiKey }: MeilisearchOptions): Meilisearch {
  return new Meilisearch({
    host: url,
    apiKey,
    timeout: REQUEST_TIMEOUT_MS,
  });
}

/**
 * The result of a call. @throws MeilisearchFailure `unavailable` when the server does not answer, takes no key of ours or has no
 * such index, `internal` when it refuses the call.
 */
export async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toFailure(error);
  }
}

/** Waits until the server has done what it was asked for. @throws AppError also when it failed. */
export async function done(enqueued: EnqueuedTaskPromise, { isBulk = false } = {}): Promise<void> {
  const task = await answered(
    enqueued.waitTask({ timeout: TASK_TIMEOUT_MS, interval: isBulk ? BULK_TASK_POLL_MS : TASK_POLL_MS }),
  );
  if (task.status === 'succeeded') return;
  const reason = task.error?.message ?? task.status;
  throw new AppError('internal', `Meilisearch failed task ${task.uid} (${task.type}): ${reason}`);
}
