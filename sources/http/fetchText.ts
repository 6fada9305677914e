import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError } from '../../domain/errors';
import { parseRetryAfter } from '../../domain/retryAfter';
import { type Timestamp, toTimestamp } from '../../domain/time';
import { errorCode } from '../file/errorCode';
import { decoderFor } from '../file/textInput';
import { displayAddress, isSameSite, parseAddress } from './address';

const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_REDIRECTS = 5;
const ENCODING_HEAD_SIZE = 1_024;
const MAX_HEADER_LENGTH = 8_192;

const REQUEST_HEADERS = {
  accept:
    'application/json, application/x-ndjson, application/rss+xml, application/atom+xml, text/csv;q=0.9, */*;q=0.5',
  'user-agent': 'upwork-jobs-platform',
};

/** Answers after which the same question may be answered later. */
const LATER_STATUSES = new Set([408, 425, 429]);
/** Answers that say there is no such page, or not any more. */
const GONE_STATUSES = new Set([400, 404, 410]);

export interface HttpTimeouts {
  /** From the request to the headers of the answer, each redirect counted anew. */
  answerMs: number;
  /** For all of it: redirects, headers and body. */
  totalMs: number;
}

export interface HttpRequest {
  url: URL;
  /** Of the first page as it was seen last; null to have it whatever it was. */
  validators: HttpValidators | null;
  /** The site of the source: redirects may not leave it unless `otherOrigins`, and credentials never do. */
  home: URL;
  otherOrigins: boolean;
  timeouts: HttpTimeouts;
  now: () => Timestamp;
}

export interface HttpValidators {
  etag?: string | undefined;
  lastModified?: string | undefined;
}

export interface HttpText {
  /** Where the text was found in the end. */
  url: URL;
  text: string;
  /** Without parameters, lower-case; empty when not stated. */
  contentType: string;
  /** The Link header. */
  link: string;
  validators: HttpValidators | null;
  /** When the server answered, by its own clock, but never in the future. */
  seenAt: Timestamp;
}

/** The answer that nothing has changed since the validators. */
export interface NotModified {
  isNotModified: true;
  seenAt: Timestamp;
}

/**
 * Gets a text over HTTP, following up to five redirects.
 * @throws AppError `unavailable` for 429, 5xx, time-outs and broken connections, with the seconds that Retry-After asks for;
 *   `not_found` for 400, 404 and 410; `conflict` for an address or redirect that leaves the source's site;
 *   `payload_too_large` for more than 32 MiB; `invalid_parameter` for every other refusal.
 */
export async function fetchText(request: HttpRequest): Promise<HttpText | NotModified> {
  const total = AbortSignal.timeout(request.timeouts.totalMs);
  let { url } = request;
  for (let redirects = 0; ; redirects += 1) {
    refuseOtherSite(url, request);
    const response = await answerTo(url, request, total);
    const target = redirectTarget(response, url);
    if (target === null) return await readAnswer(response, url, request, total);
    await response.body?.cancel();
    if (redirects === MAX_REDIRECTS) {
      throw new AppError(
        'invalid_parameter',
        `${displayAddress(request.url)} redirects more than ${MAX_REDIRECTS} times.`,
      );
    }
    url = target;
  }
}

function refuseOtherSite(url: URL, { home, otherOrigins }: HttpRequest): void {
  if (otherOrigins || isSameSite(url, home)) return;
  throw new AppError(
    'conflict',
    `${displayAddress(home)} leads to another site, ${displayAddress(url)}. Allow it with --other-origins, or add the source under that address.`,
  );
}

async function answerTo(url: URL, request: HttpRequest, total: AbortSignal): Promise<Response> {
  const { validators, home, timeouts } = request;
  const headers = new Headers(REQUEST_HEADERS);
  if (validators?.etag !== undefined) headers.set('if-none-match', validators.etag);
  if (validators?.lastModified !== undefined) headers.set('if-modified-since', validators.lastModified);
  if (home.username !== '' && isSameSite(url, home)) headers.set('authorization', basicCredentials(home));
  const target = new URL(url);
  target.username = '';
  target.password = '';
  target.hash = '';
  const answer = new AbortController();
  const timer = setTimeout(() => answer.abort(), timeouts.answerMs);
  try {
    return await fetch(target, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([total, answer.signal]),
    });
  } catch (cause) {
    if (answer.signal.aborted || total.aborted) {
      const limit = answer.signal.aborted ? timeouts.answerMs : timeouts.totalMs;
      throw unavailable(url, `did not answer within ${seconds(limit)}`, cause);
    }
    throw unavailable(url, `cannot be reached (${connectionFault(cause)})`, cause);
  } finally {
    clearTimeout(timer);
  }
}

function basicCredentials({ username, password }: URL): string {
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain, 'utf8').toString('base64')}`;
}

function redirectTarget(response: Response, url: URL): URL | null {
  const location = response.headers.get('location');
  if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return null;
  return parseAddress(location, url);
}

async function readAnswer(
  response: Response,
  url: URL,
  request: HttpRequest,
  total: AbortSignal,
): Promise<HttpText | NotModified> {
  const seenAt = answeredAt(response.headers, request.now());
  if (response.status === 304 && request.validators !== null) return { isNotModified: true, seenAt };
  if (!response.ok) {
    await response.body?.cancel();
    throw refusal(response, url, request.now());
  }
  // No content is no broken page: a list without rows.
  const bytes = response.status === 204 ? Buffer.from('[]') : await readBody(response, url, request, total);
  const contentType = response.headers.get('content-type') ?? '';
  return {
    url,
    text: decode(bytes, contentType),
    contentType: (contentType.split(';')[0] ?? '').trim().toLowerCase(),
    link: (response.headers.get('link') ?? '').slice(0, MAX_HEADER_LENGTH),
    validators: validatorsOf(response.headers),
    seenAt,
  };
}

function refusal(response: Response, url: URL, now: Timestamp): AppError {
  const { status, statusText } = response;
  const answer = `answers ${status}${statusText === '' ? '' : ` ${statusText.slice(0, 100)}`}`;
  if (LATER_STATUSES.has(status) || status >= 500) {
    const retryAfterSeconds = parseRetryAfter(response.headers.get('retry-after'), now);
    const wait = retryAfterSeconds === undefined ? '' : ` and asks to wait ${retryAfterSeconds} s`;
    return unavailable(url, `${answer}${wait}`, undefined, retryAfterSeconds);
  }
  const code = GONE_STATUSES.has(status) ? 'not_found' : 'invalid_parameter';
  return new AppError(code, `${displayAddress(url)} ${answer}.`);
}

function unavailable(url: URL, what: string, cause: unknown, retryAfterSeconds?: number): AppError {
  return new AppError('unavailable', `${displayAddress(url)} ${what}.`, { cause, retryAfterSeconds });
}

async function readBody(
  response: Response,
  url: URL,
  { timeouts }: HttpRequest,
  total: AbortSignal,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of piecesOf(response)) {
      length += piece.byteLength;
      if (length > MAX_BODY_BYTES) throw tooLarge(url);
      pieces.push(piece);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if (total.aborted)
      throw unavailable(url, `did not end its answer within ${seconds(timeouts.totalMs)}`, cause);
    throw unavailable(url, `broke off its answer after ${length} bytes (${connectionFault(cause)})`, cause);
  }
  const bytes = Buffer.concat(pieces);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? await unpack(bytes, url) : bytes;
}

function piecesOf(response: Response): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return response.body ?? [];
}

/** A file that is itself gzipped, whatever the content encoding. */
async function unpack(bytes: Buffer, url: URL): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    if (errorCode(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(url);
    throw new AppError(
      'unsupported_media_type',
      `${displayAddress(url)} gives a damaged gzip file (${errorCode(cause)}).`,
      { cause },
    );
  }
}

function tooLarge(url: URL): AppError {
  return new AppError(
    'payload_too_large',
    `${displayAddress(url)} gives a page of more than ${MAX_BODY_BYTES / 1024 / 1024} MiB.`,
  );
}

/** By byte order mark, else as the content type says, else as the text itself does. */
function decode(bytes: Buffer, contentType: string): string {
  const head = bytes.subarray(0, ENCODING_HEAD_SIZE);
  const charset = /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType)?.[1];
  const hasMark = (head[0] === 0xef && head[1] === 0xbb) || (head[0] ?? 0) >= 0xfe;
  if (charset === undefined || hasMark) return decoderFor(head).decode(bytes);
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return decoderFor(head).decode(bytes);
  }
}

function validatorsOf(headers: Headers): HttpValidators | null {
  const take = (name: string): string | undefined => {
    const value = headers.get(name);
    return value === null || value === '' || value.length > 500 ? undefined : value;
  };
  const etag = take('etag');
  const lastModified = take('last-modified');
  return etag === undefined && lastModified === undefined ? null : { etag, lastModified };
}

function answeredAt(headers: Headers, now: Timestamp): Timestamp {
  const millis = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(millis)) return now;
  const stated = toTimestamp(millis);
  return stated < now ? stated : now;
}

/** The code or message that is furthest inside an error of fetch. */
function connectionFault(error: unknown): string {
  let innermost: unknown = error;
  while (innermost instanceof Error && innermost.cause !== undefined) innermost = innermost.cause;
  const code = errorCode(innermost);
  if (code !== 'unknown error') return code;
  return innermost instanceof Error ? innermost.message.slice(0, 200) : 'the connection failed';
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}
