import type { Timestamp } from '../time';

/** An event as it is told, before a format gives it the shape that a service wants. Names as on the wire. */
export interface WebhookEvent {
  /** `evt_...`: the same whenever it is sent again, so that a receiver can drop repeats. */
  id: string;
  type: string;
  created_at: Timestamp;
  /** Sent anew for a past span. */
  replayed?: true;
  data: object;
}

export const WEBHOOK_FORMATS = ['json', 'slack', 'discord', 'telegram', 'hubspot', 'salesforce'] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

/** What a format needs to be told: Telegram's chat, the object and the fields of a CRM. */
export interface FormatOptions {
  chat_id?: string;
  object?: string;
  /** Field of the CRM: name of one of the job's fields. */
  fields?: Record<string, string>;
}

/** Where a message goes and what it carries besides its body. */
export interface WebhookTarget {
  url: string;
  /** The endpoint's own. */
  headers: Readonly<Record<string, string>>;
  /** `whsec_...`: each signs, the present one first. */
  secrets: readonly string[];
}

export interface WebhookMessage {
  /** Goes into `webhook-id`. */
  id: string;
  /** JSON. */
  body: string;
}

/** What became of one request. */
export interface WebhookAttempt {
  at: Timestamp;
  /** Null when there was no answer. */
  status_code: number | null;
  duration_ms: number;
  /** The first KiB of the answer's body, as text. */
  answer: string | null;
  /** Why there was no answer, or why it does not count as success; null for a success. */
  error: string | null;
}

export interface WebhookSendResult extends WebhookAttempt {
  /** Seconds that the receiver asks to be left alone (429 and 503), at most a day; null: it does not ask. */
  retryAfterSeconds: number | null;
}

/**
 * Signs a message and posts it. Never rejects: whatever goes wrong is in the result.
 */
export type SendWebhook = (target: WebhookTarget, message: WebhookMessage) => Promise<WebhookSendResult>;
