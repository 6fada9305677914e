import { compilePath } from '../../domain/mapping/path';
import { isRecord, type SourceRecord } from '../../domain/mapping/record';
import type { HttpOptions } from './httpOptions';

/** Where bodies hold the address of their next page. */
const USUAL_NEXT_PATHS = ['next', 'next_url', 'links.next', '_links.next'];
const MAX_CURSOR_LENGTH = 1_000;

export interface PageShown {
  url: URL;
  /** The Link header. */
  link: string;
  text: string;
  /** The last row that could be read; null when there is none. */
  lastRecord: SourceRecord | null;
}

/**
 * The address of the page that follows, as the page or its headers say; null when none does, or it names itself. The cursor
 * of the options comes first, then the path of the options, the Link header, the body's usual fields, Atom's link element.
 */
export function findNextPage(page: PageShown, options: HttpOptions): URL | null {
  const next = nextAddress(page, options);
  if (next === null || !URL.canParse(next, page.url.href)) return null;
  const url = new URL(next, page.url);
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  return isHttp && url.href !== page.url.href ? url : null;
}

function nextAddress(page: PageShown, options: HttpOptions): string | null {
  const body = readBody(page.text);
  if (options.cursorParameter !== undefined && options.cursorPath !== undefined) {
    const cursor = cursorIn(body ?? page.lastRecord, options.cursorPath);
    if (cursor === null) return null;
    const url = new URL(page.url);
    url.searchParams.set(options.cursorParameter, cursor);
    return url.href;
  }
  if (options.nextPath !== undefined) return addressIn(body, options.nextPath);
  return nextInLinkHeader(page.link) ?? nextInBody(body) ?? nextInXml(page.text);
}

/** A JSON object around the rows; null for every other text. */
function readBody(text: string): SourceRecord | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function cursorIn(record: SourceRecord | null, path: string): string | null {
  if (record === null) return null;
  const found = compilePath(path).read(record);
  const value: unknown = Array.isArray(found) ? found.at(-1) : found;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= MAX_CURSOR_LENGTH ? value : null;
}

/** An address as text, or as the `href` or `url` of an object. */
function addressIn(body: SourceRecord | null, path: string): string | null {
  if (body === null) return null;
  const value = compilePath(path).read(body);
  const address = isRecord(value) ? (value.href ?? value.url) : value;
  return typeof address === 'string' && address !== '' ? address : null;
}

/** Under a usual name only what looks like an address is one: it may as well be a cursor or a posting's own field. */
function nextInBody(body: SourceRecord | null): string | null {
  const addresses = USUAL_NEXT_PATHS.map((path) => addressIn(body, path));
  return addresses.find((address) => address !== null && /^(?:https?:\/\/|\/|\?)/i.test(address)) ?? null;
}

/** RFC 8288: `<https://…?page=2>; rel="next"`. */
function nextInLinkHeader(header: string): string | null {
  for (const [, address, parameters] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters ?? '');
    const names = (relations?.[1] ?? relations?.[2] ?? '').toLowerCase().split(/\s+/);
    if (names.includes('next') && address !== undefined) return address;
  }
  return null;
}

function nextInXml(text: string): string | null {
  if (!text.trimStart().startsWith('<')) return null;
  for (const [element] of text.matchAll(/<(?:[\w-]{1,40}:)?link\s[^>]{1,5000}>/g)) {
    if (!/\srel\s*=\s*["']next["']/.test(element)) continue;
    const address = /\shref\s*=\s*["']([^"']+)["']/.exec(element)?.[1];
    if (address !== undefined) return address.replaceAll('&amp;', '&');
  }
  return null;
}
