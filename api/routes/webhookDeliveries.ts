import { z } from 'zod';
import type { Db } from '../../db/connection';
import {
  deleteDelivery,
  findDelivery,
  listDeliveries,
  recoverDeliveries,
  resendDelivery,
  type WholeDelivery,
} from '../../db/webhookDeliveries';
import type { WebhookEndpoint } from '../../db/webhookEndpoints';
import { AppError } from '../../domain/errors';
import { addMillis, DAY_MS, type Timestamp } from '../../domain/time';
import { DELIVERY_QUERY_GRAMMAR } from '../../domain/webhooks/deliveryQuery';
import { TEST_EVENT_TYPE } from '../../domain/webhooks/eventTypes';
import { changeRoute, type ChangeCall } from '../changeRoute';
import { itemBody, itemSchema, messageBody, messageSchema } from '../envelope';
import { exampleDeliveryView, exampleEvent } from '../examples';
import { answerOnce, REPLAYED_HEADERS, REPLAYED_MEANING } from '../idempotency';
import { route } from '../route';
import { ownEndpoint, refuseWithoutWebhooks, wakeEndpoint, type WebhookCall } from '../webhookCalls';
import { MAX_REPLAYED_JOBS, replayJobs } from '../webhookReplays';
import {
  deliveryViewSchema,
  toDeliveryView,
  toWholeDeliveryView,
  wholeDeliveryViewSchema,
} from '../webhookViews';
import { pageSchema } from './admin/pages';
import { time } from './admin/parameters';
import { deliveryParams, endpointParams, EXAMPLE_ENDPOINT_ID, RECOVERY_DAYS } from './webhookParameters';

const listRoute = route({
  method: 'get',
  path: '/webhooks/endpoints/{id}/deliveries',
  tag: 'Webhooks',
  summary: 'List the deliveries to a webhook endpoint',
  description:
    'What was sent to it and what is to be, the newest first, with each attempt. Deliveries are kept for 30 days.',
  scope: 'account:read',
  params: endpointParams,
  query: DELIVERY_QUERY_GRAMMAR,
  response: pageSchema(deliveryViewSchema),
  example: { success: true, data: [exampleDeliveryView], count: 1, next_cursor: null },
  handler: async (call) => {
    const { params, query, services } = call;
    const { id } = await ownEndpoint(services.db, call, params.id);
    const found = await listDeliveries(services.db, id, { ...query, limit: query.limit + 1 });
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      body: {
        success: true as const,
        data: shown.map(toDeliveryView),
        count: shown.length,
        next_cursor: last && found.length > shown.length ? String(last.sequence) : null,
      },
    };
  },
});

const readRoute = route({
  method: 'get',
  path: '/webhooks/deliveries/{id}',
  tag: 'Webhooks',
  summary: 'Read a delivery, with what it tells',
  scope: 'account:read',
  params: deliveryParams,
  response: itemSchema(wholeDeliveryViewSchema),
  example: itemBody({ ...exampleDeliveryView, event: exampleEvent }),
  handler: async (call) => {
    const delivery = await ownDelivery(call.services.db, call, call.params.id);
    return { body: itemBody(toWholeDeliveryView(delivery)) };
  },
});

const deleteRoute = changeRoute({
  method: 'delete',
  path: '/webhooks/deliveries/{id}',
  tag: 'Webhooks',
  summary: 'Delete a delivery',
  description: 'Takes it out of the log for good. One that is on its way is not sent any more.',
  scope: 'webhooks:write',
  params: deliveryParams,
  response: messageSchema,
  example: messageBody('The delivery is deleted.'),
  handler: async (call) => {
    const { id } = await ownDelivery(call.services.db, call, call.params.id);
    await deleteDelivery(call.services.db, id);
    return { body: messageBody('The delivery is deleted.') };
  },
});

const resendRoute = changeRoute({
  method: 'post',
  path: '/webhooks/deliveries/{id}/resend',
  tag: 'Webhooks',
  summary: 'Send a delivery again',
  description:
    'With the same `webhook-id`, and as many retries as a new one has. One that is on its way is sent at once. 409 when what it tells is not kept ' +
    'any more, and for tests: send a new one.',
  scope: 'webhooks:write',
  refusesSuspended: true,
  params: deliveryParams,
  response: itemSchema(deliveryViewSchema),
  successStatus: 202,
  example: itemBody({
    ...exampleDeliveryView,
    status: 'pending' as const,
    next_attempt_at: '2026-01-20T12:00:00.000Z',
    finished_at: null,
  }),
  responseHeaders: REPLAYED_MEANING,
  handler: async (call) => {
    const { now, services } = call;
    const { id, endpointId, type } = await ownDelivery(services.db, call, call.params.id);
    return await sendOnWay(call, endpointId, async (transaction) => {
      if (type === TEST_EVENT_TYPE)
        throw new AppError('conflict', 'A test is not sent again: send a new one to the endpoint.');
      if (!(await resendDelivery(transaction, { id, now })))
        throw new AppError('conflict', 'What this delivery tells is not kept any more.');
      return itemBody(toDeliveryView(await ownDelivery(transaction, call, id)));
    });
  },
});

const recovery = z.object({
  endpoint_id: z.string(),
  since: z.iso.datetime(),
  recovered: z.number().int().describe('Deliveries that are on their way again'),
});

const recoverRoute = changeRoute({
  method: 'post',
  path: '/webhooks/endpoints/{id}/recover',
  tag: 'Webhooks',
  summary: 'Send again all that has failed since a time',
  description: `Every failed delivery of an event that happened since then, in order, each with the same \`webhook-id\`. At most ${RECOVERY_DAYS} days back.`,
  scope: 'webhooks:write',
  refusesSuspended: true,
  params: endpointParams,
  body: {
    schema: z.strictObject({ since: time.describe('ISO 8601') }),
    example: { since: '2026-01-19T08:00:00Z' },
  },
  response: itemSchema(recovery),
  successStatus: 202,
  example: itemBody({ endpoint_id: EXAMPLE_ENDPOINT_ID, since: '2026-01-19T08:00:00.000Z', recovered: 12 }),
  responseHeaders: REPLAYED_MEANING,
  handler: async (call) => {
    const { params, value, now } = call;
    const { since } = value;
    return await sendOnWay(call, params.id, async (transaction, endpoint) => {
      refuseTooLongAgo(since, now);
      const recovered = await recoverDeliveries(transaction, { endpointId: endpoint.id, since, now });
      return itemBody({ endpoint_id: endpoint.id, since, recovered });
    });
  },
});

const replay = z.object({
  endpoint_id: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  replayed: z.number().int().describe('Jobs that are on their way anew'),
});

const replayRoute = changeRoute({
  method: 'post',
  path: '/webhooks/endpoints/{id}/replay',
  tag: 'Webhooks',
  summary: 'Tell an endpoint again of the jobs of a past span',
  description:
    'Each job that it was first told of from `from` up to, not including, `to`, and that the plan still shows: as `job.matched`, as the job is now, ' +
    `in the order of then, with new ids and \`"replayed": true\`. At most ${MAX_REPLAYED_JOBS} jobs a call.`,
  scope: 'webhooks:write',
  refusesSuspended: true,
  params: endpointParams,
  body: {
    schema: z.strictObject({ from: time.describe('ISO 8601'), to: time.describe('ISO 8601, at most now') }),
    example: { from: '2026-01-19T00:00:00Z', to: '2026-01-20T00:00:00Z' },
  },
  response: itemSchema(replay),
  successStatus: 202,
  example: itemBody({
    endpoint_id: EXAMPLE_ENDPOINT_ID,
    from: '2026-01-19T00:00:00.000Z',
    to: '2026-01-20T00:00:00.000Z',
    replayed: 148,
  }),
  responseHeaders: REPLAYED_MEANING,
  handler: async (call) => {
    const { params, value, now } = call;
    return await sendOnWay(call, params.id, async (transaction, endpoint) => {
      refuseImpossibleSpan(value, now);
      const replayed = await replayJobs(transaction, call, { endpointId: endpoint.id, ...value });
      return itemBody({ endpoint_id: endpoint.id, ...value, replayed });
    });
  },
});

export const webhookDeliveryRoutes = [
  listRoute,
  readRoute,
  deleteRoute,
  resendRoute,
  recoverRoute,
  replayRoute,
];

/** @throws AppError `not_found`, also for a delivery of another account. */
async function ownDelivery(db: Db, { caller }: WebhookCall, id: string): Promise<WholeDelivery> {
  const delivery = await findDelivery(db, { accountId: caller.account.id, id });
  if (!delivery) throw new AppError('not_found', `The account has no webhook delivery ${id}.`);
  return delivery;
}

/**
 * Puts deliveries of an endpoint on their way, in one transaction with the answer, and has them sent.
 * @throws AppError `conflict` when the endpoint is disabled: they would fail at once.
 */
async function sendOnWay<Body extends object>(
  call: ChangeCall<unknown, unknown>,
  endpointId: string,
  act: (transaction: Db, endpoint: WebhookEndpoint) => Promise<Body>,
) {
  await refuseWithoutWebhooks(call);
  const { services, now, idempotency } = call;
  const { answer, isReplay } = await answerOnce(services.db, idempotency, now, async (transaction) => {
    const endpoint = await ownEndpoint(transaction, call, endpointId);
    if (endpoint.disabledAt !== null) {
      throw new AppError('conflict', 'The endpoint is disabled: PATCH it with "enabled": true first.');
    }
    return { status: 202, body: await act(transaction, endpoint) };
  });
  if (!isReplay) await wakeEndpoint(call, endpointId);
  // An answer that was kept is one that this route has given.
  return { status: answer.status, body: answer.body as Body, headers: isReplay ? REPLAYED_HEADERS : {} };
}

function refuseTooLongAgo(since: Timestamp, now: Timestamp): void {
  if (since >= addMillis(now, -RECOVERY_DAYS * DAY_MS)) return;
  const message = `Deliveries are kept for ${RECOVERY_DAYS} days.`;
  const expected = `a time at most ${RECOVERY_DAYS} days back`;
  throw new AppError('invalid_parameter', `since: ${message}`, {
    faults: [{ parameter: 'since', message, received: since, expected }],
  });
}

function refuseImpossibleSpan({ from, to }: { from: Timestamp; to: Timestamp }, now: Timestamp): void {
  const faults = [
    ...(from < to ? [] : [{ parameter: 'from', message: 'The span ends before it begins.', received: from }]),
    ...(to <= now
      ? []
      : [{ parameter: 'to', message: 'This is in the future.', received: to, expected: 'at most now' }]),
  ];
  if (faults.length === 0) return;
  const sentences = faults.map(({ parameter, message }) => `${parameter}: ${message}`);
  throw new AppError('invalid_parameter', sentences.join(' '), { faults });
}
