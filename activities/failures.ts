import { ApplicationFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { AppError } from '../domain/errors';

/** Postgres error classes that say the same however often they are asked: bad data, broken constraint, bad statement. */
const FINAL_SQLSTATE_CLASSES = new Set(['22', '23', '42']);

/** Errors of the code itself. */
const PROGRAMMING_ERRORS = [TypeError, RangeError, ReferenceError, SyntaxError];

/**
 * Tells Temporal which failures are worth another try: an error no retry can mend becomes a non-retryable failure with a
 * type, so that it shows at once in the UI and in the CLI; all others (a database away, a dropped connection) are retried,
 * after as long as the error itself asks for.
 */
function toActivityFailure(error: unknown): unknown {
  if (error instanceof AppError) {
    const { retryAfterSeconds } = error;
    return ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable: !error.retryable,
      details: error.faults,
      cause: error,
      ...(retryAfterSeconds === undefined ? {} : { nextRetryDelay: retryAfterSeconds * 1_000 }),
    });
  }
  if (error instanceof Error && isFinal(error)) {
    return ApplicationFailure.create({
      message: error.message,
      type: error.name,
      nonRetryable: true,
      cause: error,
    });
  }
  return error;
}

function isFinal(error: Error): boolean {
  const sqlState = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isSqlState = /^[0-9A-Z]{5}$/.test(sqlState);
  if (isSqlState && FINAL_SQLSTATE_CLASSES.has(sqlState.slice(0, 2))) return true;
  return PROGRAMMING_ERRORS.some((type) => error instanceof type);
}

/** Applies `toActivityFailure` to every activity. */
export const failureInterceptor: ActivityInboundCallsInterceptor = {
  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    try {
      return await next(input);
    } catch (error) {
      throw toActivityFailure(error);
    }
  },
};
