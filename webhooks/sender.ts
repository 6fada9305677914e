import type { KeyObject } from 'node:crypto';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  SendWebhook,
  WebhookMessage,
  WebhookSendResult,
  WebhookTarget,
} from '../domain/webhooks/message';
import { isReservedHeader } from '../domain/webhooks/reservedHeaders';
import { toTimestamp } from '../domain/time';
import { answerText, secondsToWait } from './answers';
import { createConnectionPools } from './connections';
import { type Destination, type DestinationRules, parseDestination, type Refusal } from './destination';
import { exchange, type Exchange, type PostRequest } from './exchange';
import { describeFailure, faultOfStatus } from './failures';
import { createAddressFinder, createLookup, type Lookup, type Resolution } from './resolution';
import { signingKey, signMessage } from './signature';

export interface WebhookSenderOptions extends DestinationRules {
  /** Of `user-agent`. */
  userAgent: string;
  /** Asks the name servers of this host unless given. */
  lookup?: Lookup;
  /** For all of a request: look-up, connection, headers and body; 15 s unless given. */
  timeoutMs?: number;
  /** Milliseconds since the epoch; the clock of this host unless given. */
  nowMs?: () => number;
}

export interface WebhookSender {
  /**
   * What is made of a target (its URL read, its keys) is kept with the object: hand over the same one for all messages to an
   * endpoint, and do not change it.
   */
  send: SendWebhook;
  /** What speaks against an endpoint with this URL, as a sentence for who named it; null: nothing. */
  check: (url: string) => Promise<string | null>;
  /** Closes all connections, after what is under way. */
  close: () => Promise<void>;
}

const TIMEOUT_MS = 15_000;
/** Of the addresses of a name, how many are tried until one takes a connection. */
const MOST_ADDRESSES_TRIED = 3;

interface PreparedTarget {
  destination: Destination;
  keys: KeyObject[];
  /** Names and values in turn. */
  headers: string[];
}

type Attempt = Pick<WebhookSendResult, 'status_code' | 'answer' | 'error' | 'retryAfterSeconds'>;

/** Sends webhooks to the URLs of customers, and to nothing behind them that they have no business with. */
export function createWebhookSender({
  userAgent,
  lookup = createLookup(),
  timeoutMs = TIMEOUT_MS,
  nowMs = Date.now,
  ...rules
}: WebhookSenderOptions): WebhookSender {
  const addresses = createAddressFinder({ lookup, rules });
  const pools = createConnectionPools();
  const prepared = new WeakMap<WebhookTarget, PreparedTarget | Refusal>();

  function prepare(target: WebhookTarget): PreparedTarget | Refusal {
    const known = prepared.get(target);
    if (known) return known;
    const made = prepareTarget(target, { rules, userAgent });
    prepared.set(target, made);
    return made;
  }

  async function attempt(target: WebhookTarget, message: WebhookMessage, atMs: number): Promise<Attempt> {
    const deadline = performance.now() + timeoutMs;
    const ready = prepare(target);
    if ('code' in ready) return failed(ready.code);
    const finding = addresses.find(ready.destination);
    const found = finding instanceof Promise ? await within(timeoutMs, finding) : finding;
    if (!found.ok) return failed(found.refusal.code);
    const request = signedRequest(ready, message, atMs);
    let untried = found.addresses;
    for (let tried = 1; ; tried += 1) {
      const chosen = pools.poolFor(ready.destination, untried);
      const made = await exchange(chosen.pool, request, deadline - performance.now());
      if (made.failure === null || made.wasSent) return attemptOf(made, atMs);
      // No connection: the next address may take one.
      pools.drop(chosen);
      const [next, ...others] = untried.filter((address) => address !== chosen.address);
      if (next === undefined || tried === MOST_ADDRESSES_TRIED || performance.now() >= deadline) {
        return attemptOf(made, atMs);
      }
      untried = [next, ...others];
    }
  }

  return {
    send: async (target, message) => {
      const startedAt = performance.now();
      const atMs = nowMs();
      let result: Attempt;
      try {
        result = await attempt(target, message, atMs);
      } catch (error) {
        result = failed(describeFailure(error));
      }
      return { at: toTimestamp(atMs), duration_ms: Math.round(performance.now() - startedAt), ...result };
    },
    check: async (url) => {
      const parsed = parseDestination(url, rules);
      if (!parsed.ok) return parsed.refusal.message;
      const found = await within(timeoutMs, Promise.resolve(addresses.find(parsed.destination)));
      return found.ok ? null : found.refusal.message;
    },
    close: () => pools.close(),
  };
}

function prepareTarget(
  { url, headers, secrets }: WebhookTarget,
  { rules, userAgent }: { rules: DestinationRules; userAgent: string },
): PreparedTarget | Refusal {
  const parsed = parseDestination(url, rules);
  if (!parsed.ok) return parsed.refusal;
  const own = Object.entries(headers).filter(([name]) => !isReservedHeader(name));
  if (!own.every(isHeader))
    return { code: 'header_refused', message: 'A header has no valid name or value.' };
  return {
    destination: parsed.destination,
    keys: secrets.map(signingKey),
    headers: [
      ...['content-type', 'application/json', 'user-agent', userAgent, 'accept-encoding', 'identity'],
      ...own.flat(),
    ],
  };
}

function isHeader([name, value]: [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

function signedRequest(
  { destination, keys, headers }: PreparedTarget,
  { id, body: text }: WebhookMessage,
  atMs: number,
): PostRequest {
  const timestampSeconds = Math.floor(atMs / 1_000);
  const body = Buffer.from(text);
  const signature = signMessage(keys, { id, timestampSeconds, body });
  return {
    method: 'POST',
    path: destination.path,
    headers: headers.concat([
      ...['webhook-id', id],
      ...['webhook-timestamp', String(timestampSeconds)],
      ...['webhook-signature', signature],
    ]),
    body,
  };
}

function attemptOf({ answer, failure }: Exchange, atMs: number): Attempt {
  const error = failure === null ? null : describeFailure(failure.error);
  if (answer === null) return failed(error ?? 'failed');
  return {
    status_code: answer.statusCode,
    answer: answerText(answer.body),
    error: error ?? faultOfStatus(answer.statusCode),
    retryAfterSeconds: secondsToWait(answer, atMs),
  };
}

function failed(error: string): Attempt {
  return { status_code: null, answer: null, error, retryAfterSeconds: null };
}

/** What was found, or that it took too long. */
async function within(timeoutMs: number, finding: Promise<Resolution>): Promise<Resolution> {
  const timer = new AbortController();
  const tooLate = delay(timeoutMs, undefined, { signal: timer.signal }).then((): Resolution => ({
    ok: false,
    refusal: { code: 'timeout', message: 'The name of the host is not resolved in time.' },
  }));
  tooLate.catch(() => undefined);
  const found = await Promise.race([finding, tooLate]);
  timer.abort();
  return found;
}
