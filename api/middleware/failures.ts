import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { isDatabaseUnavailable } from '../../db/errors';
import { AppError } from '../../domain/errors';
import { sendFailure } from '../envelope';

/** Answers every error inside the envelope; what we did not foresee is logged and shown to nobody. */
export function failures(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const known = toAppError(error);
    if (known.status >= 500) logger.error({ requestId: request.context.id, err: error }, 'request failed');
    if (response.headersSent) next(error);
    else sendFailure(request, response, known);
  };
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error.code === 'internal' ? internal() : error;
  if (isDatabaseUnavailable(error))
    return new AppError('unavailable', 'The database cannot be reached just now.');
  return bodyFault(error) ?? internal();
}

function internal(): AppError {
  return new AppError(
    'internal',
    'Something went wrong on our side. Please quote the request_id when you report it.',
  );
}

/** What Express's body parser has to say, by the `type` of its errors; null for anything else. */
function bodyFault(error: unknown): AppError | null {
  if (!(error instanceof Error)) return null;
  switch ('type' in error && error.type) {
    case 'entity.parse.failed': {
      const faults = [{ parameter: 'body', message: 'The body is not valid JSON.' }];
      return new AppError('invalid_parameter', 'The body is not valid JSON.', { faults });
    }
    case 'request.aborted':
    case 'request.size.invalid': {
      const faults = [{ parameter: 'body', message: 'The body ended before its Content-Length.' }];
      return new AppError('invalid_parameter', 'The body is incomplete.', { faults });
    }
    case 'entity.too.large':
      return new AppError('payload_too_large', 'The body is larger than this route takes.');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new AppError(
        'unsupported_media_type',
        'Send the body as JSON in UTF-8, plain or compressed with gzip.',
      );
    default: {
      // Of unpacking: the parser passes the error of zlib on, with its own status.
      if (!('status' in error) || error.status !== 400) return null;
      const message = 'The body is not compressed as its Content-Encoding says.';
      return new AppError('invalid_parameter', message, { faults: [{ parameter: 'body', message }] });
    }
  }
}
