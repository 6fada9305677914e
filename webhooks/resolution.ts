import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { type AddressRules, isAddressAllowed } from './addressRules';
import type { Destination, Refusal } from './destination';

/** All addresses of a name. Rejects when there are none, with the `code` of a DNS error. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

export type Resolution =
  { ok: true; addresses: readonly [string, ...string[]] } | { ok: false; refusal: Refusal };

export interface AddressFinder {
  /**
   * The first few of the addresses that a request may be made to; none unless it may be made to all that the host has. At once when they are known, for that is how it is
   * for nearly every request. Never rejects.
   */
  find: (destination: Destination) => Resolution | Promise<Resolution>;
}

const MAX_KNOWN_HOSTS = 10_000;
/** All are checked; a name may have thousands, and nobody connects to so many. */
const MOST_ADDRESSES_KEPT = 8;
/** Long enough to spare look-ups in a run of requests, short enough for the next attempt to see a change. */
const KNOWN_FOR_MS = 1_000;

const LOOKUP_TIMEOUT_MS = 2_000;
const LOOKUP_TRIES = 2;
/** Names that are this host by definition (RFC 6761, 6.3), whatever a resolver says. */
const LOOPBACK_NAME = /(?:^|\.)localhost$/;
const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1'];
const UNKNOWN_NAME_CODES: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

/**
 * Asks the name servers of this host. Not by way of `dns.lookup`: that holds one of few threads for as long as it takes, so that
 * names which are slow to resolve would stop all others. IPv4 comes first, for not every host has IPv6.
 */
export function createLookup(
  resolver = new Resolver({ timeout: LOOKUP_TIMEOUT_MS, tries: LOOKUP_TRIES }),
): Lookup {
  return async (hostname) => {
    const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = [four, six].flatMap((found) => (found.status === 'fulfilled' ? found.value : []));
    if (addresses.length === 0 && four.status === 'rejected') throw four.reason;
    return addresses;
  };
}

interface KnownHost {
  resolution: Resolution | Promise<Resolution>;
  untilMs: number;
}

/** Finds addresses and keeps them for a second. */
export function createAddressFinder({
  lookup,
  rules,
}: {
  lookup: Lookup;
  rules: AddressRules;
}): AddressFinder {
  const known = new LRUCache<string, KnownHost>({ max: MAX_KNOWN_HOSTS });

  async function resolve({ scheme, hostname }: Destination): Promise<Resolution> {
    let addresses: readonly string[];
    try {
      addresses = await addressesOf(hostname, lookup);
    } catch (error) {
      return unresolved(hostname, (error as { code?: unknown }).code);
    }
    const [first, ...others] = addresses;
    if (first === undefined) return unresolved(hostname, 'ENODATA');
    if (addresses.every((address) => isAddressAllowed(address, scheme, rules))) {
      return { ok: true, addresses: [first, ...others.slice(0, MOST_ADDRESSES_KEPT - 1)] };
    }
    return refusal('address_refused', refusedAddress(hostname, scheme));
  }

  return {
    find: (destination) => {
      const key = `${destination.scheme}:${destination.hostname}`;
      const host = known.get(key);
      if (host && performance.now() < host.untilMs) return host.resolution;
      const resolution = resolve(destination);
      // Whoever comes while the look-up runs waits for it; the second begins when it ends.
      known.set(key, { resolution, untilMs: Infinity });
      void resolution.then((found) =>
        known.set(key, { resolution: found, untilMs: performance.now() + KNOWN_FOR_MS }),
      );
      return resolution;
    },
  };
}

async function addressesOf(hostname: string, lookup: Lookup): Promise<readonly string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  return LOOPBACK_NAME.test(hostname) ? LOOPBACK_ADDRESSES : await lookup(hostname);
}

function refusal(code: Refusal['code'], message: string): Resolution {
  return { ok: false, refusal: { code, message } };
}

function unresolved(hostname: string, code: unknown): Resolution {
  return refusal(
    'name_not_resolved',
    UNKNOWN_NAME_CODES.has(code)
      ? `The name ${hostname} has no address in the DNS.`
      : `The name ${hostname} cannot be looked up in the DNS now.`,
  );
}

function refusedAddress(hostname: string, scheme: string): string {
  return scheme === 'http'
    ? 'Over http only a loopback address (127.0.0.1, localhost) can be reached.'
    : `${hostname} is, or resolves to, an address that is not reachable from everywhere (private, loopback, reserved or the like).`;
}
