import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { buildConnector, Pool } from 'undici';
import type { Destination } from './destination';

/** Connections to one server, which is addressed by its name and reached by an address that was checked. */
export interface ConnectionPools {
  /** The pool for the first address that has one already, so that connections are used again; else a new one for the first. */
  poolFor: (destination: Destination, addresses: readonly [string, ...string[]]) => AddressPool;
  /** Leaves a pool whose address takes no connections; what is under way in it ends. */
  drop: (pool: AddressPool) => void;
  /** Waits for what is under way. */
  close: () => Promise<void>;
}

export interface AddressPool {
  key: string;
  address: string;
  pool: Pool;
}

const MAX_POOLS = 1_000;
/** Of three addresses that do not answer, each gets its turn within the time of one request. */
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_HEADER_BYTES = 16_384;
/** Shorter than the five seconds after which many servers hang up, which would cost the request that is just being sent. */
const IDLE_MS = 4_000;
/** However long a server says that it keeps a connection. */
const MAX_IDLE_MS = 30_000;

/** @param ca certificates to trust instead of those that Node.js trusts. */
export function createConnectionPools({ ca }: { ca?: string } = {}): ConnectionPools {
  const pools = new LRUCache<string, AddressPool>({
    max: MAX_POOLS,
    dispose: ({ pool }) => {
      if (!pool.closed) void pool.close();
    },
  });

  return {
    poolFor: (destination, addresses) => {
      for (const address of addresses) {
        const known = pools.get(keyOf(destination, address));
        if (known) return known;
      }
      const [address] = addresses;
      const created = {
        key: keyOf(destination, address),
        address,
        pool: createPool(destination, { address, ca }),
      };
      pools.set(created.key, created);
      return created;
    },
    drop: ({ key, pool }) => {
      if (pools.peek(key)?.pool === pool) pools.delete(key);
    },
    close: async () => {
      await Promise.all([...pools.values()].map(({ pool }) => pool.close()));
      pools.clear();
    },
  };
}

function keyOf({ origin }: Destination, address: string): string {
  return `${origin} ${address}`;
}

/** As many connections as requests at a time: those who send bound these. */
function createPool(
  { origin, hostname }: Destination,
  { address, ca }: { address: string; ca: string | undefined },
): Pool {
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ca,
  });
  return new Pool(origin, {
    // To the address itself: no second look-up can give another one.
    connect: (options, callback) =>
      connect(
        { ...options, hostname: address, servername: isIP(hostname) === 0 ? hostname : undefined },
        callback,
      ),
    pipelining: 1,
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: MAX_IDLE_MS,
    // One timer of our own bounds the whole request.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
