/** One fault of a request or a document, naming the field it concerns. */
export interface FieldFault {
  /** Name of the parameter, or path of the field, as the caller wrote it. */
  parameter: string;
  message: string;
  received?: string;
  expected?: string;
  did_you_mean?: string;
}

/** HTTP status per error code (spec: http-api.md, Envelope). The one place that knows both. */
export const ERROR_STATUS = {
  invalid_parameter: 400,
  missing_api_key: 401,
  invalid_api_key: 401,
  expired_api_key: 401,
  revoked_api_key: 401,
  quota_exceeded: 402,
  account_suspended: 402,
  plan_upgrade_required: 403,
  insufficient_scope: 403,
  https_required: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  conflict: 409,
  idempotency_conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  too_many_concurrent: 429,
  headers_too_large: 431,
  internal: 500,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** Codes behind which a later attempt may succeed; everything else fails the same way again. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'rate_limited',
  'too_many_concurrent',
  'internal',
  'unavailable',
]);

export interface ErrorDetails {
  faults?: FieldFault[];
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** The error of the whole product: a code, a sentence for people, and the faults it consists of. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly faults: FieldFault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.faults = details.faults ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }

  /** Whether a workflow should try again. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}
