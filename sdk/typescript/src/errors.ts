/** One fault of a request: what is wrong with which parameter. */
export interface Fault {
  parameter: string;
  message: string;
  received: string | null;
  expected: string | null;
  did_you_mean: string | null;
}

/** What a failure says in its body; what did not come from the API itself may say none of it. */
interface FailureBody {
  code?: unknown;
  message?: unknown;
  request_id?: unknown;
  errors?: unknown;
  retry_after?: unknown;
}

/** An answer that is no success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status. */
  readonly status: number;
  /** As in the documentation, `invalid_parameter`; `http_502` and the like when something before the API answered. */
  readonly code: string;
  /** To quote when asking about the request. */
  readonly requestId: string | null;
  /** Every fault of the request at once. */
  readonly errors: readonly Fault[];
  /** Seconds to wait before a further attempt, when the answer says so. */
  readonly retryAfterSeconds: number | null;

  constructor(response: Response, body: unknown) {
    const {
      code,
      message,
      request_id: requestId,
      errors,
      retry_after: retryAfter,
    } = Object(body) as FailureBody;
    super(typeof message === 'string' ? message : `HTTP ${response.status} ${response.statusText}`.trimEnd());
    this.status = response.status;
    this.code = typeof code === 'string' ? code : `http_${response.status}`;
    this.requestId = typeof requestId === 'string' ? requestId : response.headers.get('X-Request-Id');
    this.errors = Array.isArray(errors) ? (errors as Fault[]) : [];
    this.retryAfterSeconds =
      typeof retryAfter === 'number' ? retryAfter : secondsOf(response.headers.get('Retry-After'));
  }

  /** @returns the error that an answer stands for, whose body is read by it. */
  static async of(response: Response): Promise<ApiError> {
    return new ApiError(response, parseJson(await response.text()));
  }
}

/** No answer came, or not the whole of it: see `cause`. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of a Retry-After header (RFC 9110, 10.2.3): seconds, or a time. */
function secondsOf(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
