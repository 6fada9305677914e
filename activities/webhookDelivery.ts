import { Context, heartbeat } from '@temporalio/activity';
import {
  disableEndpoint,
  failWaiting,
  listForgottenEndpoints,
  type QueuedEndpoint,
  readQueuedEndpoint,
  readWaiting,
} from '../db/webhookQueue';
import { addMillis, type Timestamp } from '../domain/time';
import { isResting, leftAloneUntil } from '../domain/webhooks/endpointHealth';
import type { EndpointReport } from '../domain/webhooks/endpointReport';
import { type DrainServices, drainEndpoint } from './webhookDrain';
import { createOutcomeStore } from './webhookOutcomes';

export interface WebhookDeliveryServices extends Omit<DrainServices, 'outcomes'> {
  /** Never rejects. */
  wakeEndpoints: (endpointIds: readonly string[]) => Promise<void>;
}

/** An activity ends in time for the next one to take over, however much there is to send. */
const MAX_RUN_MS = 25_000;
/** The publisher wakes endpoints itself: what is due for so long was forgotten, or is under way. */
const FORGOTTEN_AFTER_MS = 20_000;
const LISTED_AT_ONCE = 500;

export type WebhookDeliveryActivities = ReturnType<typeof createWebhookDeliveryActivities>;

export function createWebhookDeliveryActivities(services: WebhookDeliveryServices) {
  const { db, wakeEndpoints, now } = services;
  const drainServices = { ...services, outcomes: createOutcomeStore(db) };

  /**
   * Sends an endpoint what is due, until nothing is, it is to be left alone, or half a minute is nearly over. Says how it stands and when
   * to come again. Killed on the way, it leaves what was not recorded to be sent again under the same ids.
   */
  async function deliverDue(endpointId: string): Promise<EndpointReport> {
    const stopAt = performance.now() + MAX_RUN_MS;
    const isOver = () => performance.now() >= stopAt || Context.current().cancellationSignal.aborted;
    for (;;) {
      const endpoint = await readQueuedEndpoint(db, endpointId, now());
      if (!endpoint) return { state: 'removed', nextAt: null, pending: 0, failuresInARow: 0 };
      const obstacle = obstacleTo(endpoint);
      if (obstacle) {
        await failWaiting(db, { endpointId, error: obstacle, now: now() });
        return { state: obstacle, nextAt: null, pending: 0, failuresInARow: endpoint.health.failuresInARow };
      }
      const at = now();
      const aloneUntil = leftAloneUntil(endpoint.health, at);
      const { pending, nextDueAt } = await readWaiting(db, endpointId);
      const isDue = nextDueAt !== null && nextDueAt <= at && aloneUntil === null;
      if (!isDue || isOver()) return report(endpoint, { pending, nextDueAt, aloneUntil });
      const { disable, pausedUntil } = await drainEndpoint(drainServices, endpoint, isOver);
      if (disable)
        await disableEndpoint(db, { endpointId, updatedAt: endpoint.updatedAt, reason: disable, now: now() });
      else if (pausedUntil !== null) return { ...(await waiting(endpoint)), nextAt: pausedUntil };
    }
  }

  /** Of an endpoint that has used up its minute. */
  async function waiting({ id, health }: QueuedEndpoint): Promise<EndpointReport> {
    const { pending, nextDueAt } = await readWaiting(db, id);
    return { state: 'active', nextAt: nextDueAt, pending, failuresInARow: health.failuresInARow };
  }

  /** Wakes endpoints that have had something due for a while: whoever put it there could not, or did not live to do it. */
  async function wakeForgottenEndpoints(): Promise<{ woken: number }> {
    let woken = 0;
    for (let after = ''; ;) {
      const at = now();
      const dueBefore = addMillis(at, -FORGOTTEN_AFTER_MS);
      const ids = await listForgottenEndpoints(db, { dueBefore, now: at, after, limit: LISTED_AT_ONCE });
      await wakeEndpoints(ids);
      woken += ids.length;
      heartbeat();
      const last = ids.at(-1);
      if (last === undefined || ids.length < LISTED_AT_ONCE) return { woken };
      after = last;
    }
  }

  return { deliverDue, wakeForgottenEndpoints };
}

/** Why nothing is sent to an endpoint; null when there is no reason. */
function obstacleTo({ disabledReason, plan, isSuspended }: QueuedEndpoint): 'disabled' | 'paused' | null {
  if (disabledReason !== null) return 'disabled';
  return isSuspended || plan.webhook_endpoints === 0 ? 'paused' : null;
}

function report(
  { health }: QueuedEndpoint,
  {
    pending,
    nextDueAt,
    aloneUntil,
  }: { pending: number; nextDueAt: Timestamp | null; aloneUntil: Timestamp | null },
): EndpointReport {
  const { failuresInARow, heldUntil } = health;
  const nextAt = nextDueAt === null || aloneUntil === null || aloneUntil < nextDueAt ? nextDueAt : aloneUntil;
  const isHeld = aloneUntil !== null && aloneUntil === heldUntil;
  const restingOr = (other: EndpointReport['state']) => (isResting(health) ? 'resting' : other);
  const state = isHeld ? 'held' : restingOr(failuresInARow > 0 ? 'failing' : 'active');
  return { state, nextAt, pending, failuresInARow };
}
