import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** What NIST SP 800-38D recommends for GCM. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keeps secrets that must be had again in the clear, and not for long. */
export interface SecretBox {
  /**
   * Encrypts a text (AES-256-GCM under a nonce of its own). The context says what it is for, as `signup:<id>`: it opens for
   * the same one alone, so that what was sealed for one row is of no use in another.
   */
  seal: (text: string, context: string) => Buffer;
  /** @throws when it was sealed under another key or for another context, or has been altered. */
  open: (sealed: Buffer, context: string) => string;
}

/** @param keyBase64 32 bytes in base64. @throws RangeError when they are not that many. */
export function createSecretBox(keyBase64: string): SecretBox {
  const key = Buffer.from(keyBase64, 'base64');
  if (key.length !== KEY_BYTES) throw new RangeError(`The key is not ${KEY_BYTES} bytes in base64.`);
  return {
    seal: (text, context) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(
        Buffer.from(context),
      );
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed, context) => {
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const encrypted = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(sealed.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(encrypted), decipher.final()]).toString('utf8');
    },
  };
}
