export { type JobsQuery, UpworkJobs, type UpworkJobsOptions } from './client.js';
export { ApiError, ConnectionError, type Fault } from './errors.js';
export type { Page, PagePlace } from './pages.js';
export type { RetryPolicy } from './retries.js';
export type * from './generated/types.gen.js';
export { type WebhookEvent, verifyWebhook } from './webhooks.js';
export {
  type ReceivedWebhook,
  type WebhookVerification,
  WebhookVerificationError,
} from './webhookSignature.js';
