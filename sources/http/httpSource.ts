import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { type Timestamp, toTimestamp } from '../../domain/time';
import { isJsonDocument, parseRows } from '../file/fileRows';
import type { JobSource, ReceivedRow, SourceCursor, SourcePage } from '../jobSource';
import { displayAddress, parseAddress } from './address';
import { fetchText, type HttpText, type HttpTimeouts, type HttpValidators } from './fetchText';
import { parseHttpOptions } from './httpOptions';
import { findNextPage } from './nextPage';

const TIMEOUTS: HttpTimeouts = { answerMs: 20_000, totalMs: 60_000 };

const cursorSchema = z.object({
  url: z.string().max(4_096),
  /** Number of the page in its run, from 1. */
  page: z.int().min(1),
  /** Rows of the page that have been taken. */
  row: z.int().min(0),
  /** SHA-256 of the page they were taken from; null when none were. */
  digest: z.string().max(64).nullable(),
});
type HttpCursor = z.infer<typeof cursorSchema>;

const validatorsSchema = z.object({
  etag: z.string().max(500).optional(),
  lastModified: z.string().max(500).optional(),
});

/** A page as it was fetched, kept until its last row has been taken. */
interface FetchedPage {
  address: string;
  digest: string;
  rows: ReceivedRow[];
  next: URL | null;
  validators: HttpValidators | null;
  seenAt: Timestamp;
}

export interface HttpSourceOptions {
  location: string;
  /** As stored with the source; see `parseHttpOptions`. */
  options: unknown;
  /** Of the first page, as the last run saw it; null to have it whatever it is. */
  validators: unknown;
  timeouts?: HttpTimeouts;
  now?: () => Timestamp;
}

/**
 * Reads a feed over HTTP: JSON, NDJSON, CSV, RSS or Atom, page by page. The first request from the beginning is conditional
 * (ETag, If-Modified-Since); an unchanged feed is a page without rows. A page with some rows that cannot be read gives those
 * as broken rows, and is asked for again next time.
 * @throws AppError as `fetchText` does; `unavailable` for a JSON page that breaks off; `unsupported_media_type` for a page in
 *   which nothing can be read; `not_found` or `conflict` when the cursor leads nowhere any more.
 */
export function createHttpSource(given: HttpSourceOptions): JobSource {
  const { location, timeouts = TIMEOUTS, now = () => toTimestamp(Date.now()) } = given;
  const home = parseAddress(location);
  const options = parseHttpOptions(given.options);
  const known = validatorsSchema.safeParse(given.validators);
  const knownValidators = known.success ? known.data : null;
  let kept: FetchedPage | null = null;

  async function pageAt({ url, digest }: HttpCursor, isConditional: boolean) {
    if (kept?.address === url && kept.digest === digest) return kept;
    const answer = await fetchText({
      url: parseAddress(url),
      validators: isConditional ? knownValidators : null,
      home,
      otherOrigins: options.otherOrigins,
      timeouts,
      now,
    });
    if ('isNotModified' in answer) return answer;
    const rows = await readRows(answer);
    const lastRecord = rows.at(-1)?.record ?? null;
    kept = {
      address: url,
      digest: createHash('sha256').update(answer.text).digest('hex'),
      rows,
      next: findNextPage({ ...answer, lastRecord }, options),
      validators: rows.every(({ broken }) => broken === null) ? answer.validators : null,
      seenAt: answer.seenAt,
    };
    return kept;
  }

  async function fetchPage(cursor: SourceCursor | null, limit: number): Promise<SourcePage> {
    const from = cursor === null ? { url: home.href, page: 1, row: 0, digest: null } : parseCursor(cursor);
    const page = await pageAt(from, cursor === null);
    if ('isNotModified' in page) return { rows: [], cursor: from, isLast: true, seenAt: page.seenAt };
    // A page that has changed since its first rows were taken is read again from its beginning: twice is harmless.
    const row = page.digest === from.digest ? from.row : 0;
    const rows = page.rows.slice(row, row + limit);
    const following = row + rows.length < page.rows.length ? page : null;
    const next = from.page < options.maxPages ? page.next : null;
    if (following === null) kept = null;
    return {
      rows,
      cursor:
        following !== null
          ? { ...from, row: row + rows.length, digest: page.digest }
          : next !== null
            ? { url: next.href, page: from.page + 1, row: 0, digest: null }
            : from,
      isLast: following === null && next === null,
      seenAt: page.seenAt,
      ...(cursor === null ? { validators: page.validators && { ...page.validators } } : {}),
    };
  }

  return {
    fetchPage,
    close: () => {
      kept = null;
      return Promise.resolve();
    },
  };
}

function parseCursor(cursor: SourceCursor): HttpCursor {
  const parsed = cursorSchema.safeParse(cursor);
  if (!parsed.success) throw new AppError('conflict', 'The cursor is none of an http source.');
  return parsed.data;
}

/** Names by which `parseRows` knows the format, where the text itself does not tell. */
const NAME_OF_TYPE: Readonly<Record<string, string>> = {
  'application/json': 'page.json',
  'text/json': 'page.json',
  'application/x-ndjson': 'page.ndjson',
  'application/ndjson': 'page.ndjson',
  'application/jsonl': 'page.ndjson',
  'application/jsonlines': 'page.ndjson',
  'application/x-jsonlines': 'page.ndjson',
  'text/csv': 'page.csv',
  'text/tab-separated-values': 'page.csv',
};

/**
 * @throws AppError `unavailable` when the page is JSON that breaks off or is damaged: where the next page is stands at its end, so
 *   that to take some of its rows would be to lose all that follow; `unsupported_media_type` when nothing of it can be read.
 */
async function readRows({ url, text, contentType, seenAt }: HttpText): Promise<ReceivedRow[]> {
  const named = NAME_OF_TYPE[contentType];
  const name = named ?? url.pathname;
  const rows: ReceivedRow[] = [];
  const input = { chunks: [text], damage: () => null, modifiedAt: seenAt, close: () => Promise.resolve() };
  for await (const { row } of parseRows(input, name)) rows.push(row);
  const lastFault = rows.findLast(({ broken }) => broken !== null)?.broken;
  if (lastFault && isJsonDocument(text, name) && !isJson(text)) {
    throw new AppError('unavailable', brokenSentence(url, lastFault));
  }
  const firstFault = rows[0]?.broken;
  if (rows.length > 0 && rows.some(({ broken }) => broken === null)) return rows;
  if (rows.length > 0) throw unreadable(url, firstFault ?? 'no row of it can be read');
  const isLineWise = /\.(?:csv|tsv|ndjson|jsonl)$/i.test(name);
  if (text.trim() === '' && !isLineWise) throw unreadable(url, 'it is empty');
  // What is no other format is taken for CSV; a text without rows is that only if it says so.
  if (!isLineWise && !/^\s*[[{<]/.test(text)) throw unreadable(url, 'it is in no format that is known');
  return rows;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function unreadable(url: URL, why: string): AppError {
  return new AppError('unsupported_media_type', brokenSentence(url, why));
}

function brokenSentence(url: URL, why: string): string {
  return `The page ${displayAddress(url)} arrived broken: ${why.replace(/\.$/, '')}.`;
}
