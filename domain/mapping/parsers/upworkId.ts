import { toTimestamp, type Timestamp } from '../../time';
import { parsed, unparsed, type Parsed } from './parsed';

/** Milliseconds since 1970 at which the counting in Upwork's ids begins, and the bits below the time. */
const ID_EPOCH_MS = 1_288_834_974_657n;
const BITS_BELOW_TIME = 22n;
const MAX_ID = (1n << 63n) - 1n;

const CIPHERTEXT = /~(?:(01)([0-9a-f]{16})(?![0-9a-f])|(02)(\d{17,20})(?!\d))/i;
const UID = /^\d{17,20}$/;
const HOST = /^(?:([a-z][a-z0-9+.-]*):)?\/\/(?:[^/?#@]*@)?([^/?#:]*)/i;
export const UPWORK_HOST = /^(?:[a-z0-9-]+\.)*upwork\.com\.?$/i;
const BARE_UPWORK_HOST = /^((?:[a-z0-9-]+\.)*[a-z0-9-]+\.[a-z]{2,})(?::\d+)?\//i;

/**
 * The ciphertext in an address of Upwork, or a ciphertext by itself: `~01` and 16 hex digits in lower case, or `~02` and the uid.
 * Faults: url_host_foreign for an address elsewhere, value_unparsed where there is none.
 */
export function parseUpworkUrl(text: string): Parsed<string> {
  // Browsers take a backslash for a slash; so must who decides by the host.
  const address = text.trim().replaceAll('\\', '/');
  const host = HOST.exec(address)?.[2] ?? BARE_UPWORK_HOST.exec(address)?.[1];
  if (host !== undefined && !UPWORK_HOST.test(host))
    return unparsed(`lies on ${host.slice(0, 80)}, not on upwork.com`, 'url_host_foreign');
  const ciphertext = findCiphertext(address);
  return ciphertext === null
    ? unparsed('holds no ciphertext such as ~02 with 19 digits')
    : parsed(ciphertext);
}

/** Upwork's number for a posting: 17 to 20 digits, also inside a `~02` ciphertext. */
export function parseUid(text: string): Parsed<string> {
  const uid = text.trim().replace(/^~02/, '');
  return UID.test(uid) && BigInt(uid) <= MAX_ID ? parsed(uid) : unparsed('is no uid of 17 to 20 digits');
}

/** When the posting behind a uid, a `~02` ciphertext or an address with one was made; null where the text holds none. */
export function timeOfId(text: string): Timestamp | null {
  const uid = UID.test(text.trim()) ? text.trim() : /^~02(\d+)$/.exec(findCiphertext(text) ?? '')?.[1];
  if (uid === undefined) return null;
  const id = BigInt(uid);
  return id > MAX_ID ? null : toTimestamp(Number((id >> BITS_BELOW_TIME) + ID_EPOCH_MS));
}

function findCiphertext(text: string): string | null {
  const match = CIPHERTEXT.exec(text.replaceAll(/%7e/gi, '~'));
  if (!match) return null;
  const [, hexKind, hex, uidKind, uid] = match;
  return hexKind === undefined ? `~${uidKind ?? ''}${uid ?? ''}` : `~${hexKind}${(hex ?? '').toLowerCase()}`;
}
