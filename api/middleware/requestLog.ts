import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/**
 * One line a request, once the answer is out or the caller has gone: the route's template, never the URL, whose values
 * are the caller's business; the key's id, never the key.
 */
export function requestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const { id, route, keyId } = request.context;
      logger.info(
        {
          requestId: id,
          method: request.method,
          route,
          status: response.statusCode,
          durationMs: Math.round(performance.now() - startedAt),
          keyId,
          ...(response.writableFinished ? {} : { abandoned: true }),
        },
        'request',
      );
    });
    next();
  };
}
