import { recordAct } from '../db/auditLog';
import type { Db } from '../db/connection';
import { listPlans } from '../db/plans';
import { findEndpoint, type WebhookEndpoint } from '../db/webhookEndpoints';
import { AppError } from '../domain/errors';
import { smallestPlanAbove } from '../domain/plan';
import { type AccountStanding, hasWebhooks } from '../domain/webhooks/endpointStatus';
import { refuseUnlessPlan } from './planChecks';
import type { KeyedCall } from './route';

/** What the routes of webhooks share of a call. */
export type WebhookCall = Pick<KeyedCall<unknown, unknown>, 'caller' | 'now' | 'services'>;

/** @throws AppError `plan_upgrade_required` naming the plan that has webhooks. */
export async function refuseWithoutWebhooks(call: WebhookCall): Promise<void> {
  await refuseUnlessPlan(call, { has: hasWebhooks, what: 'Webhooks' });
}

/** @throws AppError `not_found`, also for an endpoint of another account. */
export async function ownEndpoint(
  db: Db,
  { caller, now, services }: WebhookCall,
  id: string,
): Promise<WebhookEndpoint> {
  const { secretBox } = services.keys;
  const endpoint = await findEndpoint(db, { accountId: caller.account.id, id }, { secretBox, now });
  if (!endpoint) throw new AppError('not_found', `The account has no webhook endpoint ${id}.`);
  return endpoint;
}

/** What the status of endpoints depends on besides themselves. */
export async function standingOf(db: Db, { caller, now }: WebhookCall): Promise<AccountStanding> {
  const { account, plan } = caller;
  const larger = hasWebhooks(plan) ? null : smallestPlanAbove(plan, await listPlans(db, now), hasWebhooks);
  return { suspendedAt: account.suspendedAt, plan, planWithWebhooks: larger && larger.name };
}

/** Has what is due for an endpoint sent, as soon as may be: what is stored is sent in any case. */
export async function wakeEndpoint({ services }: WebhookCall, endpointId: string): Promise<void> {
  await services.webhooks.wake(endpointId).catch((error: unknown) => {
    services.logger.warn({ err: error, endpointId }, 'the endpoint is not woken; its deliveries wait');
  });
}

/** Addresses, headers and descriptions are left out: they may be secret, or tell of people. */
export async function recordEndpointAct(
  db: Db,
  { caller, now }: WebhookCall,
  action: string,
  { id, details = {} }: { id: string; details?: object },
): Promise<void> {
  await recordAct(db, {
    actor: `key:${caller.key.id}`,
    action,
    accountId: caller.account.id,
    subject: id,
    details,
    now,
  });
}
