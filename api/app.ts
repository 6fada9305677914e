import express, { type Express } from 'express';
import helmet from 'helmet';
import { AppError } from '../domain/errors';
import { docsRouter } from './docs/docsRouter';
import { crossOrigin } from './middleware/crossOrigin';
import { failures } from './middleware/failures';
import { httpsRequired } from './middleware/httpsRequired';
import { requestContext } from './middleware/requestContext';
import { requestLog } from './middleware/requestLog';
import { requestMetrics } from './middleware/requestMetrics';
import { wellFormedUrl } from './middleware/wellFormedUrl';
import { openApiRoute } from './openapi';
import { routerOf } from './route';
import { accountRoutes } from './routes/account';
import { accountExportRoutes } from './routes/accountExport';
import { accountUsageRoutes } from './routes/accountUsage';
import { changeRoutes } from './routes/changes';
import { exportRoutes } from './routes/export';
import { healthRoutes } from './routes/health';
import { ingestRoutes } from './routes/ingest';
import { jobRoutes, searchRoutes } from './routes/jobs';
import { keyRoutes } from './routes/keys';
import { savedSearchRoutes } from './routes/savedSearches';
import { signUpRoutes } from './routes/signUp';
import { similarRoutes } from './routes/similar';
import { statusRoutes } from './routes/status';
import { trendRoutes } from './routes/trends';
import { vocabularyRoutes } from './routes/vocabulary';
import { webhookDeliveryRoutes } from './routes/webhookDeliveries';
import { webhookEndpointRoutes } from './routes/webhookEndpoints';
import { webhookEventRoutes } from './routes/webhookEvents';
import { webhookTestRoutes } from './routes/webhookTest';
import type { ApiServices } from './services';

export type { ApiServices } from './services';

const MAX_SHOWN_LENGTH = 100;

/** Every route but the one that describes them. */
export const declaredRoutes = [
  ...searchRoutes,
  // Before the route of one job: /jobs/{id} would take `changes`, `export` or `trends` for an id.
  ...changeRoutes,
  ...exportRoutes,
  ...trendRoutes,
  ...jobRoutes,
  ...similarRoutes,
  ...vocabularyRoutes,
  ...savedSearchRoutes,
  ...signUpRoutes,
  ...accountRoutes,
  ...accountUsageRoutes,
  ...accountExportRoutes,
  ...keyRoutes,
  ...webhookEventRoutes,
  ...webhookEndpointRoutes,
  ...webhookTestRoutes,
  ...webhookDeliveryRoutes,
  ...ingestRoutes,
  ...healthRoutes,
  ...statusRoutes,
];

/** The HTTP API over its services: every route at the root and under `/v1`, every answer in the envelope. */
export function createApp(services: ApiServices): Express {
  const { transport = {} } = services;
  const app = express();
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.set('trust proxy', transport.trustProxy ?? false);
  app.disable('x-powered-by');

  app.use(requestContext(services.now));
  app.use(requestLog(services.logger));
  app.use(requestMetrics(services.metrics));
  // What presumes TLS comes with `httpsRequired`: over plain HTTP it would send browsers to a port where nobody listens.
  app.use(
    helmet({
      strictTransportSecurity: false,
      contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    }),
  );
  app.use((_request, response, next) => {
    response.set({ 'Cache-Control': 'private, no-cache', Vary: 'X-API-KEY, Accept' });
    next();
  });
  if (transport.httpsRequired) app.use(httpsRequired);
  if (transport.corsOrigins) app.use(crossOrigin(transport.corsOrigins));
  app.use(wellFormedUrl);

  const router = routerOf([...declaredRoutes, openApiRoute(declaredRoutes)], services);
  app.use('/v1/docs', docsRouter('/v1', services));
  app.use('/docs', docsRouter('', services));
  app.use('/v1', router);
  app.use(router);

  app.use((request) => {
    const path = request.path.slice(0, MAX_SHOWN_LENGTH);
    throw new AppError('not_found', `There is nothing at ${path}. The routes are listed at /openapi.json.`);
  });
  app.use(failures(services.logger));
  return app;
}
