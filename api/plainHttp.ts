import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** The first byte of every TLS connection: a record that holds a handshake (RFC 8446, 5.1). No HTTP method begins with it. */
const TLS_HANDSHAKE = 0x16;

/**
 * Gives connections on the server's port that do not begin with TLS to `refuse`, unread; without it their callers would see nothing but a
 * connection that breaks. Who says nothing within `patienceMs` is let go.
 */
export function refusePlainHttp(
  server: TlsServer,
  { patienceMs, refuse }: { patienceMs: number; refuse: (socket: Socket) => void },
): void {
  const takeOver = server.listeners('connection') as ((this: TlsServer, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const letGo = () => socket.destroy();
    socket.on('error', letGo);
    socket.setTimeout(patienceMs, letGo);
    socket.once('readable', () => {
      socket.setTimeout(0, letGo);
      const begun = socket.read() as Buffer | null;
      if (begun === null) {
        socket.destroy();
        return;
      }
      socket.unshift(begun);
      if (begun[0] !== TLS_HANDSHAKE) refuse(socket);
      else for (const listener of takeOver) listener.call(server, socket);
    });
  });
}
