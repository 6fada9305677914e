import { z } from 'zod';
import { sourceView } from '../../adminViews';
import { itemBody, itemSchema, wholeListBody, wholeListSchema } from '../../envelope';
import { operatorRoute } from '../../operatorRoute';
import { idText } from './parameters';

const params = z.object({ name: idText });
const oneSource = itemSchema(sourceView);

const list = operatorRoute({
  method: 'get',
  path: '/admin/sources',
  summary: 'List the sources, with what became of their last run',
  response: wholeListSchema(sourceView),
  handler: async ({ services }) => ({ body: wholeListBody(await services.sources.list()) }),
});

const run = operatorRoute({
  method: 'post',
  path: '/admin/sources/{name}/run',
  summary: 'Read a source now, also while it is paused',
  description: 'Answers once the run has begun; where one is under way, it is that one.',
  params,
  successStatus: 202,
  response: itemSchema(
    z.object({
      source: z.string(),
      workflow_id: z.string().describe('Of the run, in the Temporal UI'),
      was_under_way: z.boolean(),
    }),
  ),
  handler: async ({ params: { name }, acting, services }) => {
    const { workflowId, wasUnderWay } = await services.sources.run(name, acting);
    return { body: itemBody({ source: name, workflow_id: workflowId, was_under_way: wasUnderWay }) };
  },
});

const pause = operatorRoute({
  method: 'post',
  path: '/admin/sources/{name}/pause',
  summary: 'No runs of a source, and nothing pushed, until it is resumed',
  description: 'A run that is under way goes to its end.',
  params,
  response: oneSource,
  handler: async ({ params: { name }, acting, services }) => ({
    body: itemBody(await services.sources.setPaused(name, true, acting)),
  }),
});

const resume = operatorRoute({
  method: 'post',
  path: '/admin/sources/{name}/resume',
  summary: 'Let a paused source go on',
  params,
  response: oneSource,
  handler: async ({ params: { name }, acting, services }) => ({
    body: itemBody(await services.sources.setPaused(name, false, acting)),
  }),
});

export const adminSourceRoutes = [list, run, pause, resume];
