import express, { type Express } from 'express';
import helmet from 'helmet';
import { AppError } from '../domain/errors';
import { failures } from './middleware/failures';
import { requestContext } from './middleware/requestContext';
import { requestLog } from './middleware/requestLog';
import { wellFormedUrl } from './middleware/wellFormedUrl';
import type { OperatorsServices } from './operatorsServices';
import { operatorsOpenApiRoute } from './operatorsOpenApi';
import { routerOf } from './route';
import { adminAccountRoutes } from './routes/admin/accounts';
import { adminAuditRoutes } from './routes/admin/audit';
import { adminKeyRoutes } from './routes/admin/keys';
import { adminQuarantineRoutes } from './routes/admin/quarantine';
import { adminSourceRoutes } from './routes/admin/sources';

/** Every route for operators but the one that describes them. */
const adminRoutes = [
  ...adminAccountRoutes,
  ...adminKeyRoutes,
  ...adminAuditRoutes,
  ...adminSourceRoutes,
  ...adminQuarantineRoutes,
];

/** What is for operators alone, on a port of its own that customers do not reach: metrics without a token, acts with theirs. */
export function createOperatorsApp(services: OperatorsServices): Express {
  const { metrics, admin, logger, now } = services;
  const app = express();
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.disable('x-powered-by');
  app.use(requestContext(now));
  app.use(helmet({ strictTransportSecurity: false }));

  app.get('/metrics', async (_request, response) => {
    response.set('Content-Type', metrics.contentType).send(await metrics.render());
  });

  // After the metrics, which are read every few seconds.
  app.use(requestLog(logger));
  app.use(wellFormedUrl);
  if (admin) app.use(routerOf([...adminRoutes, operatorsOpenApiRoute(adminRoutes)], admin));
  else app.use('/admin', refuseWithoutToken);

  app.use(() => {
    throw new AppError('not_found', 'Operators find /metrics and /admin here. The API is on another port.');
  });
  app.use(failures(logger));
  return app;
}

function refuseWithoutToken(): never {
  throw new AppError(
    'not_found',
    'There is no API for operators here: OPERATORS_TOKEN_HASH is not set. The command `operator token` makes a token and its hash.',
  );
}
