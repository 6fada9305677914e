import { z } from 'zod';
import { listQuarantined } from '../../../db/quarantine';
import { quarantinedView, viewQuarantined } from '../../adminViews';
import { messageBody, messageSchema, wholeListBody, wholeListSchema } from '../../envelope';
import { operatorRoute } from '../../operatorRoute';

const params = z.object({
  id: z
    .string()
    .regex(/^\d{1,15}$/, 'Give the number of an entry of GET /admin/quarantine')
    .transform(Number),
});

const list = operatorRoute({
  method: 'get',
  path: '/admin/quarantine',
  summary: 'List postings that wait for an operator, longest first, 1,000 at most',
  response: wholeListSchema(quarantinedView),
  handler: async ({ services }) => {
    const held = await listQuarantined(services.db);
    return { body: wholeListBody(held.map(viewQuarantined)) };
  },
});

const accept = operatorRoute({
  method: 'post',
  path: '/admin/quarantine/{id}/accept',
  summary: 'Publish a posting that waits; it is not judged again',
  params,
  response: messageSchema,
  handler: async ({ params: { id }, acting, services }) => {
    await services.quarantine.accept(id, acting);
    return { body: messageBody(`${id} is accepted.`) };
  },
});

const reject = operatorRoute({
  method: 'post',
  path: '/admin/quarantine/{id}/reject',
  summary: 'Refuse a posting that waits, now and whenever it comes again',
  params,
  response: messageSchema,
  handler: async ({ params: { id }, acting, services }) => {
    await services.quarantine.reject(id, acting);
    return { body: messageBody(`${id} is rejected.`) };
  },
});

export const adminQuarantineRoutes = [list, accept, reject];
