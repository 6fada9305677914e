import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { AppError } from '../domain/errors';
import type { Timestamp } from '../domain/time';
import type { Metrics } from './metrics';
import { failures } from './middleware/failures';
import { requestContext } from './middleware/requestContext';

interface OperatorsServices {
  metrics: Pick<Metrics, 'contentType' | 'render'>;
  logger: Logger;
  now: () => Timestamp;
}

/** What is for operators alone, on a port of its own that customers do not reach. */
export function createOperatorsApp({ metrics, logger, now }: OperatorsServices): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(requestContext(now));
  app.use(helmet({ strictTransportSecurity: false }));

  app.get('/metrics', async (_request, response) => {
    response.set('Content-Type', metrics.contentType).send(await metrics.render());
  });

  app.use(() => {
    throw new AppError('not_found', 'Operators find /metrics here. The API is on another port.');
  });
  app.use(failures(logger));
  return app;
}
