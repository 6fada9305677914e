export const API_KEY_KINDS = ['live', 'test'] as const;
export type ApiKeyKind = (typeof API_KEY_KINDS)[number];

export const API_KEY_SCOPES = ['jobs:read', 'account:read', 'account:write', 'webhooks:write'] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

export const BASE62_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Base-62 characters of a key that are random: 190 bits. */
export const API_KEY_BODY_LENGTH = 32;
const CHECKSUM_LENGTH = 6;

const BODY = new RegExp(`^[0-9A-Za-z]{${API_KEY_BODY_LENGTH}}$`);
const SECRET = new RegExp(
  `^(uj_(live|test|push|operator)_[0-9A-Za-z]{${API_KEY_BODY_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
);

/** What a secret is for: the two kinds of API keys, `push` for the tokens of sources that push, and the operators' own. */
type SecretKind = ApiKeyKind | 'push' | 'operator';

/**
 * The key as its owner holds it: `uj_live_` or `uj_test_`, the body, and a checksum over both, so that a typo is
 * refused without a look-up and secret scanners can recognise a key.
 * @throws RangeError when the body is not 32 base-62 characters.
 */
export function formatApiKey(kind: ApiKeyKind, body: string): string {
  return formatSecret(kind, body);
}

/** What keys of the kind begin with. */
export function apiKeyPrefix(kind: ApiKeyKind): string {
  return prefixOf(kind);
}

/** Reads a key; null when it is not of the form or its checksum does not fit. */
export function parseApiKey(text: string): { kind: ApiKeyKind; lastFour: string } | null {
  const kind = kindOfSecret(text);
  return kind === 'live' || kind === 'test' ? { kind, lastFour: text.slice(-4) } : null;
}

/** The token with which a source pushes: `uj_push_`, else of the form of a key. @throws RangeError as `formatApiKey`. */
export function formatSourceToken(body: string): string {
  return formatSecret('push', body);
}

/** The token of the operators' API: `uj_operator_`, else of the form of a key. @throws RangeError as `formatApiKey`. */
export function formatOperatorToken(body: string): string {
  return formatSecret('operator', body);
}

/** Whether the text is of the form of a source token and its checksum fits. */
export function isSourceToken(text: string): boolean {
  return kindOfSecret(text) === 'push';
}

function formatSecret(kind: SecretKind, body: string): string {
  if (!BODY.test(body))
    throw new RangeError(`The body of a key is ${API_KEY_BODY_LENGTH} base-62 characters.`);
  const checked = prefixOf(kind) + body;
  return checked + checksum(checked);
}

function prefixOf(kind: SecretKind): string {
  return `uj_${kind}_`;
}

function kindOfSecret(text: string): SecretKind | null {
  const [, checked, kind, stated] = SECRET.exec(text) ?? [];
  if (checked === undefined || stated !== checksum(checked)) return null;
  return kind as SecretKind;
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    digits = BASE62_ALPHABET.charAt(rest % BASE62_ALPHABET.length) + digits;
    rest = Math.floor(rest / BASE62_ALPHABET.length);
  }
  return digits;
}

/** CRC-32 as in zip and PNG (reflected polynomial 0xEDB88320) of an ASCII text, as an unsigned number. */
function crc32(text: string): number {
  let remainder = 0xffff_ffff;
  for (let index = 0; index < text.length; index += 1) {
    remainder ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb8_8320 : 0);
    }
  }
  return (remainder ^ 0xffff_ffff) >>> 0;
}
