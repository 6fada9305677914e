/** What endpoints can ask to hear of. */
export const WEBHOOK_EVENT_TYPES = [
  'job.matched',
  'job.updated',
  'job.closed',
  'usage.threshold',
  'invoice.created',
  'invoice.paid',
  'invoice.payment_failed',
] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

/** The type of the event that the test route sends, whatever an endpoint asks for. */
export const TEST_EVENT_TYPE = 'webhook.test';
