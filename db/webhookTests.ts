import type { WebhookAttempt, WebhookEvent } from '../domain/webhooks/message';
import { addMillis, MINUTE_MS, type Timestamp } from '../domain/time';
import type { Db } from './connection';

/** How many test events an endpoint was sent within a minute before a time, and when the first of these was. */
export async function countTests(
  db: Db,
  endpointId: string,
  now: Timestamp,
): Promise<{ count: number; firstAt: Timestamp | null }> {
  const { rows } = await db.raw<{ rows: [{ count: number; firstAt: Timestamp | null }] }>(
    `select count(*) as count, min(created_at) as "firstAt" from webhook_deliveries
     where created_at > :minuteAgo and endpoint_id = :endpointId and type = 'webhook.test'`,
    { endpointId, minuteAgo: addMillis(now, -MINUTE_MS) },
  );
  return rows[0];
}

/** Keeps that a test event is being sent, as one that has failed until it has not: nothing sends it again. */
export async function startTest(
  db: Db,
  {
    deliveryId,
    endpointId,
    accountId,
    event,
  }: { deliveryId: string; endpointId: string; accountId: string; event: WebhookEvent },
): Promise<void> {
  await db.raw(
    `with payload as (insert into webhook_payloads (body, created_at) values (:body, :now) returning id)
     insert into webhook_deliveries (id, endpoint_id, account_id, event_id, type, created_at, payload_id, status)
     select :deliveryId, :endpointId, :accountId, :eventId, :type, :now, id, 'failed' from payload`,
    {
      deliveryId,
      endpointId,
      accountId,
      eventId: event.id,
      type: event.type,
      body: JSON.stringify(event.data),
      now: event.created_at,
    },
  );
}

/** Keeps what became of a test event. One whose endpoint was deleted meanwhile is kept nowhere. */
export async function finishTest(
  db: Db,
  { deliveryId, attempt, now }: { deliveryId: string; attempt: WebhookAttempt; now: Timestamp },
): Promise<void> {
  await db('webhook_deliveries')
    .where({ id: deliveryId })
    .update({
      status: attempt.error === null ? 'delivered' : 'failed',
      attempts: JSON.stringify([attempt]),
      finished_at: now,
    });
}
