import type { Timestamp } from '../time';
import { formatWebhook } from './formats';
import { fitsBytes, MAX_BODY_BYTES } from './formats/fit';
import { formatJson } from './formats/json';
import type { FormatOptions, WebhookEvent, WebhookFormat } from './message';
import type { SavedSearchName } from './notice';

/** An event as it is stored: its payload once for all who hear of it, and what each of them is told besides. */
export interface StoredEvent {
  /** `evt_...` */
  id: string;
  type: string;
  created_at: Timestamp;
  /** JSON text: of `job.*` the job as the API shows it, of any other type the data itself. */
  payload: string;
  details: EventDetails;
}

/** What an event tells besides its payload. */
export interface EventDetails {
  saved_searches?: readonly SavedSearchName[];
  changed_fields?: readonly string[];
  replayed?: true;
}

const JOB_EVENTS = 'job.';

/** What is sent of an event in a format: JSON text of 256 KiB at most. */
export function webhookBody(
  event: StoredEvent,
  { format, options }: { format: WebhookFormat; options: FormatOptions },
): string {
  return format === 'json' ? jsonEventBody(event) : formatWebhook(format, readEvent(event), options);
}

/** The body in the format `json`. The payload is put in as it is, not read: it is the greater part of it. */
export function jsonEventBody(event: StoredEvent): string {
  const { id, type, created_at, payload, details } = event;
  const { replayed, ...told } = details;
  const head = JSON.stringify({ id, type, ...(replayed && { replayed }), created_at });
  const data = type.startsWith(JOB_EVENTS) ? `{"job":${payload}${membersOf(told)}}` : payload;
  const body = `${head.slice(0, -1)},"data":${data}}`;
  return fitsBytes(body, MAX_BODY_BYTES) ? body : formatJson(readEvent(event));
}

/** The event that the pieces make up. */
export function readEvent({ id, type, created_at, payload, details }: StoredEvent): WebhookEvent {
  const { replayed, ...told } = details;
  const read = JSON.parse(payload) as object;
  return {
    id,
    type,
    ...(replayed && { replayed }),
    created_at,
    data: type.startsWith(JOB_EVENTS) ? { job: read, ...told } : read,
  };
}

/** As they follow another member. */
function membersOf(told: object): string {
  const text = JSON.stringify(told);
  return text === '{}' ? '' : `,${text.slice(1, -1)}`;
}
