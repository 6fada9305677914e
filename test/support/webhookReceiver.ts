import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface WebhookReceiver {
  port: number;
  /** `http://127.0.0.1:<port>` */
  origin: string;
  received: ReceivedWebhook[];
  /** Connections so far. */
  connections: number;
  stop: () => Promise<void>;
}

/** A real receiver of webhooks on a free port. `answer` is called when a request has come whole. */
export async function startReceiver(
  answer: (response: ServerResponse, webhook: ReceivedWebhook) => void = (response) => response.end('ok'),
  { host = '127.0.0.1' } = {},
): Promise<WebhookReceiver> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const webhook = { method, path: url, headers, body: Buffer.concat(pieces).toString() };
      receiver.received.push(webhook);
      answer(response, webhook);
    });
  });
  server.on('connection', () => (receiver.connections += 1));
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const receiver: WebhookReceiver = {
    port,
    origin: `http://127.0.0.1:${port}`,
    received: [],
    connections: 0,
    stop: async () => {
      const closed = once(server, 'close');
      server.close().closeAllConnections();
      await closed;
    },
  };
  return receiver;
}
