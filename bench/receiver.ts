import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { printJson } from '../bin/commands/output';
import type { Receipts } from './receipts';

interface Path extends Receipts {
  distinct: Set<string>;
}

const ANSWER = '{"received":true}';
const SLOW_MS = 300;
/** How long a path that begins by failing does so, counted from its first request. */
const LATER_MS = 15_000;
const HOLDS = 5;
const HOLD_SECONDS = 2;
/** Who sends decides when a connection has been idle for long enough. */
const IDLE_MS = 60_000;

const paths = new Map<string, Path>();
const holdsGiven = new Map<string, number>();
const firstAskedAt = new Map<string, number>();

interface Delivery {
  path: string;
  id: string;
  response: ServerResponse;
}

/** By the first part of the path; what follows tells receivers of one kind apart. */
const BEHAVIOURS: Readonly<Record<string, (delivery: Delivery) => void>> = {
  ok: accept,
  slow: (delivery) => setTimeout(accept, SLOW_MS, delivery),
  hold: (delivery) => {
    const given = holdsGiven.get(delivery.path) ?? 0;
    holdsGiven.set(delivery.path, given + 1);
    if (given < HOLDS) delivery.response.writeHead(429, { 'Retry-After': HOLD_SECONDS }).end();
    else accept(delivery);
  },
  later: (delivery) => {
    const now = Date.now();
    const since = firstAskedAt.get(delivery.path) ?? now;
    firstAskedAt.set(delivery.path, since);
    if (now - since < LATER_MS) delivery.response.writeHead(500).end();
    else accept(delivery);
  },
  '500': ({ response }) => response.writeHead(500).end(),
  hang: () => undefined,
  close: ({ response }) => response.destroy(),
  redirect: ({ path, response }) =>
    response.writeHead(302, { Location: path.replace('redirect', 'followed') }).end(),
  followed: accept,
};

function accept({ path, id, response }: Delivery): void {
  let known = paths.get(path);
  if (!known) paths.set(path, (known = { ids: [], times: [], distinct: new Set() }));
  known.distinct.add(id);
  known.ids.push(id);
  known.times.push(Date.now());
  response.end(ANSWER);
}

/** Beside deliveries: `GET /receipts`, `GET /counts` of distinct ones, both by path, and `DELETE /receipts`, by which all begins anew. */
function answerSidePath({ method, url }: IncomingMessage, response: ServerResponse): void {
  if (method === 'DELETE') for (const notes of [paths, holdsGiven, firstAskedAt]) notes.clear();
  const shown = [...paths].map(([path, { ids, times, distinct }]) => {
    const receipts: Receipts = { ids, times };
    return [path, url === '/counts' ? distinct.size : receipts] as const;
  });
  response.end(JSON.stringify(Object.fromEntries(shown)));
}

/** A process of its own: takes webhooks at `/<behaviour>/<name>`. Prints its port as a line of JSON, and serves until it is ended. */
function main(): void {
  const server = createServer((request, response) => {
    const { method, url: path = '/', headers } = request;
    request.resume();
    if (method !== 'POST') {
      answerSidePath(request, response);
      return;
    }
    const behave = BEHAVIOURS[path.slice(1, path.indexOf('/', 1))];
    request.once('end', () => {
      if (behave) behave({ path, id: String(headers['webhook-id']), response });
      else response.writeHead(404).end();
    });
  });
  server.keepAliveTimeout = IDLE_MS;
  server.listen(0, '127.0.0.1', () => {
    printJson({ port: (server.address() as AddressInfo).port });
  });
}

main();
