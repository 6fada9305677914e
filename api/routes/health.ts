import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { withinTime } from '../../db/deadline';
import { failureBody, messageBody, messageSchema, type FailureBody } from '../envelope';
import { publicRoute, route } from '../route';
import type { ApiServices } from '../services';

/** A part that does not answer within this time counts as down. */
const PROBE_TIMEOUT_MS = 2_000;

const partState = z.enum(['up', 'down']);
const partsSchema = z.object({
  postgres: partState,
  search: partState.describe('Whether searches are answered, by whatever engine.'),
  meilisearch: partState
    .optional()
    .describe('Postgres answers in its place while it is down. Left out where Postgres alone searches.'),
  temporal: partState,
});
type Parts = z.infer<typeof partsSchema>;

const health = route({
  method: 'get',
  path: '/health',
  tag: 'Operation',
  summary: 'Check the API and a key',
  scope: 'any',
  response: messageSchema,
  example: messageBody('API is healthy'),
  handler: () => Promise.resolve({ body: messageBody('API is healthy') }),
});

const livez = publicRoute({
  method: 'get',
  path: '/livez',
  tag: 'Operation',
  summary: 'Whether the process answers',
  response: messageSchema,
  example: messageBody('Alive'),
  handler: () => Promise.resolve({ body: messageBody('Alive') }),
});

const readyz = publicRoute({
  method: 'get',
  path: '/readyz',
  tag: 'Operation',
  summary: 'Whether the process can serve, and how each part is doing',
  description: 'Answers 503 when Postgres is down. Reads do not need Temporal.',
  response: messageSchema.extend({ parts: partsSchema }),
  example: { ...messageBody('Ready'), parts: { postgres: 'up', search: 'up', temporal: 'up' } },
  handler: async (services) => {
    const parts = await partsOf(services);
    if (parts.postgres === 'up') return { body: { ...messageBody('Ready'), parts } };
    const failure: FailureBody = failureBody(new AppError('unavailable', 'Postgres is down.'));
    return { status: 503, body: { ...failure, parts } };
  },
});

export const healthRoutes = [health, livez, readyz];

async function partsOf({ db, search, probes }: ApiServices): Promise<Parts> {
  const [postgres, searching, temporal, meilisearch] = await Promise.all([
    stateOf(async () => {
      await db.raw('select 1');
      return true;
    }),
    stateOf(async () => {
      // The smallest search there is: the key of nobody, who may read nothing that exists already.
      await search.search({
        filter: {},
        sort: 'posted_on_desc',
        scope: { postedSince: '9999-01-01T00:00:00.000Z', samples: 'hidden' },
        limit: 1,
        start: { offset: 0 },
      });
      return true;
    }),
    stateOf(probes.temporal),
    probes.meilisearch && stateOf(probes.meilisearch),
  ]);
  return { postgres, search: searching, ...(meilisearch && { meilisearch }), temporal };
}

async function stateOf(probe: () => Promise<boolean>): Promise<'up' | 'down'> {
  try {
    return (await withinTime(probe(), PROBE_TIMEOUT_MS, false)) ? 'up' : 'down';
  } catch {
    return 'down';
  }
}
