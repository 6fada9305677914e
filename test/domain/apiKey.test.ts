import {
  API_KEY_KINDS,
  BASE62_ALPHABET,
  formatApiKey,
  formatSourceToken,
  isSourceToken,
  parseApiKey,
} from '../../domain/apiKey';

/** Checksums reckoned with another implementation of CRC-32 (Python's zlib). */
const KNOWN_KEYS = [
  'uj_live_abcdefghijklmnopqrstuvwxyz0123451USo73',
  'uj_test_000000000000000000000000000000000eLpdk',
  'uj_live_ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ2y3d4s',
];

describe('API keys', () => {
  it.each(KNOWN_KEYS)('gives the body of %s the checksum that other CRC-32s give it', (key) => {
    const kind = key.startsWith('uj_test_') ? 'test' : 'live';
    expect(formatApiKey(kind, key.slice(8, 40))).toBe(key);
  });

  it.each(API_KEY_KINDS)('reads a %s key it has written', (kind) => {
    const key = formatApiKey(kind, BASE62_ALPHABET.slice(0, 32));
    expect(parseApiKey(key)).toEqual({ kind, lastFour: key.slice(-4) });
  });

  it('refuses a key with any one character changed', () => {
    const key = KNOWN_KEYS[0]!;
    for (let index = 0; index < key.length; index += 1) {
      const other = key[index] === 'x' ? 'y' : 'x';
      expect(parseApiKey(key.slice(0, index) + other + key.slice(index + 1))).toBeNull();
    }
  });

  it('refuses a key with any two neighbouring characters swapped', () => {
    const key = KNOWN_KEYS[0]!;
    for (let index = 0; index + 1 < key.length; index += 1) {
      const swapped = key.slice(0, index) + key[index + 1]! + key[index]! + key.slice(index + 2);
      if (swapped !== key) expect(parseApiKey(swapped)).toBeNull();
    }
  });

  it.each([
    '',
    'uj_live_',
    'secret',
    `${KNOWN_KEYS[0]!} `,
    `${KNOWN_KEYS[0]!}\n`,
    KNOWN_KEYS[0]!.slice(0, -1),
    'x'.repeat(10_000),
  ])('refuses what is no key: %j', (text) => expect(parseApiKey(text)).toBeNull());

  it('does not write a key over a body that is too short or not base 62', () => {
    expect(() => formatApiKey('live', 'short')).toThrow(RangeError);
    expect(() => formatApiKey('live', '-'.repeat(32))).toThrow(RangeError);
  });
});

describe('source tokens', () => {
  const token = formatSourceToken(BASE62_ALPHABET.slice(0, 32));

  it('reads a token it has written, which is no key', () => {
    expect(token).toMatch(/^uj_push_[0-9A-Za-z]{38}$/);
    expect(isSourceToken(token)).toBe(true);
    expect(parseApiKey(token)).toBeNull();
  });

  it('takes neither a key nor a token with a wrong checksum for one', () => {
    for (const text of [
      KNOWN_KEYS[0]!,
      token.slice(0, -1),
      `${token.slice(0, -1)}~`,
      token.replace('push', 'live'),
    ]) {
      expect(isSourceToken(text)).toBe(false);
    }
  });
});
