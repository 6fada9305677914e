import { createServer, type IncomingHttpHeaders, request as ask, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { ScriptedAnswer } from './scriptedServer';
import { listen } from './server';

/**
 * What becomes of a request: it is answered as said, without the API hearing of it; or the API does what it asks, and its answer is
 * lost as a whole or from the middle on.
 */
type Mishap = ScriptedAnswer | 'answer lost' | 'answer cut';

export interface Proxy {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** Befall the next requests, one each; those after them pass. */
  next: (...mishaps: Mishap[]) => void;
  /** Since the last call of `next`. */
  requests: { method: string; path: string; headers: IncomingHttpHeaders; at: number }[];
  stop: () => Promise<void>;
}

/** The API on a port, and a real proxy in front of it by which requests come to grief as told. */
export async function startProxy(app: Express): Promise<Proxy> {
  const api = await listen(app);
  const mishaps: Mishap[] = [];
  const requests: Proxy['requests'] = [];
  const front = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    requests.push({ method, path, headers, at: performance.now() });
    const mishap = mishaps.shift();
    if (typeof mishap === 'object') {
      request.resume();
      response.writeHead(mishap.status ?? 200, mishap.headers).end(mishap.body);
      return;
    }
    const forwarded = ask(api.url + path, { method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        if (mishap === 'answer lost') {
          response.destroy();
          return;
        }
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        if (mishap === 'answer cut') breakOff(response, body);
        else response.end(body);
      });
    });
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    next: (...coming) => {
      requests.length = 0;
      mishaps.splice(0, Infinity, ...coming);
    },
    requests,
    stop: async () => {
      await new Promise<void>((resolve) => {
        front.close(() => resolve());
        front.closeAllConnections();
      });
      await api.close();
    },
  };
}

function breakOff(response: ServerResponse, body: Buffer): void {
  response.write(body.subarray(0, body.length / 2), () => response.destroy());
}
