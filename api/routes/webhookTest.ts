import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Db } from '../../db/connection';
import { type IdempotentRequest, storeAnswer } from '../../db/idempotencyKeys';
import { lockEndpoint, type WebhookEndpoint } from '../../db/webhookEndpoints';
import { newEventId } from '../../db/webhookOutbox';
import { countTests, finishTest, startTest } from '../../db/webhookTests';
import { AppError } from '../../domain/errors';
import { MINUTE_MS, toMillis } from '../../domain/time';
import { webhookBody } from '../../domain/webhooks/body';
import { TEST_EVENT_TYPE } from '../../domain/webhooks/eventTypes';
import type { WebhookAttempt, WebhookEvent } from '../../domain/webhooks/message';
import { changeRoute } from '../changeRoute';
import { failureBody, itemBody, itemSchema } from '../envelope';
import { answerOnce, REPLAYED_HEADERS, REPLAYED_MEANING } from '../idempotency';
import { ownEndpoint, refuseWithoutWebhooks, type WebhookCall } from '../webhookCalls';
import { endpointParams, EXAMPLE_DELIVERY_ID } from './webhookParameters';

const MAX_TESTS_A_MINUTE = 10;
const UNDER_WAY = 409;

const testResult = z
  .object({
    delivered: z.boolean().describe('It was answered with 2xx in time'),
    status_code: z.number().int().nullable().describe('Null when there was no answer'),
    duration_ms: z.number(),
    error: z.string().nullable().describe('Null for a success'),
    answer: z.string().nullable().describe('The first KiB of the body of the answer'),
    event_id: z.string().describe('The `webhook-id` of the request'),
    delivery_id: z.string().describe('Under which it stands in the log'),
  })
  .meta({ id: 'WebhookTestResult', description: 'What became of a test event.' });

const testRoute = changeRoute({
  method: 'post',
  path: '/webhooks/endpoints/{id}/test',
  tag: 'Webhooks',
  summary: 'Send a test event now',
  description:
    'Sends `webhook.test` by the same rules as any other event, whatever the endpoint asks for, and says what came of it: also to one that is ' +
    `disabled, to try it before it is enabled. It is sent once, and changes nothing about the endpoint. Up to ${MAX_TESTS_A_MINUTE} a minute.`,
  scope: 'webhooks:write',
  refusesSuspended: true,
  params: endpointParams,
  response: itemSchema(testResult),
  example: itemBody({
    delivered: true,
    status_code: 200,
    duration_ms: 84,
    error: null,
    answer: 'ok',
    event_id: 'evt_4f7a1c0e9b2d4e5f8a6b7c8d9e0f1a2b',
    delivery_id: EXAMPLE_DELIVERY_ID,
  }),
  responseHeaders: REPLAYED_MEANING,
  handler: async (call) => {
    await refuseWithoutWebhooks(call);
    const { params, now, services, idempotency } = call;
    const { answer, isReplay } = await answerOnce(services.db, idempotency, now, async (transaction) => {
      const started = await beginTest(transaction, call, params.id);
      // Until there is an answer, and should there never be one: the event is not sent a second time.
      return { status: UNDER_WAY, body: failureBody(isUnderWay(started.deliveryId)), started };
    });
    if (isReplay) {
      const body = answer.body as z.input<ReturnType<typeof itemSchema<typeof testResult>>>;
      return { status: answer.status, body, headers: REPLAYED_HEADERS };
    }
    const attempt = await sendTest(call, answer.started);
    const body = itemBody(resultOf(answer.started, attempt));
    await keepResult(call, { idempotency, started: answer.started, attempt, body });
    return { body };
  },
});

export const webhookTestRoutes = [testRoute];

interface StartedTest {
  deliveryId: string;
  endpoint: WebhookEndpoint;
  event: WebhookEvent;
}

/** @throws AppError `rate_limited` when the endpoint was sent as many as may be. */
async function beginTest(transaction: Db, call: WebhookCall, endpointId: string): Promise<StartedTest> {
  const { caller, now } = call;
  await lockEndpoint(transaction, endpointId);
  const endpoint = await ownEndpoint(transaction, call, endpointId);
  const { count, firstAt } = await countTests(transaction, endpoint.id, now);
  if (count >= MAX_TESTS_A_MINUTE) {
    const waitMs = toMillis(firstAt ?? now) + MINUTE_MS - toMillis(now);
    throw new AppError(
      'rate_limited',
      `The endpoint was sent ${count} test events within a minute, and ${MAX_TESTS_A_MINUTE} is the most.`,
      { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) },
    );
  }
  const event = {
    id: newEventId(),
    type: TEST_EVENT_TYPE,
    created_at: now,
    data: { message: 'This is a test: your endpoint was sent an event.', endpoint_id: endpoint.id },
  };
  const deliveryId = randomUUID();
  await startTest(transaction, { deliveryId, endpointId: endpoint.id, accountId: caller.account.id, event });
  return { deliveryId, endpoint, event };
}

async function sendTest(
  { services }: WebhookCall,
  { endpoint, event }: StartedTest,
): Promise<WebhookAttempt> {
  const { id, type, created_at, data } = event;
  const body = webhookBody(
    { id, type, created_at, payload: JSON.stringify(data), details: {} },
    { format: endpoint.format, options: endpoint.formatOptions },
  );
  const { at, status_code, duration_ms, answer, error } = await services.webhooks.send(endpoint.target, {
    id,
    body,
  });
  return { at, status_code, duration_ms, answer, error };
}

function resultOf({ deliveryId, event }: StartedTest, attempt: WebhookAttempt): z.input<typeof testResult> {
  return {
    delivered: attempt.error === null,
    status_code: attempt.status_code,
    duration_ms: attempt.duration_ms,
    error: attempt.error,
    answer: attempt.answer,
    event_id: event.id,
    delivery_id: deliveryId,
  };
}

async function keepResult(
  { now, services }: WebhookCall,
  {
    idempotency,
    started,
    attempt,
    body,
  }: { idempotency: IdempotentRequest | null; started: StartedTest; attempt: WebhookAttempt; body: object },
): Promise<void> {
  await services.db.transaction(async (transaction) => {
    await finishTest(transaction, { deliveryId: started.deliveryId, attempt, now: services.now() });
    if (idempotency) await storeAnswer(transaction, idempotency, { status: 200, body }, now);
  });
}

function isUnderWay(deliveryId: string): AppError {
  return new AppError(
    'conflict',
    `The test with this Idempotency-Key is under way, or was cut short: delivery ${deliveryId} tells. Use a new key for another one.`,
  );
}
