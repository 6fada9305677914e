import { randomBytes, randomUUID } from 'node:crypto';
import supertest, { type Test } from 'supertest';
import type { Timestamp } from '../../domain/time';
import { NOW, type TestApi } from './api';

interface Asked {
  app?: TestApi['app'];
  body?: object;
  headers?: Record<string, string>;
}

/** Asks a route of `/webhooks` with a key: `post`, `/endpoints` makes an endpoint. */
export function askWebhooks(
  api: TestApi,
  { secret }: { secret: string },
  method: 'get' | 'post' | 'patch' | 'delete',
  path: string,
  { app = api.app, body, headers = {} }: Asked = {},
): Test {
  const client = supertest(app);
  const request = client[method](`/webhooks${path}`).set({ 'X-API-KEY': secret, ...headers });
  return body === undefined ? request : request.send(body);
}

export interface DeliveryTerms {
  id: string;
  eventId: string;
  type: string;
  status: string;
  createdAt: Timestamp;
  dueAt: Timestamp | null;
  /** Null: not kept any more. */
  payload: object | null;
  jobId: string | null;
  details: object;
  tries: number;
  attempts: object[];
}

/** Writes a delivery as publishing does, or as it stands some time later; a `job.matched` event that is pending unless given otherwise. */
export async function insertDelivery(
  api: TestApi,
  { accountId, endpointId }: { accountId: string; endpointId: string },
  terms: Partial<DeliveryTerms> = {},
): Promise<DeliveryTerms> {
  const { status = 'pending', payload = { id: 'job-1', title: 'A job' }, jobId = 'job-1' } = terms;
  const delivery: DeliveryTerms = {
    id: randomUUID(),
    eventId: `evt_${randomBytes(16).toString('hex')}`,
    type: 'job.matched',
    createdAt: NOW,
    dueAt: status === 'pending' ? NOW : null,
    details: { saved_searches: [{ id: 'search-1', name: 'mine' }] },
    tries: 0,
    attempts: [],
    ...terms,
    status,
    payload,
    jobId,
  };
  const { createdAt } = delivery;
  const [kept] = await api
    .db('webhook_payloads')
    .insert({ job_id: jobId, body: JSON.stringify(payload), created_at: createdAt })
    .returning('id');
  if (payload === null) await api.db('webhook_payloads').where({ id: kept.id }).delete();
  await api.db('webhook_deliveries').insert({
    id: delivery.id,
    endpoint_id: endpointId,
    account_id: accountId,
    event_id: delivery.eventId,
    type: delivery.type,
    created_at: createdAt,
    payload_id: kept.id,
    job_id: jobId,
    details: JSON.stringify(delivery.details),
    status,
    due_at: delivery.dueAt,
    tries: delivery.tries,
    attempts: JSON.stringify(delivery.attempts),
    finished_at: status === 'pending' ? null : createdAt,
  });
  return delivery;
}
