import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A caller who writes bytes as they come, and what was answered. */
export interface RawConnection {
  socket: Socket;
  write: (text: string) => void;
  /** Writes it again and again until the connection is closed. */
  dribble: (text: string, everyMs: number) => void;
  /** All that was answered, once the connection is closed. */
  closed: Promise<RawAnswer>;
}

export interface RawAnswer {
  /** 0: the connection was closed without an answer. */
  status: number;
  headers: Record<string, string>;
  body: string;
  afterMs: number;
}

/** @param ca trust in this certificate: TLS is spoken; none: it is not. */
export async function openConnection(port: number, ca?: string): Promise<RawConnection> {
  const startedAt = performance.now();
  const socket =
    ca === undefined
      ? connect({ port, host: '127.0.0.1' })
      : connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
  const received: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => received.push(bytes));
  // A connection that is broken off is closed, too.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(() =>
    answerOf(Buffer.concat(received).toString(), performance.now() - startedAt),
  );
  await Promise.race([once(socket, ca === undefined ? 'connect' : 'secureConnect'), closed]);
  return {
    socket,
    write: (text) => void socket.write(text),
    dribble: (text, everyMs) => {
      const timer = setInterval(() => socket.write(text), everyMs);
      socket.once('close', () => clearInterval(timer));
    },
    closed,
  };
}

function answerOf(text: string, afterMs: number): RawAnswer {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [start = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => line.split(/: (.*)/s) as [string, string]);
  return {
    status: Number(start.split(' ')[1] ?? 0),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: body.join('\r\n\r\n'),
    afterMs,
  };
}
