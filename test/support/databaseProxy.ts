import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DatabaseProxy {
  databaseUrl: string;
  /** Lets nothing more through on the connections there are, and leaves them open. */
  holdBack: () => void;
  /** Closes the connections there are. */
  breakOff: () => void;
  /** Whether new connections are taken; those there are stay. */
  take: (isTaking: boolean) => void;
  close: () => Promise<void>;
}

/** Stands between a client and Postgres, to be the network that fails. */
export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets: Socket[] = [];
  let isTaking = true;
  const server = createServer((client) => {
    client.on('error', () => undefined);
    if (!isTaking) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    upstream.on('error', () => undefined);
    client.pipe(upstream).pipe(client);
    sockets.push(client, upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    databaseUrl: url.href,
    holdBack: () => sockets.forEach((socket) => socket.unpipe().pause()),
    breakOff: () => sockets.splice(0).forEach((socket) => socket.destroy()),
    take: (next) => (isTaking = next),
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
