import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { createWebhookSender, type WebhookSender } from '../webhooks/sender';
import { ENDPOINT_ID } from '../workflows/searchAttributes';
import type { webhookEndpoint } from '../workflows/webhookEndpoint';
import type { Config } from './config';

const USER_AGENT = 'upwork-jobs-platform';

/** Sends to what customers have named, and to nothing on our side of the network. */
export function webhookSenderOf({ webhooks: { allowsLoopback = false, extraPorts } }: Config): WebhookSender {
  return createWebhookSender({ userAgent: USER_AGENT, allowsLoopback, extraPorts });
}

/** Longest wait for Temporal to take a signal. */
const SIGNAL_TIMEOUT_MS = 5_000;
const SIGNALS_AT_ONCE = 20;

interface EndpointWaker {
  client: Client;
  taskQueue: string;
  logger: Logger;
}

/**
 * Lets the workflows of endpoints look for what is due, starting those that are not there. Never rejects: a schedule finds those that
 * could not be woken.
 */
export function createEndpointWaker({ client, taskQueue, logger }: EndpointWaker) {
  async function wakeEndpoint(endpointId: string): Promise<void> {
    try {
      await client.withDeadline(Date.now() + SIGNAL_TIMEOUT_MS, () =>
        client.workflow.signalWithStart<typeof webhookEndpoint>('webhookEndpoint', {
          workflowId: `webhook/${endpointId}`,
          taskQueue,
          args: [{ endpointId }],
          signal: 'wake',
          typedSearchAttributes: [{ key: ENDPOINT_ID, value: endpointId }],
        }),
      );
    } catch (error) {
      logger.warn({ error, endpointId }, 'endpoint could not be woken: a schedule will');
    }
  }

  return async (endpointIds: readonly string[]): Promise<void> => {
    const waiting = [...endpointIds];
    const wakeOneAfterAnother = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await wakeEndpoint(next);
    };
    await Promise.all(Array.from({ length: SIGNALS_AT_ONCE }, wakeOneAfterAnother));
  };
}
