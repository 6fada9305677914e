import { openAccount } from './accounts';
import type { BenchStack } from './stack';

export interface Subscriber {
  accountId: string;
  apiKey: string;
  endpoints: SubscribedEndpoint[];
}

export interface SubscribedEndpoint extends EndpointWish {
  id: string;
}

export interface EndpointWish {
  /** Of the receiver: `/ok/1`. */
  path: string;
  maxInFlight: number;
}

/** An account without limits that has made endpoints over the API, for jobs that match its saved searches. */
export async function openSubscriber(
  stack: BenchStack,
  { origin, wishes }: { origin: string; wishes: readonly EndpointWish[] },
): Promise<Subscriber> {
  const pepper = stack.config.keyPepper ?? stack.secrets.keyPepper;
  const { accountId, secret: apiKey } = await openAccount(stack.db, { planId: 'enterprise', pepper });
  const endpoints: SubscribedEndpoint[] = [];
  for (const wish of wishes) {
    const id = await create(stack, apiKey, {
      path: '/webhooks/endpoints',
      value: { url: `${origin}${wish.path}`, events: ['job.matched'], max_in_flight: wish.maxInFlight },
    });
    endpoints.push({ ...wish, id });
  }
  return { accountId, apiKey, endpoints };
}

/** Saves a search for a word: what has it in its title is told to all endpoints of the account. */
export async function saveSearch(stack: BenchStack, { apiKey }: Subscriber, word: string): Promise<void> {
  await create(stack, apiKey, { path: '/saved-searches', value: { name: word, filter: { search: word } } });
}

/** Removes the endpoints, and what is on its way to them. */
export async function removeEndpoints(
  { file }: BenchStack,
  { apiKey, endpoints }: Subscriber,
): Promise<void> {
  for (const { id } of endpoints) {
    const response = await fetch(`${file.apiUrl}/webhooks/endpoints/${id}`, {
      method: 'DELETE',
      headers: { 'X-API-KEY': apiKey },
    });
    await response.text();
    if (!response.ok) throw new Error(`The API did not remove an endpoint: ${response.status}.`);
  }
}

/** Gives the id of what was made. */
async function create(
  { file }: BenchStack,
  apiKey: string,
  { path, value }: { path: string; value: object },
): Promise<string> {
  const response = await fetch(`${file.apiUrl}${path}`, {
    method: 'POST',
    headers: { 'X-API-KEY': apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify(value),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`POST ${path} was answered with ${response.status}: ${text.slice(0, 500)}`);
  return (JSON.parse(text) as { data: { id: string } }).data.id;
}
