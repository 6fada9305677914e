import { z } from 'zod';
import { changeApiKey, replaceApiKey } from '../../db/apiKeyChanges';
import { issueApiKey, listApiKeys, revokeApiKey } from '../../db/apiKeys';
import { API_KEY_KINDS, API_KEY_SCOPES } from '../../domain/apiKey';
import {
  DEFAULT_OVERLAP_HOURS,
  MAX_ALLOWED_NETWORKS,
  MAX_KEY_NAME_LENGTH,
  MAX_KEYS_IN_EFFECT,
  MAX_KEYS_MADE_IN_A_DAY,
  MAX_OVERLAP_HOURS,
} from '../../domain/apiKeyTerms';
import { HOUR_MS, toTimestamp } from '../../domain/time';
import { isNetwork } from '../callerAddress';
import { changeRoute } from '../changeRoute';
import { itemBody, itemSchema, wholeListBody, wholeListSchema } from '../envelope';
import { exampleKeyView } from '../examples';
import {
  changeKeys,
  ownKey,
  recordKeyAct,
  refuseFaults,
  refuseMoreKeys,
  refuseScopesBeyond,
} from '../keyChanges';
import { REPLAYED_MEANING } from '../idempotency';
import { issuedKeySchema, keyViewSchema, rotatedKeySchema, toKeyView } from '../keyView';
import { route } from '../route';

const MAX_ID_LENGTH = 100;
const MAX_LIMIT = 1_000_000_000;
const MAX_TIME_LENGTH = 40;
/** `2001:db8::ffff:255.255.255.255/128` and the like. */
const MAX_NETWORK_LENGTH = 50;
/** IPv4 addresses written as IPv6: a caller's address is never told in this form, so none would be let in. */
const IPV4_IN_IPV6 = /^::ffff:/i;
const LEADING_ZERO = /\/0\d/;

const name = z.string().trim().min(1).max(MAX_KEY_NAME_LENGTH).describe('What it is for');
const allowedIps = z
  .array(
    z
      .string()
      .max(MAX_NETWORK_LENGTH)
      .refine(
        (text) => isNetwork(text) && !IPV4_IN_IPV6.test(text) && !LEADING_ZERO.test(text),
        'This is no address and no network: write 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32',
      ),
  )
  .max(MAX_ALLOWED_NETWORKS)
  .describe(
    'Addresses and networks (CIDR) from which the key may be used, IPv4 or IPv6; none: from everywhere',
  );
const requestsPerMinute = z
  .int()
  .min(1)
  .max(MAX_LIMIT)
  .describe("A limit of its own, at most the account's, within which it counts, too");
const monthlyCalls = z
  .int()
  .min(0)
  .max(MAX_LIMIT)
  .describe("A limit of its own in a billing period, at most the account's, within which it counts, too");

const newKey = z.strictObject({
  name: name.optional(),
  kind: z.enum(API_KEY_KINDS).default('live').describe('Test keys read samples only, and change nothing'),
  scopes: z
    .array(z.enum(API_KEY_SCOPES))
    .min(1)
    .max(API_KEY_SCOPES.length)
    .default(['jobs:read'])
    .describe('What it may do; nothing that the key with which you ask may not'),
  expires_at: z.iso
    .datetime({ offset: true })
    .max(MAX_TIME_LENGTH)
    .transform((text) => toTimestamp(Date.parse(text)))
    .optional()
    .describe('When it ends by itself'),
  allowed_ips: allowedIps.default([]),
  requests_per_minute: requestsPerMinute.optional(),
  monthly_calls: monthlyCalls.optional(),
});

const keyChanges = z
  .strictObject({
    name: name.nullable().optional(),
    allowed_ips: allowedIps.optional(),
    requests_per_minute: requestsPerMinute.nullable().optional(),
    monthly_calls: monthlyCalls.nullable().optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, 'There is nothing in it to change');

const rotation = z.strictObject({
  overlap_hours: z
    .number()
    .min(0)
    .max(MAX_OVERLAP_HOURS)
    .default(DEFAULT_OVERLAP_HOURS)
    .describe('How long the old key works on, unless it expires before'),
});

const params = z.object({
  id: z
    .string()
    .max(MAX_ID_LENGTH)
    .meta({ description: 'Id of the key', example: '6f1c2a0e-5b1d-4c3e-9a43-0d8f6f1f2b11' }),
});

/** Not of a form that a key has, lest it is taken for one. */
const EXAMPLE_SECRET = 'uj_live_<32 characters><checksum>';
const EXAMPLE_SUCCESSOR_ID = 'c0ffee00-5b1d-4c3e-9a43-0d8f6f1f2b11';

const listKeys = route({
  method: 'get',
  path: '/account/keys',
  tag: 'Keys',
  summary: 'List the keys of the account',
  description:
    'First those that are not revoked, the newest first; then those that are. At most 1,000. Of each the last four characters are shown.',
  scope: 'account:read',
  response: wholeListSchema(keyViewSchema),
  example: wholeListBody([{ ...exampleKeyView, last_used_at: '2026-01-20T11:59:58.000Z' }]),
  handler: async ({ caller, now, services }) => {
    const keys = await listApiKeys(services.db, caller.account.id);
    return { body: wholeListBody(keys.map((key) => toKeyView(key, now))) };
  },
});

const createKey = changeRoute({
  method: 'post',
  path: '/account/keys',
  tag: 'Keys',
  summary: 'Make a key',
  description:
    `Its \`secret\` is shown in this answer alone. An account has up to ${MAX_KEYS_IN_EFFECT} keys that work, and makes up to ` +
    `${MAX_KEYS_MADE_IN_A_DAY} within 24 hours. Repeat a request whose answer you did not get with the same \`Idempotency-Key\`.`,
  scope: 'account:write',
  body: {
    schema: newKey,
    isOptional: true,
    example: {
      name: 'nightly import',
      scopes: ['jobs:read'],
      expires_at: '2026-12-31T00:00:00Z',
      allowed_ips: ['203.0.113.0/24', '2001:db8::/32'],
      requests_per_minute: 20,
    },
  },
  response: itemSchema(issuedKeySchema),
  successStatus: 201,
  example: itemBody({ ...exampleKeyView, secret: EXAMPLE_SECRET }),
  responseHeaders: REPLAYED_MEANING,
  handler: async (call) => {
    const { caller, value, now, services } = call;
    const terms = {
      name: value.name ?? null,
      kind: value.kind,
      scopes: [...new Set(value.scopes)],
      expiresAt: value.expires_at ?? null,
      allowedIps: value.allowed_ips,
      requestsPerMinute: value.requests_per_minute ?? null,
      monthlyCalls: value.monthly_calls ?? null,
    };
    // Before the answer is looked up that was given before: it holds a key, and is for those alone who might have made it.
    refuseScopesBeyond(caller.key, terms.scopes);
    return await changeKeys(call, async (transaction) => {
      refuseFaults(call, terms);
      const accountId = caller.account.id;
      await refuseMoreKeys(transaction, call, { isReplacement: false });
      const { id, secret } = await issueApiKey(transaction, {
        ...terms,
        accountId,
        pepper: services.keys.pepper,
        now,
      });
      const view = toKeyView(await ownKey(transaction, call, id), now);
      await recordKeyAct(transaction, call, 'key.created', view);
      return { status: 201, body: itemBody({ ...view, secret }) };
    });
  },
});

const changeKey = changeRoute({
  method: 'patch',
  path: '/account/keys/{id}',
  tag: 'Keys',
  summary: 'Change a key',
  description:
    'Its name, where from it may be used, and its own limits; `null` takes a name or a limit away. Scopes and expiry of a key stay: make another one.',
  scope: 'account:write',
  params,
  body: { schema: keyChanges, example: { name: 'hourly import', requests_per_minute: null } },
  response: itemSchema(keyViewSchema),
  example: itemBody({ ...exampleKeyView, name: 'hourly import', requests_per_minute: null }),
  handler: async (call) => {
    const { value, params: asked, now } = call;
    const changes = {
      name: value.name,
      allowedIps: value.allowed_ips,
      requestsPerMinute: value.requests_per_minute,
      monthlyCalls: value.monthly_calls,
    };
    refuseFaults(call, changes);
    return await changeKeys({ ...call, idempotency: null }, async (transaction) => {
      const { id } = await ownKey(transaction, call, asked.id);
      await changeApiKey(transaction, id, changes);
      const view = toKeyView(await ownKey(transaction, call, id), now);
      await recordKeyAct(transaction, call, 'key.changed', view, { changed: Object.keys(value) });
      return { status: 200, body: itemBody(view) };
    });
  },
});

const revokeKey = changeRoute({
  method: 'delete',
  path: '/account/keys/{id}',
  tag: 'Keys',
  summary: 'Revoke a key',
  description:
    'At once, and for good; within a second it is refused everywhere. The key with which you ask can be revoked, too. A key that is revoked stays so as of the first time.',
  scope: 'account:write',
  params,
  response: itemSchema(keyViewSchema),
  example: itemBody({
    ...exampleKeyView,
    status: 'revoked' as const,
    revoked_at: '2026-01-20T12:00:00.000Z',
  }),
  handler: async (call) => {
    const { caller, params: asked, now } = call;
    return await changeKeys({ ...call, idempotency: null }, async (transaction) => {
      const key = await ownKey(transaction, call, asked.id);
      if (key.revokedAt !== null) return { status: 200, body: itemBody(toKeyView(key, now)) };
      await revokeApiKey(transaction, { accountId: caller.account.id, id: key.id, now });
      const view = toKeyView({ ...key, revokedAt: now }, now);
      await recordKeyAct(transaction, call, 'key.revoked', view);
      return { status: 200, body: itemBody(view) };
    });
  },
});

const rotateKey = changeRoute({
  method: 'post',
  path: '/account/keys/{id}/rotate',
  tag: 'Keys',
  summary: 'Replace a key',
  description:
    `Makes a key of the same terms, whose \`secret\` is shown in this answer alone. The old one works on for \`overlap_hours\`, ` +
    `${DEFAULT_OVERLAP_HOURS} unless given and ${MAX_OVERLAP_HOURS} at most, or until it expires if that is sooner. A key is replaced once, while it ` +
    'works: 409 when it was replaced, is revoked or has expired. The new one can be replaced in turn.',
  scope: 'account:write',
  params,
  body: { schema: rotation, example: { overlap_hours: 24 }, isOptional: true },
  response: itemSchema(rotatedKeySchema),
  successStatus: 201,
  example: itemBody({
    ...exampleKeyView,
    id: EXAMPLE_SUCCESSOR_ID,
    created_at: '2026-01-20T12:00:00.000Z',
    secret: EXAMPLE_SECRET,
    replaces: {
      ...exampleKeyView,
      expires_at: '2026-01-21T12:00:00.000Z',
      replaced_by: EXAMPLE_SUCCESSOR_ID,
    },
  }),
  responseHeaders: REPLAYED_MEANING,
  handler: async (call) => {
    const { caller, params: asked, value, now, services } = call;
    // As above: before the answer is looked up.
    const target = await ownKey(services.db, call, asked.id);
    refuseScopesBeyond(caller.key, target.scopes);
    return await changeKeys(call, async (transaction) => {
      const old = await ownKey(transaction, call, asked.id);
      await refuseMoreKeys(transaction, call, { isReplacement: true });
      const { id, secret } = await replaceApiKey(transaction, old, {
        overlapMs: value.overlap_hours * HOUR_MS,
        pepper: services.keys.pepper,
        now,
      });
      const view = toKeyView(await ownKey(transaction, call, id), now);
      const replaces = toKeyView(await ownKey(transaction, call, old.id), now);
      await recordKeyAct(transaction, call, 'key.rotated', replaces, { replaced_by: id });
      return { status: 201, body: itemBody({ ...view, secret, replaces }) };
    });
  },
});

export const keyRoutes = [listKeys, createKey, changeKey, revokeKey, rotateKey];
