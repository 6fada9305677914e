import type { RequestHandler } from 'express';
import type { Metrics } from '../metrics';

/** Counts a request once its answer is out or the caller has gone: by the route's template, for addresses are without number. */
export function requestMetrics({ countRequest }: Pick<Metrics, 'countRequest'>): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      countRequest({
        method: request.method,
        route: request.context.route ?? 'none',
        status: response.writableFinished ? String(response.statusCode) : 'abandoned',
        seconds: (performance.now() - startedAt) / 1_000,
      });
    });
    next();
  };
}
