/** How far the time of signing may be from now: an older request is one that somebody has kept. */
const DEFAULT_TOLERANCE_SECONDS = 300;
const SECRET_PREFIX = 'whsec_';
const VERSION_PREFIX = 'v1,';

/** A request that an endpoint has received. */
export interface ReceivedWebhook {
  /** As it came, not read and written anew. */
  body: string | Uint8Array;
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface WebhookVerification extends ReceivedWebhook {
  /** `whsec_...` of the endpoint; several where one receiver serves several endpoints. */
  secret: string | readonly string[];
  /** Seconds, 300 unless given. */
  toleranceSeconds?: number;
  /** Milliseconds since 1970; the clock's unless given. */
  now?: number;
}

/** A request that does not come from the API, or not unchanged, or not just now. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
}

/**
 * Holds a request against its signature, as the Standard Webhooks specification says.
 * @throws WebhookVerificationError
 */
export async function verifySignature({
  body,
  headers,
  secret,
  toleranceSeconds = DEFAULT_TOLERANCE_SECONDS,
  now = Date.now(),
}: WebhookVerification): Promise<void> {
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const signatures = headerOf(headers, 'webhook-signature');
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookVerificationError('webhook-timestamp is no time.');
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) {
    throw new WebhookVerificationError('webhook-timestamp is too far from now.');
  }
  const signed = bytesOfSigned(`${id}.${timestamp}.`, body);
  const keys = await Promise.all((typeof secret === 'string' ? [secret] : secret).map(keyOf));
  for (const signature of signatures.split(' ')) {
    if (!signature.startsWith(VERSION_PREFIX)) continue;
    const claimed = fromBase64(signature.slice(VERSION_PREFIX.length));
    if (claimed === null) continue;
    for (const key of keys) {
      // Takes the same time wherever the two differ.
      if (await crypto.subtle.verify('HMAC', key, claimed, signed)) return;
    }
  }
  throw new WebhookVerificationError('No signature in webhook-signature is that of the body.');
}

function headerOf(headers: ReceivedWebhook['headers'], name: string): string {
  const value = isHeaders(headers)
    ? headers.get(name)
    : Object.entries(headers).find(([given]) => given.toLowerCase() === name)?.[1];
  const text = typeof value === 'object' ? value?.[0] : value;
  if (!text) throw new WebhookVerificationError(`The header ${name} is missing.`);
  return text;
}

/** Of any library, not of this program's `fetch` alone. */
function isHeaders(headers: ReceivedWebhook['headers']): headers is Headers {
  return typeof headers.get === 'function';
}

function bytesOfSigned(head: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const [first, rest] = [encoder.encode(head), typeof body === 'string' ? encoder.encode(body) : body];
  const bytes = new Uint8Array(first.length + rest.length);
  bytes.set(first);
  bytes.set(rest, first.length);
  return bytes;
}

async function keyOf(secret: string): Promise<CryptoKey> {
  const bytes = fromBase64(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret);
  if (bytes === null || bytes.length === 0) throw new TypeError('A secret is whsec_ and base64.');
  return await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
