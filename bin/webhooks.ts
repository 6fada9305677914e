import { randomBytes } from 'node:crypto';
import type { WebhookServices } from '../api/services';

/** Requests to customers' endpoints are not made yet: no address is taken, so that there is nothing to wake. */
export function createWebhookServices(): WebhookServices {
  return {
    check: () => Promise.resolve('Endpoints are not served here yet.'),
    send: () => Promise.reject(new Error('Endpoints are not served here yet.')),
    wake: () => Promise.resolve(),
    newSecret: () => `whsec_${randomBytes(24).toString('base64')}`,
  };
}
