import { MeilisearchApiError, MeilisearchRequestError, MeilisearchTaskTimeOutError } from 'meilisearch';
import { AppError } from '../../domain/errors';

export type FailureReason =
  | 'timeout'
  | 'unreachable'
  | 'server_error'
  /** What came back is not what Meilisearch answers, or is about jobs that Postgres has never had. */
  | 'nonsense'
  | 'unauthorized'
  | 'index_missing'
  /** The index was emptied, or is being filled. */
  | 'index_incomplete'
  /** Of this call alone: the next may do well. */
  | 'call_refused';

/** `internal` when Meilisearch refused one call, else `unavailable`. */
export class MeilisearchFailure extends AppError {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, cause?: unknown) {
    super(reason === 'call_refused' ? 'internal' : 'unavailable', message, { cause });
    this.reason = reason;
  }
}

export function isIndexNotFound(error: unknown): boolean {
  return error instanceof MeilisearchApiError && error.cause?.code === 'index_not_found';
}

/** What an error of the client means for us. */
export function toFailure(error: unknown): MeilisearchFailure {
  const text = error instanceof Error ? error.message : String(error);
  const reason = reasonOf(error);
  const what = reason === 'call_refused' ? 'refused a call' : 'is not available';
  return new MeilisearchFailure(reason, `Meilisearch ${what}: ${text}`, error);
}

function reasonOf(error: unknown): FailureReason {
  if (isIndexNotFound(error)) return 'index_missing';
  if (error instanceof MeilisearchApiError) return reasonOfAnswer(error);
  if (error instanceof MeilisearchTaskTimeOutError) return 'timeout';
  if (error instanceof MeilisearchRequestError) return isTimeout(error.cause) ? 'timeout' : 'unreachable';
  return 'nonsense';
}

function reasonOfAnswer({ response: { status }, cause }: MeilisearchApiError): FailureReason {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status >= 500 || status === 408 || status === 429) return 'server_error';
  return typeof cause?.code === 'string' ? 'call_refused' : 'nonsense';
}

/** By its name: the client's own time-out and that of a signal are errors of two kinds. */
function isTimeout(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('name' in error)) return false;
  return error.name === 'TimeoutError' || error.name === 'MeilisearchRequestTimeOutError';
}
