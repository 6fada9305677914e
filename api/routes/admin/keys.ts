import { z } from 'zod';
import { issueKey, revokeKey } from '../../../db/accountActs';
import { showAccount } from '../../../db/accountDirectory';
import { findApiKeysByLastFour } from '../../../db/apiKeys';
import { API_KEY_KINDS, API_KEY_SCOPES } from '../../../domain/apiKey';
import { AppError } from '../../../domain/errors';
import { keyView, viewKey } from '../../adminViews';
import {
  itemBody,
  itemSchema,
  messageBody,
  messageSchema,
  wholeListBody,
  wholeListSchema,
} from '../../envelope';
import { operatorRoute } from '../../operatorRoute';
import { idText, time } from './parameters';

const list = operatorRoute({
  method: 'get',
  path: '/admin/accounts/{id}/keys',
  summary: "List an account's keys, newest first, those that have ended too",
  params: z.object({ id: idText }),
  response: wholeListSchema(keyView),
  handler: async ({ params: { id }, acting, services }) => {
    const { keys } = await showAccount(services.db, id, acting.now);
    return { body: wholeListBody(keys.map(viewKey)) };
  },
});

const issue = operatorRoute({
  method: 'post',
  path: '/admin/accounts/{id}/keys',
  summary: 'Make a key for an account',
  description: 'The key is shown in this answer alone.',
  params: z.object({ id: idText }),
  body: z.strictObject({
    kind: z.enum(API_KEY_KINDS).default('live'),
    name: z.string().max(100).nullable().default(null),
    scopes: z
      .array(z.enum(API_KEY_SCOPES))
      .min(1)
      .max(API_KEY_SCOPES.length)
      .default([...API_KEY_SCOPES]),
    expires_at: time.nullable().default(null),
  }),
  successStatus: 201,
  response: itemSchema(z.object({ id: z.string(), last_four: z.string(), api_key: z.string() })),
  handler: async ({ params: { id }, value, acting, services }) => {
    const { expires_at: expiresAt, scopes, ...terms } = value;
    if (expiresAt !== null && expiresAt <= acting.now) {
      const message = 'The key would have expired already.';
      throw new AppError('invalid_parameter', message, { faults: [{ parameter: 'expires_at', message }] });
    }
    const key = await issueKey(services.db, {
      ...terms,
      ...acting,
      accountId: id,
      scopes: [...new Set(scopes)],
      expiresAt,
      pepper: services.pepper,
    });
    return { body: itemBody({ id: key.id, last_four: key.lastFour, api_key: key.secret }) };
  },
});

const revoke = operatorRoute({
  method: 'delete',
  path: '/admin/accounts/{id}/keys/{key_id}',
  summary: 'End a key',
  description: 'No API process takes it any longer than a second from now.',
  params: z.object({ id: idText, key_id: idText }),
  response: messageSchema,
  handler: async ({ params: { id, key_id: keyId }, acting, services }) => {
    await revokeKey(services.db, { accountId: id, keyId, ...acting });
    return { body: messageBody(`The key ${keyId} is revoked.`) };
  },
});

const find = operatorRoute({
  method: 'get',
  path: '/admin/keys',
  summary: 'Find keys of any account by their last four characters',
  query: z.strictObject({ last4: z.string().regex(/^[0-9A-Za-z]{4}$/, 'Give four letters or digits') }),
  response: wholeListSchema(keyView),
  handler: async ({ query, services }) => {
    const keys = await findApiKeysByLastFour(services.db, query.last4);
    return { body: wholeListBody(keys.map(viewKey)) };
  },
});

export const adminKeyRoutes = [list, issue, revoke, find];
