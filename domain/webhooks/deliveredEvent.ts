import type { Timestamp } from '../time';
import type { WebhookEvent } from './message';

/** An event as it is stored: what it tells once for all who hear of it, and what it tells one of them besides. */
export interface StoredEvent {
  id: string;
  type: string;
  createdAt: Timestamp;
  /** Null where it is about no job. */
  jobId: string | null;
  /** JSON text: of the job as the API shows it, or of all that the event tells. */
  payload: string;
  details: Readonly<Record<string, unknown>>;
}

/** The event as receivers are told it, before a format. @throws SyntaxError when the payload is no JSON. */
export function toWebhookEvent({ id, type, createdAt, jobId, payload, details }: StoredEvent): WebhookEvent {
  const { replayed, ...others } = details;
  const told = JSON.parse(payload) as object;
  return {
    id,
    type,
    created_at: createdAt,
    ...(replayed === true ? { replayed } : {}),
    data: jobId === null ? { ...told, ...others } : { job: told, ...others },
  };
}
