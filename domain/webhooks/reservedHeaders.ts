/** Of one connection (RFC 9110, 7.6.1), of the message itself, and of how it is sent. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
  'content-length',
  'content-type',
  'content-encoding',
  'accept-encoding',
  'user-agent',
]);

/** `webhook-id` and its like carry the signature; `proxy-*` is between two hops. */
const RESERVED_PREFIXES = ['webhook-', 'proxy-'];

/** Whether the header is the sender's own, so that an endpoint cannot set it, in whatever case it is written. */
export function isReservedHeader(name: string): boolean {
  const lowerCase = name.toLowerCase();
  return RESERVED_NAMES.has(lowerCase) || RESERVED_PREFIXES.some((prefix) => lowerCase.startsWith(prefix));
}
