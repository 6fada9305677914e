import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

type Answer = ScriptedAnswer | ((request: IncomingMessage, response: ServerResponse) => void);

export interface ScriptedServer {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** Every request so far: method and path, and its headers. */
  requests: { path: string; headers: IncomingMessage['headers'] }[];
  stop: () => Promise<void>;
}

/**
 * A real HTTP server on a free port. What it answers is looked up by path and query; several answers are given one after
 * another, the last one again and again. Paths without an answer are 404.
 */
export async function startScriptedServer(
  script: Record<string, Answer | Answer[]>,
): Promise<ScriptedServer> {
  const requests: ScriptedServer['requests'] = [];
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, headers: request.headers });
    const count = asked.get(path) ?? 0;
    asked.set(path, count + 1);
    const scripted = script[path];
    const answer = Array.isArray(scripted) ? scripted[Math.min(count, scripted.length - 1)] : scripted;
    if (typeof answer === 'function') {
      answer(request, response);
      return;
    }
    const { status = answer ? 200 : 404, headers = {}, body = '' } = answer ?? {};
    response.writeHead(status, { connection: 'close', ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(value: unknown, headers: Record<string, string> = {}): ScriptedAnswer {
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}
