import supertest, { type Test } from 'supertest';
import type { TestApi } from './api';

interface Asked {
  app?: TestApi['app'];
  headers?: Record<string, string>;
}

/** Asks a route of `/saved-searches` with a key: `post`, `''` saves one; `get`, `/<id>/jobs` reads its jobs. */
export function askSearches(
  api: TestApi,
  { secret }: { secret: string },
  method: 'get' | 'post' | 'patch' | 'delete',
  path = '',
  body?: object,
  { app = api.app, headers = {} }: Asked = {},
): Test {
  const client = supertest(app);
  const request = client[method](`/saved-searches${path}`).set({ 'X-API-KEY': secret, ...headers });
  return body === undefined ? request : request.send(body);
}

/** Saves a search of this filter and gives its id. */
export async function saveSearch(api: TestApi, who: { secret: string }, filter: object): Promise<string> {
  const { body } = await askSearches(api, who, 'post', '', { name: 'a search', filter }).expect(201);
  return body.data.id as string;
}
