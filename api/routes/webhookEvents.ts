import { z } from 'zod';
import { EVENT_KINDS, eventSchema, exampleEvent } from '../../domain/webhooks/events';
import { wholeListBody, wholeListSchema } from '../envelope';
import { exampleJobView } from '../examples';
import { route } from '../route';

const eventView = z.object({
  type: z.string().describe('As `events` of an endpoint takes it; `webhook.test` is sent whatever it takes'),
  description: z.string().describe('When it is sent'),
  schema: z.looseObject({}).describe('JSON Schema (2020-12) of the whole body in the format `json`'),
  example: z.looseObject({}).describe('A body'),
});

/** Made once: what is sent does not change while the process runs. */
const catalogue: z.infer<typeof eventView>[] = Object.entries(EVENT_KINDS).map(([type, kind]) => ({
  type,
  description: kind.summary,
  // Of what comes in: more members may be added later, and a receiver should take them.
  schema: z.toJSONSchema(eventSchema(type, kind), { io: 'input' }),
  example: { ...exampleEvent(type, kind, exampleJobView) },
}));

const listEvents = route({
  method: 'get',
  path: '/webhooks/events',
  tag: 'Webhooks',
  summary: 'List the types of events',
  description:
    'With a JSON Schema and an example of each body. Members may be added to bodies, and types to the list: take what you do not know.',
  scope: 'any',
  response: wholeListSchema(eventView),
  // One without references, which would be taken for some of the document.
  example: wholeListBody(catalogue.filter(({ type }) => type === 'usage.threshold')),
  handler: () => Promise.resolve({ body: wholeListBody(catalogue) }),
});

export const webhookEventRoutes = [listEvents];
