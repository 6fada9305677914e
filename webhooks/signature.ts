import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { AppError } from '../domain/errors';

const PREFIX = 'whsec_';
const NEW_SECRET_BYTES = 24;
/** Below what the specification asks of new secrets: the one of its own example has 18. */
const MIN_SECRET_BYTES = 16;
const MAX_SECRET_BYTES = 64;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A secret as receivers get to see it: `whsec_` and 24 random bytes in base64. */
export function newWebhookSecret(): string {
  return `${PREFIX}${randomBytes(NEW_SECRET_BYTES).toString('base64')}`;
}

/**
 * The key behind a secret. Making it costs more than signing with it: keep it.
 * @throws AppError `internal` when the secret is not `whsec_` and 16 to 64 bytes in base64.
 */
export function signingKey(secret: string): KeyObject {
  const encoded = secret.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, 'base64');
  const isSecret =
    secret.startsWith(PREFIX) &&
    BASE64.test(encoded) &&
    bytes.length >= MIN_SECRET_BYTES &&
    bytes.length <= MAX_SECRET_BYTES;
  if (!isSecret) {
    throw new AppError(
      'internal',
      `A webhook secret is not ${PREFIX} and ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes in base64.`,
    );
  }
  return createSecretKey(bytes);
}

export interface SignedContent {
  id: string;
  /** Seconds since the epoch, a whole number. */
  timestampSeconds: number;
  body: Buffer;
}

/**
 * The value of `webhook-signature`: one signature a key, each of which verifies alone.
 * By the Standard Webhooks specification (standardwebhooks.com), symmetric signatures of version 1.
 */
export function signMessage(
  keys: readonly KeyObject[],
  { id, timestampSeconds, body }: SignedContent,
): string {
  const head = `${id}.${timestampSeconds}.`;
  return keys
    .map((key) => `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`)
    .join(' ');
}
