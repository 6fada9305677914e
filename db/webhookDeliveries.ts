import type { EventDetails } from '../domain/webhooks/body';
import type { DeliveryStatus, ParsedDeliveryQuery } from '../domain/webhooks/deliveryQuery';
import { TEST_EVENT_TYPE } from '../domain/webhooks/eventTypes';
import type { WebhookAttempt } from '../domain/webhooks/message';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

/** An event on its way to an endpoint, or arrived, or given up. */
export interface WebhookDelivery {
  id: string;
  /** Its place in the log. */
  sequence: number;
  endpointId: string;
  eventId: string;
  type: string;
  /** Null where the event is about no job. */
  jobId: string | null;
  status: DeliveryStatus;
  createdAt: Timestamp;
  /** When it is to be sent; null unless it is pending. */
  dueAt: Timestamp | null;
  finishedAt: Timestamp | null;
  attempts: WebhookAttempt[];
  /** What the event tells besides its payload. */
  details: EventDetails;
}

/** With its payload, as JSON text; null when that is not kept any more. */
export interface WholeDelivery extends WebhookDelivery {
  payload: string | null;
}

const COLUMNS = `d.id, d.sequence, d.endpoint_id as "endpointId", d.event_id as "eventId", d.type, d.job_id as "jobId",
  d.status, d.created_at as "createdAt", d.due_at as "dueAt", d.finished_at as "finishedAt", d.attempts, d.details`;

/** What was sent to an endpoint and what is to be, the newest first. */
export async function listDeliveries(
  db: Db,
  endpointId: string,
  { statuses, before, limit }: ParsedDeliveryQuery,
): Promise<WebhookDelivery[]> {
  const { rows } = await db.raw<{ rows: WebhookDelivery[] }>(
    `select ${COLUMNS} from webhook_deliveries d
     where d.endpoint_id = :endpointId
       ${statuses === null ? '' : 'and d.status = any (cast(:statuses as text[]))'}
       ${before === null ? '' : 'and d.sequence < :before'}
     order by d.sequence desc limit :limit`,
    { endpointId, limit, ...(statuses === null ? {} : { statuses }), ...(before === null ? {} : { before }) },
  );
  return rows;
}

/** A delivery to an endpoint of the account; null when it has none of this id. */
export async function findDelivery(
  db: Db,
  { accountId, id }: { accountId: string; id: string },
): Promise<WholeDelivery | null> {
  const { rows } = await db.raw<{ rows: WholeDelivery[] }>(
    `select ${COLUMNS}, p.body as payload from webhook_deliveries d left join webhook_payloads p on p.id = d.payload_id
     where d.id = :id and d.account_id = :accountId`,
    { accountId, id },
  );
  return rows[0] ?? null;
}

/**
 * Sends a delivery on its way again, or one that is on its way at once. False when its payload is not kept any more: then nothing
 * is changed.
 */
export async function resendDelivery(db: Db, { id, now }: { id: string; now: Timestamp }): Promise<boolean> {
  const { rowCount } = await db.raw<{ rowCount: number }>(
    `update webhook_deliveries d
     set tries = case when status = 'pending' then tries else 0 end, status = 'pending',
         due_at = least(due_at, cast(:now as timestamptz)), finished_at = null
     where id = :id and exists (select from webhook_payloads p where p.id = d.payload_id)`,
    { id, now },
  );
  return rowCount > 0;
}

/**
 * Sends on their way again, in their order, the failed deliveries of an endpoint's events since a time. What has lost its payload
 * stays as it is, and so do tests. Gives how many they are.
 */
export async function recoverDeliveries(
  db: Db,
  { endpointId, since, now }: { endpointId: string; since: Timestamp; now: Timestamp },
): Promise<number> {
  const { rowCount } = await db.raw<{ rowCount: number }>(
    `update webhook_deliveries d set status = 'pending', due_at = :now, tries = 0, finished_at = null
     where ${RECOVERABLE} and d.created_at >= :since`,
    { endpointId, since, now, test: TEST_EVENT_TYPE },
  );
  return rowCount;
}

/** Of the endpoint's deliveries, those that `recoverDeliveries` would send. The index is of failed and expired ones. */
const RECOVERABLE = `d.endpoint_id = :endpointId and d.status in ('failed', 'expired') and d.status = 'failed'
  and d.type <> :test and exists (select from webhook_payloads p where p.id = d.payload_id)`;

/** How many deliveries of events since a time could be recovered, counted up to `most`, and when the first of those events was. */
export async function countRecoverable(
  db: Db,
  { endpointId, since, most }: { endpointId: string; since: Timestamp; most: number },
): Promise<{ count: number; firstAt: Timestamp | null }> {
  const { rows } = await db.raw<{ rows: [{ count: number; firstAt: Timestamp | null }] }>(
    `select count(*) as count, min(created_at) as "firstAt" from (
       select d.created_at from webhook_deliveries d where ${RECOVERABLE} and d.created_at >= :since
       order by d.created_at limit :most
     ) as counted`,
    { endpointId, since, most, test: TEST_EVENT_TYPE },
  );
  return rows[0];
}

/** Removes a delivery; what is on its way is not sent. */
export async function deleteDelivery(db: Db, id: string): Promise<void> {
  await db.raw(
    `with deleted as (delete from webhook_deliveries where id = :id returning payload_id, type)
     delete from webhook_payloads p using deleted
     where p.id = deleted.payload_id and p.job_id is null and deleted.type = :test`,
    { id, test: TEST_EVENT_TYPE },
  );
}
