import supertest, { type Test } from 'supertest';
import { createAccount } from '../../db/accounts';
import { API_KEY_SCOPES } from '../../domain/apiKey';
import { NOW, type TestApi } from './api';

/** Who asks: an account, and a key of it that has every scope. */
export interface KeyHolder {
  accountId: string;
  id: string;
  secret: string;
}

/** A new account on the plan (Starter unless given), with a key that has every scope. */
export async function keyHolder(api: TestApi, planId = 'starter'): Promise<KeyHolder> {
  const accountId = crypto.randomUUID();
  await createAccount(api.db, { id: accountId, email: `${accountId}@example.com`, planId, now: NOW });
  return { accountId, ...(await api.issueKey({ accountId, scopes: API_KEY_SCOPES })) };
}

interface Asked {
  app?: TestApi['app'];
  body?: object;
  headers?: Record<string, string>;
}

/** Asks a route of `/account/keys` with a key: `post`, `''` makes one; `post`, `/<id>/rotate` replaces it. */
export function askKeys(
  api: TestApi,
  { secret }: { secret: string },
  method: 'get' | 'post' | 'patch' | 'delete',
  path = '',
  { app = api.app, body, headers = {} }: Asked = {},
): Test {
  const client = supertest(app);
  const request = client[method](`/account/keys${path}`).set({ 'X-API-KEY': secret, ...headers });
  return body === undefined ? request : request.send(body);
}
