import { isIP } from 'node:net';
import type { AddressRules, Scheme } from './addressRules';

export interface DestinationRules extends AddressRules {
  /** Ports beside 443 and 8443. */
  extraPorts: readonly number[];
}

/** Where a request goes, as its URL says it in the one spelling that the URL has. */
export interface Destination {
  scheme: Scheme;
  /** Scheme, host and port: `https://hooks.example.com:8443`. */
  origin: string;
  /** A name in lower case, IDN in punycode, or an address; IPv6 without brackets. */
  hostname: string;
  /** With the query. */
  path: string;
}

/** Why nothing is sent: a word that stays the same, and a sentence for the one who named the URL. */
export interface Refusal {
  code: 'url_refused' | 'header_refused' | 'address_refused' | 'name_not_resolved' | 'timeout';
  message: string;
}

export type DestinationResult = { ok: true; destination: Destination } | { ok: false; refusal: Refusal };

const MAX_URL_LENGTH = 2_048;
const HTTPS_PORTS = [443, 8_443];
const DEFAULT_PORT: Record<Scheme, number> = { https: 443, http: 80 };
const MAX_NAME_LENGTH = 253;
/** Letters, digits, `-` and `_` between dots, each part of at most 63 (RFC 1035, 2.3.4); no dot at the end. */
const HOST_NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
/** What URL parsers leave out or turn into something else before they look at the URL. */
const OVERLOOKED_CHARACTERS = /[\s\\\p{Cc}]/u;

/**
 * Reads the URL of an endpoint by the WHATWG rules, which bring hosts written in decimal, octal, hexadecimal or full-width digits
 * into one spelling. What its host resolves to is not looked at here.
 */
export function parseDestination(text: string, rules: DestinationRules): DestinationResult {
  const longest = `The URL has more than ${MAX_URL_LENGTH} characters.`;
  if (text.length > MAX_URL_LENGTH) return refused(longest);
  if (OVERLOOKED_CHARACTERS.test(text)) {
    return refused('The URL holds a blank, a backslash or a control character.');
  }
  if (!URL.canParse(text)) return refused('This is no URL such as https://hooks.example.com/jobs.');
  const url = new URL(text);
  const fault =
    url.href.length > MAX_URL_LENGTH
      ? `${longest} Each that needs encoding counts as encoded.`
      : faultOf(url, rules);
  return fault === null ? { ok: true, destination: destinationOf(url) } : refused(fault);
}

function refused(message: string): DestinationResult {
  return { ok: false, refusal: { code: 'url_refused', message } };
}

function faultOf(url: URL, { allowsLoopback, extraPorts }: DestinationRules): string | null {
  const { protocol, hostname } = url;
  if (protocol !== 'https:' && !(protocol === 'http:' && allowsLoopback)) {
    return 'The URL does not begin with https://.';
  }
  if (url.username !== '' || url.password !== '') {
    return 'The URL holds a user name or a password. Put credentials into headers of the endpoint.';
  }
  if (url.href.includes('#')) return 'The URL has a fragment (#), which is not sent.';
  const isName = isIP(bareHost(hostname)) === 0;
  if (isName && (hostname.length > MAX_NAME_LENGTH || !HOST_NAME.test(hostname))) {
    return 'The host is no name such as hooks.example.com, without a dot at its end.';
  }
  const ports = [...HTTPS_PORTS, ...extraPorts];
  if (protocol === 'https:' && !ports.includes(portOf(url))) {
    return `The port is not one of ${ports.join(', ')}.`;
  }
  return null;
}

function destinationOf(url: URL): Destination {
  return {
    scheme: schemeOf(url),
    origin: url.origin,
    hostname: bareHost(url.hostname),
    path: `${url.pathname}${url.search}`,
  };
}

function schemeOf({ protocol }: URL): Scheme {
  return protocol === 'https:' ? 'https' : 'http';
}

function portOf(url: URL): number {
  return url.port === '' ? DEFAULT_PORT[schemeOf(url)] : Number(url.port);
}

function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
