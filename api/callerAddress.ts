import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net';
import type { Request } from 'express';

const IPV4_BITS = 32;
const IPV6_BITS = 128;
const IPV4_IN_IPV6 = '::ffff:';
/** When the connection is gone there is none to be known; nobody hears the answer then. */
const UNKNOWN_ADDRESS = '0.0.0.0';

/**
 * The caller's address: of the connection, or, where `TRUST_PROXY` names proxies, the one that they saw. In the one spelling that an
 * address has: `203.0.113.7` also where it came as `::ffff:203.0.113.7`, IPv6 in its short form without a zone.
 */
export function callerAddress(request: Request): string {
  return normalised(request.ip ?? '') ?? normalised(request.socket.remoteAddress ?? '') ?? UNKNOWN_ADDRESS;
}

/** By the list: the same one is asked about with every request of a key, and building takes longer than asking. */
const builtLists = new WeakMap<readonly string[], BlockList>();

/**
 * Whether the address is in one of the networks, each a CIDR (`203.0.113.0/24`, `2001:db8::/32`) or a single address. What is
 * no network holds no address: a list that is damaged lets nobody in. The list must not be changed afterwards.
 */
export function isAddressAllowed(address: string, networks: readonly string[]): boolean {
  const known = normalised(address);
  if (known === null) return false;
  let allowed = builtLists.get(networks);
  if (!allowed) {
    allowed = listOf(networks);
    builtLists.set(networks, allowed);
  }
  return allowed.check(known, familyOf(known));
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks.map(parseNetwork)) {
    if (network) list.addSubnet(network.base, network.bits, network.family);
  }
  return list;
}

/** Whether the text is a CIDR or a single address, IPv4 or IPv6. */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== null;
}

interface Network {
  base: string;
  bits: number;
  family: 'ipv4' | 'ipv6';
}

function parseNetwork(text: string): Network | null {
  const [address = '', prefix, ...rest] = text.split('/');
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) return null;
  const family = familyOf(address);
  const most = family === 'ipv4' ? IPV4_BITS : IPV6_BITS;
  if (prefix === undefined) return { base: address, bits: most, family };
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > most) return null;
  return { base: address, bits: Number(prefix), family };
}

/** Null for what is no address, such as whatever a proxy may have been made to pass on. */
function normalised(text: string): string | null {
  const [address = ''] = text.split('%', 1);
  if (isIP(address) === 0) return null;
  if (isIPv4(address)) return address;
  const short = new SocketAddress({ address, family: 'ipv6' }).address;
  const embedded = short.startsWith(IPV4_IN_IPV6) ? short.slice(IPV4_IN_IPV6.length) : '';
  return isIPv4(embedded) ? embedded : short;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
