import { randomBytes } from 'node:crypto';
import { createSecretBox } from '../../db/secretBox';

const KEY = randomBytes(32).toString('base64');

describe('a secret box', () => {
  const box = createSecretBox(KEY);

  it('gives back what was put in, whatever the text', () => {
    for (const text of ['uj_live_secret', '', 'Schlüssel 🔑', 'x'.repeat(10_000)]) {
      expect(createSecretBox(KEY).open(box.seal(text, 'signup:1'), 'signup:1')).toBe(text);
    }
  });

  it('holds nothing of the text, and seals the same text differently each time', () => {
    const [first, second] = [box.seal('uj_live_secret', 'a'), box.seal('uj_live_secret', 'a')];
    expect(first.includes('uj_live')).toBe(false);
    expect(first.equals(second)).toBe(false);
  });

  it('does not open for another context, under another key, or when a bit of it was changed', () => {
    const sealed = box.seal('uj_live_secret', 'signup:1');
    expect(() => box.open(sealed, 'signup:2')).toThrow();
    expect(() => createSecretBox(randomBytes(32).toString('base64')).open(sealed, 'signup:1')).toThrow();
    for (let place = 0; place < sealed.length; place += 1) {
      const altered = Buffer.from(sealed);
      altered[place]! ^= 1;
      expect(() => box.open(altered, 'signup:1')).toThrow();
    }
    expect(() => box.open(sealed.subarray(0, 20), 'signup:1')).toThrow();
  });

  it.each([16, 31, 33])('refuses a key of %i bytes', (length) => {
    expect(() => createSecretBox(randomBytes(length).toString('base64'))).toThrow(RangeError);
  });
});
