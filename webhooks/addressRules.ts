import { isIP } from 'node:net';
import { type IPv4, IPv6, isValid, parse } from 'ipaddr.js';

/** Which addresses a request may go to, by the scheme of its URL. */
export interface AddressRules {
  /** 127.0.0.0/8 and ::1 over http: for a trial on one's own machine. */
  allowsLoopback: boolean;
}

export type Scheme = 'http' | 'https';

/**
 * Public addresses by their number that no request from outside reaches: the host of an Azure machine, which answers it with
 * settings and secrets (learn.microsoft.com, "What is IP address 168.63.129.16?").
 */
const INSIDE_CLOUDS: ReadonlySet<string> = new Set(['168.63.129.16']);

/** Global unicast IPv6 is 2000::/3 alone (IANA, Internet Protocol Version 6 Address Space). */
const GLOBAL_UNICAST_MASK = 0xe000;
const GLOBAL_UNICAST_PREFIX = 0x2000;

/**
 * Whether a request may go to the address, an IPv4 or IPv6 one in its usual spelling. Over https to what is reachable from
 * everywhere and belongs to one host; private, loopback, link-local, shared, multicast, reserved and documentation ranges, and
 * IPv6 that stands for some IPv4 address (mapped, compatible, 6to4, Teredo, NAT64) are refused. Over http to loopback, where that
 * is allowed, and nowhere else.
 */
export function isAddressAllowed(address: string, scheme: Scheme, { allowsLoopback }: AddressRules): boolean {
  // Without a zone (fe80::1%eth0), which names an interface of this host.
  if (isIP(address) === 0 || address.includes('%') || !isValid(address)) return false;
  const parsed = parse(address);
  return scheme === 'https' ? isPublic(parsed) : allowsLoopback && parsed.range() === 'loopback';
}

function isPublic(address: IPv4 | IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address instanceof IPv6
    ? ((address.parts[0] ?? 0) & GLOBAL_UNICAST_MASK) === GLOBAL_UNICAST_PREFIX
    : !INSIDE_CLOUDS.has(address.toString());
}
