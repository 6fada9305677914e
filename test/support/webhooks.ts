import { randomBytes, randomUUID } from 'node:crypto';
import { createAccount } from '../../db/accounts';
import type { Db } from '../../db/connection';
import { createSecretBox } from '../../db/secretBox';
import { sealEndpointPart } from '../../db/webhookSecrets';
import type { Timestamp } from '../../domain/time';

export const SECRET_BOX = createSecretBox(Buffer.alloc(32, 'webhooks').toString('base64'));

interface EndpointTerms {
  accountId: string;
  url?: string;
  events?: string[];
  savedSearchIds?: string[] | null;
  maxInFlight?: number;
  rateLimit?: number | null;
  format?: string;
  formatOptions?: object;
  now: Timestamp;
}

/** Adds an endpoint as the API does. Gives its id and what it is signed with. */
export async function addEndpoint(
  db: Db,
  {
    accountId,
    url = 'https://hooks.example.com/in',
    events = ['job.matched', 'job.updated', 'job.closed', 'usage.threshold'],
    savedSearchIds = null,
    maxInFlight = 1,
    rateLimit = null,
    format = 'json',
    formatOptions = {},
    now,
  }: EndpointTerms,
): Promise<{ id: string; secret: string }> {
  const id = randomUUID();
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  await db('webhook_endpoints').insert({
    id,
    account_id: accountId,
    sealed_url: sealEndpointPart(SECRET_BOX, { endpointId: id, part: 'url', text: url }),
    sealed_secret: sealEndpointPart(SECRET_BOX, { endpointId: id, part: 'secret', text: secret }),
    events,
    saved_search_ids: savedSearchIds,
    format,
    format_options: formatOptions,
    max_in_flight: maxInFlight,
    rate_limit: rateLimit,
    created_at: now,
    updated_at: now,
  });
  return { id, secret };
}

export async function addAccount(db: Db, planId: string, now: Timestamp): Promise<string> {
  const id = randomUUID();
  await createAccount(db, { id, email: `${id}@example.com`, planId, now });
  return id;
}

/** Puts events on their way to an endpoint, one for each title, in this order. Gives the ids of the deliveries. */
export async function addDeliveries(
  db: Db,
  endpointId: string,
  titles: readonly string[],
  dueAt: Timestamp,
): Promise<string[]> {
  const ids: string[] = [];
  const [accountId] = await db('webhook_endpoints').where({ id: endpointId }).pluck<string[]>('account_id');
  for (const title of titles) {
    const [payload] = await db('webhook_payloads')
      .insert({
        job_id: title,
        job_version: 1,
        body: JSON.stringify({ id: title, title }),
        created_at: dueAt,
      })
      .returning<{ id: number }[]>('id');
    const id = randomUUID();
    await db('webhook_deliveries').insert({
      id,
      endpoint_id: endpointId,
      account_id: accountId,
      event_id: `evt_${id.replaceAll('-', '')}`,
      type: 'job.matched',
      created_at: dueAt,
      payload_id: payload!.id,
      job_id: title,
      details: { saved_searches: [{ id: 'one', name: 'One' }] },
      due_at: dueAt,
    });
    ids.push(id);
  }
  return ids;
}

export interface StoredDelivery {
  id: string;
  event_id: string;
  type: string;
  job_id: string | null;
  status: string;
  tries: number;
  due_at: Timestamp | null;
  details: Record<string, unknown>;
  attempts: { at: string; status_code: number | null; error: string | null; answer: string | null }[];
}

export async function readDeliveries(db: Db, endpointId: string): Promise<StoredDelivery[]> {
  return await db('webhook_deliveries')
    .where({ endpoint_id: endpointId })
    .orderBy('sequence')
    .select<StoredDelivery[]>(
      'id',
      'event_id',
      'type',
      'job_id',
      'status',
      'tries',
      'due_at',
      'details',
      'attempts',
    );
}
