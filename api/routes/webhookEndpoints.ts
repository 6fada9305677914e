import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { lockAccount } from '../../db/accounts';
import type { Db } from '../../db/connection';
import { findStoredAnswer } from '../../db/idempotencyKeys';
import { countRecoverable } from '../../db/webhookDeliveries';
import {
  changeEndpoint,
  countEndpoints,
  createEndpoint,
  deleteEndpoint,
  disableForOwner,
  enableEndpoint,
  listEndpoints,
  lockEndpoint,
  MAX_ENDPOINTS,
  resetEndpointState,
  rotateSecret,
} from '../../db/webhookEndpoints';
import { AppError } from '../../domain/errors';
import { addMillis, DAY_MS } from '../../domain/time';
import { changeRoute, type ChangeCall } from '../changeRoute';
import {
  itemBody,
  itemSchema,
  messageBody,
  messageSchema,
  wholeListBody,
  wholeListSchema,
} from '../envelope';
import { exampleEndpointView } from '../examples';
import { answerOnce, REPLAYED_HEADERS, REPLAYED_MEANING } from '../idempotency';
import { refuseUnlessPlan } from '../planChecks';
import { route } from '../route';
import {
  ownEndpoint,
  recordEndpointAct,
  refuseWithoutWebhooks,
  standingOf,
  wakeEndpoint,
  type WebhookCall,
} from '../webhookCalls';
import {
  endpointChanges,
  faultsOfFormat,
  faultsOfSavedSearches,
  faultsOfSettings,
  newEndpoint,
  refuseFaults,
  settingsOf,
} from '../webhookSettings';
import { endpointViewSchema, toEndpointView } from '../webhookViews';
import { endpointParams, RECOVERY_DAYS } from './webhookParameters';

const MAX_BODY_BYTES = 100_000;
/** How long the secret before the present one signs beside it. */
const ROTATION_MS = DAY_MS;
const MAX_RECOVERABLE_COUNTED = 10_000;

/** Not of a form that a secret has, lest it is taken for one. */
const EXAMPLE_SECRET = 'whsec_<24 random bytes in base64>';
const NO_STORE = { 'Cache-Control': 'no-store' } as const;

const secretSchema = z.object({
  secret: z
    .string()
    .describe('What its requests are signed with (Standard Webhooks): verify by it, and keep it to yourself'),
  previous_secret_until: z.iso
    .datetime()
    .nullable()
    .describe('Until when the secret before it signs, too; null when no rotation runs'),
});
const issuedEndpointSchema = endpointViewSchema
  .extend({ secret: secretSchema.shape.secret })
  .meta({ id: 'IssuedWebhookEndpoint', description: 'An endpoint that was just made, with its secret.' });

const listRoute = route({
  method: 'get',
  path: '/webhooks/endpoints',
  tag: 'Webhooks',
  summary: 'List the webhook endpoints',
  description: 'The oldest first. They stay listed on a plan without webhooks, paused.',
  scope: 'account:read',
  response: wholeListSchema(endpointViewSchema),
  example: wholeListBody([exampleEndpointView]),
  handler: async (call) => {
    const { caller, now, services } = call;
    const { secretBox } = services.keys;
    const [endpoints, standing] = await Promise.all([
      listEndpoints(services.db, caller.account.id, { secretBox, now }),
      standingOf(services.db, call),
    ]);
    return { body: wholeListBody(endpoints.map((endpoint) => toEndpointView(endpoint, standing, now))) };
  },
});

const createRoute = changeRoute({
  method: 'post',
  path: '/webhooks/endpoints',
  tag: 'Webhooks',
  summary: 'Make a webhook endpoint',
  description:
    'For the Business plan and larger ones. The address is looked up, and refused where it is not on the public internet. Requests to it are ' +
    'signed with the `secret` of the answer, which can be read again.',
  scope: 'webhooks:write',
  body: {
    schema: newEndpoint,
    maxBytes: MAX_BODY_BYTES,
    example: {
      url: 'https://hooks.example.com/upwork/4f7a1c',
      events: ['job.matched', 'job.closed'],
      headers: { Authorization: 'Bearer <a token of yours>' },
      description: 'leads',
    },
  },
  response: itemSchema(issuedEndpointSchema),
  successStatus: 201,
  example: itemBody({ ...exampleEndpointView, secret: EXAMPLE_SECRET }),
  responseHeaders: REPLAYED_MEANING,
  furtherFaults: async (call) => {
    await refuseWithoutWebhooks(call);
    // Answered before: the address need not be found once more.
    return (await isAnswered(call)) ? [] : await faultsOfSettings(call.value, call);
  },
  handler: async (call) => {
    const { caller, value, now, services, idempotency } = call;
    const { secretBox } = services.keys;
    const accountId = caller.account.id;
    const act = async (transaction: Db) => {
      await lockAccount(transaction, accountId);
      await refuseMoreEndpoints(transaction, call);
      refuseFaults(await faultsOfSavedSearches(transaction, call, value.saved_search_ids));
      const id = randomUUID();
      const secret = services.webhooks.newSecret();
      const settings = settingsOf(value);
      const isEnabled = value.enabled;
      await createEndpoint(transaction, { id, accountId, secret, settings, isEnabled, secretBox, now });
      await recordEndpointAct(transaction, call, 'webhook_endpoint.created', {
        id,
        details: { events: value.events, format: value.format, enabled: isEnabled },
      });
      return { status: 201, body: itemBody({ ...(await viewEndpoint(transaction, call, id)), secret }) };
    };
    const { answer, isReplay } = await answerOnce(services.db, idempotency, now, act, secretBox);
    return {
      status: answer.status,
      // An answer that was kept is one that this route has given.
      body: answer.body as Awaited<ReturnType<typeof act>>['body'],
      headers: { ...NO_STORE, ...(isReplay ? REPLAYED_HEADERS : {}) },
    };
  },
});

const readRoute = route({
  method: 'get',
  path: '/webhooks/endpoints/{id}',
  tag: 'Webhooks',
  summary: 'Read a webhook endpoint',
  scope: 'account:read',
  params: endpointParams,
  response: itemSchema(endpointViewSchema),
  example: itemBody(exampleEndpointView),
  handler: async (call) => ({ body: itemBody(await viewEndpoint(call.services.db, call, call.params.id)) }),
});

const changeEndpointRoute = changeRoute({
  method: 'patch',
  path: '/webhooks/endpoints/{id}',
  tag: 'Webhooks',
  summary: 'Change a webhook endpoint',
  description:
    'Members that are left out stay as they are. `"enabled": true` has it begin anew, whatever it was disabled for, and without the rest that ' +
    'failures earned it; `warnings` say what waits to be recovered. `"enabled": false` gives up what is on its way, which can be recovered, and ' +
    'keeps nothing of what happens until it is enabled again. Another `url` begins anew, too.',
  scope: 'webhooks:write',
  params: endpointParams,
  body: {
    schema: endpointChanges,
    maxBytes: MAX_BODY_BYTES,
    example: { events: ['job.matched', 'job.closed'], max_in_flight: 4, enabled: true },
  },
  response: itemSchema(endpointViewSchema),
  example: itemBody({ ...exampleEndpointView, max_in_flight: 4 }, [
    '12 deliveries of events since 2026-01-19T08:00:00.000Z have failed: POST /webhooks/endpoints/{id}/recover with ' +
      '{"since":"2026-01-19T08:00:00.000Z"} sends them again.',
  ]),
  furtherFaults: async (call) => {
    await refuseWithoutWebhooks(call);
    const before = await ownEndpoint(call.services.db, call, call.params.id);
    return await faultsOfSettings(call.value, call, before);
  },
  handler: async (call) => {
    const { params, value, now, services } = call;
    const { secretBox } = services.keys;
    const body = await services.db.transaction(async (transaction) => {
      // Saved searches that it is to name are not deleted meanwhile, and no other change comes between.
      await lockAccount(transaction, call.caller.account.id);
      const before = await ownEndpoint(transaction, call, params.id);
      // Once more, for what may have been changed meanwhile.
      refuseFaults([
        ...(await faultsOfSavedSearches(transaction, call, value.saved_search_ids)),
        ...faultsOfFormat(value, before),
      ]);
      const settings = settingsOf(value);
      if (value.enabled === false) await disableForOwner(transaction, { id: before.id, now });
      if (value.enabled === true) await enableEndpoint(transaction, before.id);
      else if (settings.url !== undefined) await resetEndpointState(transaction, before.id);
      await changeEndpoint(transaction, before.id, { settings, secretBox, now });
      await recordEndpointAct(transaction, call, 'webhook_endpoint.changed', {
        id: before.id,
        details: { changed: Object.keys(value), enabled: value.enabled },
      });
      const view = await viewEndpoint(transaction, call, before.id);
      const warnings = value.enabled === true ? await recoveryOf(transaction, call, before.id) : [];
      return itemBody(view, warnings);
    });
    if (body.data.enabled) await wakeEndpoint(call, body.data.id);
    return { body };
  },
});

const deleteRoute = changeRoute({
  method: 'delete',
  path: '/webhooks/endpoints/{id}',
  tag: 'Webhooks',
  summary: 'Delete a webhook endpoint',
  description:
    'For good, with its deliveries and the memory of what it was told. To stop it for a while, disable it.',
  scope: 'webhooks:write',
  params: endpointParams,
  response: messageSchema,
  example: messageBody('The endpoint and its deliveries are deleted.'),
  handler: async (call) => {
    const { db, webhooks } = call.services;
    await db.transaction(async (transaction) => {
      await lockAccount(transaction, call.caller.account.id);
      const { id } = await ownEndpoint(transaction, call, call.params.id);
      await deleteEndpoint(transaction, id);
      await recordEndpointAct(transaction, call, 'webhook_endpoint.deleted', { id });
    });
    // Its workflow finds that it is gone, and ends.
    await webhooks.wake(call.params.id);
    return { body: messageBody('The endpoint and its deliveries are deleted.') };
  },
});

const readSecretRoute = route({
  method: 'get',
  path: '/webhooks/endpoints/{id}/secret',
  tag: 'Webhooks',
  summary: 'Read the secret of a webhook endpoint',
  scope: 'webhooks:write',
  params: endpointParams,
  response: itemSchema(secretSchema),
  example: itemBody({ secret: EXAMPLE_SECRET, previous_secret_until: null }),
  handler: async (call) => {
    const body = itemBody(await secretOf(call.services.db, call, call.params.id));
    return { headers: NO_STORE, body };
  },
});

const rotateSecretRoute = changeRoute({
  method: 'post',
  path: '/webhooks/endpoints/{id}/rotate-secret',
  tag: 'Webhooks',
  summary: 'Give a webhook endpoint a new secret',
  description:
    'For 24 hours the old one signs as well, and `webhook-signature` holds both signatures: a receiver that knows either of them goes on. A ' +
    'second rotation within that time ends the oldest at once.',
  scope: 'webhooks:write',
  params: endpointParams,
  response: itemSchema(secretSchema),
  example: itemBody({ secret: EXAMPLE_SECRET, previous_secret_until: '2026-01-21T12:00:00.000Z' }),
  responseHeaders: REPLAYED_MEANING,
  handler: async (call) => {
    await refuseWithoutWebhooks(call);
    const { params, now, services, idempotency } = call;
    const { secretBox } = services.keys;
    const act = async (transaction: Db) => {
      await lockEndpoint(transaction, params.id);
      const { id } = await ownEndpoint(transaction, call, params.id);
      const secret = services.webhooks.newSecret();
      const previousUntil = addMillis(now, ROTATION_MS);
      await rotateSecret(transaction, id, { secret, previousUntil, secretBox, now });
      await recordEndpointAct(transaction, call, 'webhook_endpoint.secret_rotated', { id });
      return { status: 200, body: itemBody(await secretOf(transaction, call, id)) };
    };
    const { answer, isReplay } = await answerOnce(services.db, idempotency, now, act, secretBox);
    return {
      status: answer.status,
      body: answer.body as Awaited<ReturnType<typeof act>>['body'],
      headers: { ...NO_STORE, ...(isReplay ? REPLAYED_HEADERS : {}) },
    };
  },
});

export const webhookEndpointRoutes = [
  listRoute,
  createRoute,
  readRoute,
  changeEndpointRoute,
  deleteRoute,
  readSecretRoute,
  rotateSecretRoute,
];

async function viewEndpoint(db: Db, call: WebhookCall, id: string) {
  const endpoint = await ownEndpoint(db, call, id);
  return toEndpointView(endpoint, await standingOf(db, call), call.now);
}

async function secretOf(db: Db, call: WebhookCall, id: string): Promise<z.input<typeof secretSchema>> {
  const { target, previousSecretUntil } = await ownEndpoint(db, call, id);
  const [secret = ''] = target.secrets;
  return { secret, previous_secret_until: previousSecretUntil };
}

async function isAnswered({ idempotency, now, services }: ChangeCall<unknown, unknown>): Promise<boolean> {
  if (!idempotency) return false;
  return (await findStoredAnswer(services.db, idempotency, now, services.keys.secretBox)) !== null;
}

/** @throws AppError `plan_upgrade_required` naming the plan that has more, `conflict` where none has. */
async function refuseMoreEndpoints(transaction: Db, call: WebhookCall): Promise<void> {
  const { caller, now } = call;
  const count = await countEndpoints(transaction, caller.account.id);
  if (count >= MAX_ENDPOINTS) {
    throw new AppError(
      'conflict',
      `The account has ${count} webhook endpoints, and ${MAX_ENDPOINTS} is the most. Delete one that is not used.`,
    );
  }
  await refuseUnlessPlan(
    // On this very connection: who holds one and waits for another may wait for those who wait for the lock.
    { caller, now, services: { db: transaction } },
    {
      has: ({ webhook_endpoints: most }) => most === null || count < most,
      what: `More than ${count} webhook endpoints`,
    },
  );
}

/** In a sentence, what has failed and how to have it sent again; none when nothing has. */
async function recoveryOf(db: Db, { now }: WebhookCall, endpointId: string): Promise<string[]> {
  const since = addMillis(now, -RECOVERY_DAYS * DAY_MS);
  const most = MAX_RECOVERABLE_COUNTED;
  const { count, firstAt } = await countRecoverable(db, { endpointId, since, most });
  if (firstAt === null) return [];
  const many = count < most ? String(count) : `${most} or more`;
  return [
    `${many} ${count === 1 ? 'delivery' : 'deliveries'} of events since ${firstAt} ${count === 1 ? 'has' : 'have'} failed: ` +
      `POST /webhooks/endpoints/${endpointId}/recover with {"since":"${firstAt}"} sends them again.`,
  ];
}
