import {
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { EndpointReport } from '../domain/webhooks/endpointReport';
import { deliverDue } from './activities';
import { ENDPOINT_STATE } from './searchAttributes';

export interface WebhookEndpointInput {
  endpointId: string;
}

/** Something has come for the endpoint, or it is to be looked at again. */
const wake = defineSignal('wake');
/** How the endpoint stands; null until it was looked at. */
const standing = defineQuery<EndpointReport | null>('standing');

/** What an endpoint waits for at least, lest two clocks that differ a little make it turn in a circle. */
const MIN_WAIT_MS = 50;
/** Once a day it is looked whether the endpoint is still there. */
const MAX_WAIT_MS = 86_400_000;

/** Delivers to one endpoint for as long as there is one: what is due at once, the rest when its time has come. */
export async function webhookEndpoint(input: WebhookEndpointInput): Promise<void> {
  let isWoken = false;
  let report: EndpointReport | null = null;
  setHandler(wake, () => {
    isWoken = true;
  });
  setHandler(standing, () => report);

  for (let shown: EndpointReport['state'] | null = null; ;) {
    isWoken = false;
    report = await deliverDue(input.endpointId);
    if (report.state !== shown) {
      shown = report.state;
      upsertSearchAttributes([{ key: ENDPOINT_STATE, value: shown }]);
    }
    setCurrentDetails(describe(report));
    if (report.state === 'removed') return;
    // The next run begins with a look, whatever it was woken for.
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof webhookEndpoint>(input);
    await condition(() => isWoken, waitMs(report));
  }
}

function waitMs({ nextAt }: EndpointReport): number {
  const dueMs = nextAt === null ? MAX_WAIT_MS : Date.parse(nextAt) - Date.now();
  return Math.min(Math.max(dueMs, MIN_WAIT_MS), MAX_WAIT_MS);
}

function describe({ state, pending, failuresInARow, nextAt }: EndpointReport): string {
  const next = nextAt === null ? '' : `, next at ${nextAt}`;
  return `${state}: ${pending} waiting, ${failuresInARow} failures in a row${next}`;
}
