import { createServer } from 'node:net';

const SEARCH_WIDTH = 100;
const HIGHEST_PORT = 65_535;

/** A port that was asked for and is not to be had. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** Whether a server could listen on 127.0.0.1:port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port the system picks; nothing keeps it for the caller, who had better use it at once. */
export function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

export interface PortWish {
  /** What the port is for, as a reader knows it: `the API`. */
  purpose: string;
  /** The environment variable that sets it. */
  variable: string;
  /** The value of that variable; must be free when given. */
  fixed: number | undefined;
  /** The port of the run before; taken again when free. */
  previous: number | undefined;
  default: number;
  /** Ports spoken for in this run. */
  taken: ReadonlySet<number>;
}

/**
 * The port to use, and a sentence when it is another than expected.
 * @throws PortTakenError when the port set by the environment is taken, or none of the hundred after the default is free.
 */
export async function choosePort(wish: PortWish): Promise<{ port: number; notice?: string }> {
  const isFree = async (port: number) => !wish.taken.has(port) && (await isPortFree(port));
  if (wish.fixed !== undefined) {
    if (await isFree(wish.fixed)) return { port: wish.fixed };
    throw new PortTakenError(
      `Port ${wish.fixed} for ${wish.purpose} is taken by another program. ` +
        `Set ${wish.variable} to a free port, or leave it unset to have one chosen.`,
    );
  }
  if (wish.previous !== undefined && (await isFree(wish.previous))) return { port: wish.previous };
  const last = Math.min(wish.default + SEARCH_WIDTH, HIGHEST_PORT);
  for (let port = wish.default; port <= last; port += 1) {
    if (!(await isFree(port))) continue;
    if (port === (wish.previous ?? wish.default)) return { port };
    return {
      port,
      notice: `port ${wish.previous ?? wish.default} for ${wish.purpose} is taken, using ${port}`,
    };
  }
  throw new PortTakenError(
    `Ports ${wish.default} to ${last} for ${wish.purpose} are all taken. Set ${wish.variable} to a free port.`,
  );
}
