import { z } from 'zod';
import type { WebhookDelivery, WholeDelivery } from '../db/webhookDeliveries';
import { MAX_COUNTED, type WebhookEndpoint } from '../db/webhookEndpoints';
import { readEvent } from '../domain/webhooks/body';
import { DELIVERY_STATUSES } from '../domain/webhooks/deliveryQuery';
import { type AccountStanding, ENDPOINT_STATUSES, endpointStatus } from '../domain/webhooks/endpointStatus';
import { WEBHOOK_EVENT_TYPES } from '../domain/webhooks/eventTypes';
import { maskText, maskUrl } from '../domain/webhooks/masking';
import { WEBHOOK_FORMATS } from '../domain/webhooks/message';
import type { Timestamp } from '../domain/time';

const time = z.iso.datetime();

/** An endpoint as its account sees it: what may be a password is masked. */
export const endpointViewSchema = z
  .object({
    id: z.string(),
    url: z.string().describe('Scheme and host; of what follows, its end'),
    events: z.array(z.enum(WEBHOOK_EVENT_TYPES)),
    saved_search_ids: z
      .array(z.string())
      .nullable()
      .describe(
        'Whose matches it is told of; null: all of the account’s. Empty once all that were named are deleted: none',
      ),
    max_in_flight: z
      .number()
      .int()
      .describe('Requests at a time; with more than 1, events may arrive in another order'),
    rate_limit: z.number().int().nullable().describe('Requests a minute; null: as many as there are'),
    format: z.enum(WEBHOOK_FORMATS),
    format_options: z.record(z.string(), z.unknown()),
    headers: z.record(z.string(), z.string()).describe('Sent with each request; of the values, their ends'),
    description: z.string().nullable(),
    enabled: z.boolean(),
    status: z
      .enum(ENDPOINT_STATUSES)
      .describe(
        '`active`; `failing`: the latest request failed; `resting`: several in a row did, and one event at a time is tried; `held`: it has asked ' +
          'for a pause; `paused`: for the plan or a suspended account; `disabled`: by you, by an answer of 410, or for failing for days',
      ),
    status_reason: z.string().nullable().describe('Why, and what to do about it; null while it is active'),
    pending: z.number().int().describe(`Deliveries on their way; ${MAX_COUNTED} stands for more, too`),
    failures_in_a_row: z.number().int(),
    last_success_at: time.nullable(),
    last_failure_at: time.nullable(),
    previous_secret_until: time
      .nullable()
      .describe('Until when the secret before the present one signs, too; null when no rotation runs'),
    created_at: time,
    updated_at: time.describe('When its settings were last changed'),
  })
  .meta({ id: 'WebhookEndpoint', description: 'An endpoint of yours that is told of events.' });
export type EndpointView = z.infer<typeof endpointViewSchema>;

export function toEndpointView(
  endpoint: WebhookEndpoint,
  standing: AccountStanding,
  now: Timestamp,
): EndpointView {
  const { target } = endpoint;
  const { status, reason } = endpointStatus(endpoint, standing, now);
  return {
    id: endpoint.id,
    url: maskUrl(target.url),
    events: [...endpoint.events],
    saved_search_ids: endpoint.savedSearchIds && [...endpoint.savedSearchIds],
    max_in_flight: endpoint.maxInFlight,
    rate_limit: endpoint.rateLimit,
    format: endpoint.format,
    format_options: { ...endpoint.formatOptions },
    headers: Object.fromEntries(
      Object.entries(target.headers).map(([name, value]) => [name, maskText(value)]),
    ),
    description: endpoint.description,
    enabled: endpoint.disabledAt === null,
    status,
    status_reason: reason,
    pending: endpoint.pending,
    failures_in_a_row: endpoint.failuresInARow,
    last_success_at: endpoint.lastSuccessAt,
    last_failure_at: endpoint.lastFailureAt,
    previous_secret_until: endpoint.previousSecretUntil,
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
  };
}

const attempt = z
  .object({
    at: time,
    status_code: z.number().int().nullable().describe('Null when there was no answer'),
    duration_ms: z.number(),
    answer: z.string().nullable().describe('The first KiB of its body'),
    error: z
      .string()
      .nullable()
      .describe('Null for a success. `paused` and `disabled`: nothing was sent, for the endpoint was so'),
  })
  .describe('A request, and what became of it');

export const deliveryViewSchema = z
  .object({
    id: z.string(),
    endpoint_id: z.string(),
    event_id: z.string().describe('The `webhook-id` of its requests, the same for each'),
    event_type: z.string(),
    job_id: z.string().nullable().describe('Null when the event is about no job'),
    replayed: z.boolean().describe('It was asked for by a replay'),
    status: z
      .enum(DELIVERY_STATUSES)
      .describe('`expired`: what it tells may not be kept so long, and was removed before it arrived'),
    created_at: time,
    next_attempt_at: time
      .nullable()
      .describe('Not before; later while the endpoint rests or is held. Null unless it is pending'),
    finished_at: time.nullable().describe('When it arrived or was given up'),
    attempts: z.array(attempt).describe('The oldest first'),
  })
  .meta({
    id: 'WebhookDelivery',
    description: 'An event on its way to an endpoint, or arrived, or given up.',
  });
type DeliveryView = z.infer<typeof deliveryViewSchema>;

export const wholeDeliveryViewSchema = deliveryViewSchema
  .extend({
    event: z
      .looseObject({
        id: z.string(),
        type: z.string(),
        created_at: time,
        replayed: z.literal(true).optional(),
        data: z.record(z.string(), z.unknown()),
      })
      .nullable()
      .describe('What is told, before a format gives it another shape; null when it is not kept any more'),
  })
  .meta({ id: 'WholeWebhookDelivery', description: 'A delivery with what it tells.' });

export function toDeliveryView(delivery: WebhookDelivery): DeliveryView {
  return {
    id: delivery.id,
    endpoint_id: delivery.endpointId,
    event_id: delivery.eventId,
    event_type: delivery.type,
    job_id: delivery.jobId,
    replayed: delivery.details.replayed === true,
    status: delivery.status,
    created_at: delivery.createdAt,
    next_attempt_at: delivery.dueAt,
    finished_at: delivery.finishedAt,
    attempts: delivery.attempts,
  };
}

export function toWholeDeliveryView(delivery: WholeDelivery): z.input<typeof wholeDeliveryViewSchema> {
  const { eventId: id, type, createdAt: created_at, details, payload } = delivery;
  const event = payload === null ? null : readEvent({ id, type, created_at, details, payload });
  return { ...toDeliveryView(delivery), event: event && { ...event, data: { ...event.data } } };
}
