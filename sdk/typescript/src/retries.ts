import { ApiError, ConnectionError } from './errors.js';

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  maxAttempts: number;
  /** No further attempt begins later than this after the first. */
  maxTotalMs: number;
  /** The pause before the second attempt is random, up to this; up to twice as long before each further one. */
  baseDelayMs: number;
  /** No random pause is longer. */
  maxDelayMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxAttempts: 5,
  maxTotalMs: 60_000,
  baseDelayMs: 500,
  maxDelayMs: 8_000,
};

const RETRIED_STATUSES: readonly number[] = [429, 502, 503, 504];

/** A method and the paths it stands for, seen from where the API is. */
export interface RoutePattern {
  method: string;
  path: RegExp;
}

export interface SenderOptions {
  /** Where the API is, without a slash at the end. */
  baseUrl: string;
  policy: RetryPolicy;
  /** For one attempt: until the headers are there, and the whole body if it is JSON. */
  timeoutMs: number;
  /** Routes that change nothing although their method is not GET. */
  readOnly: readonly RoutePattern[];
  /** Routes that do a thing once however often they are asked with the same Idempotency-Key. */
  keyed: readonly RoutePattern[];
}

/**
 * A `fetch` that asks again while it may help: after 429, 502, 503, 504 and broken connections, if the request can be repeated
 * without doing anything twice. It waits as long as the answer says, and a random while that doubles.
 * It throws ApiError for every answer but a success, ConnectionError when there is none.
 */
export function createSender({ baseUrl, policy, timeoutMs, readOnly, keyed }: SenderOptions) {
  const isAmong = (routes: readonly RoutePattern[], { method, url }: Request): boolean => {
    const path = url.slice(baseUrl.length).replace(/[?#].*/s, '');
    return routes.some((route) => route.method === method && route.path.test(path));
  };
  return async (original: Request): Promise<Response> => {
    const request = isAmong(keyed, original) ? withIdempotencyKey(original) : original;
    const isRepeatable =
      request.method === 'GET' || request.headers.has('Idempotency-Key') || isAmong(readOnly, request);
    const startedAt = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await attemptOnce(request.clone(), timeoutMs);
      if (outcome instanceof Response) return outcome;
      const delayMs = pauseMs(outcome, attempt, policy);
      const mayHelp = outcome instanceof ConnectionError || RETRIED_STATUSES.includes(outcome.status);
      const isInTime = performance.now() - startedAt + delayMs <= policy.maxTotalMs;
      if (!isRepeatable || !mayHelp || attempt >= policy.maxAttempts || !isInTime) throw outcome;
      await sleep(delayMs, request.signal);
    }
  };
}

function withIdempotencyKey(request: Request): Request {
  if (!request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', crypto.randomUUID());
  return request;
}

/** @throws what the caller's own signal was aborted with. */
async function attemptOnce(
  request: Request,
  timeoutMs: number,
): Promise<Response | ApiError | ConnectionError> {
  const tooLate = new AbortController();
  const timer = setTimeout(() => {
    tooLate.abort(new Error(`There was no answer within ${timeoutMs} ms.`));
  }, timeoutMs);
  try {
    const response = await fetch(request, { signal: AbortSignal.any([request.signal, tooLate.signal]) });
    if (!response.ok) return await ApiError.of(response);
    return isJson(response) ? await readWhole(response) : response;
  } catch (cause) {
    request.signal.throwIfAborted();
    return new ConnectionError(`${request.method} ${request.url}: ${reasonOf(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function isJson({ headers }: Response): boolean {
  return /^application\/(?:\w+\+)?json\b/.test(headers.get('Content-Type') ?? '');
}

/** JSON is read inside of the attempt: one that breaks off is asked for again. Anything else streams. */
async function readWhole(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  return new Response(await response.arrayBuffer(), { status, statusText, headers });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** "Full jitter": clients that failed together do not come back together. */
function pauseMs(failure: ApiError | ConnectionError, attempt: number, policy: RetryPolicy): number {
  const askedForMs = failure instanceof ApiError ? (failure.retryAfterSeconds ?? 0) * 1000 : 0;
  const ceilingMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  return askedForMs + Math.random() * ceilingMs;
}

function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, delayMs);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
