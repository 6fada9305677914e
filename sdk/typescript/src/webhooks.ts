import type { Webhooks } from './generated/types.gen.js';
import { verifySignature, type WebhookVerification } from './webhookSignature.js';

/** What endpoints of the format `json` are sent. `type` says which; types that the API adds later are sent to those alone that ask for them. */
export type WebhookEvent = Webhooks['body'];

/**
 * The event that a request to an endpoint brings.
 * @throws WebhookVerificationError for a request that the API has not sent, or not just now: answer it with 400 and take nothing from it.
 */
export async function verifyWebhook(verification: WebhookVerification): Promise<WebhookEvent> {
  await verifySignature(verification);
  const { body } = verification;
  return JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body)) as WebhookEvent;
}
