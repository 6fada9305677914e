import { decodeHTMLStrict } from 'entities';
import { Parser } from 'htmlparser2';

export const MAX_TITLE_LENGTH = 500;
export const MAX_DESCRIPTION_LENGTH = 50_000;
export const MAX_LINE_LENGTH = 500;

/** Longer texts are cut before anything is done with them. */
const MAX_INPUT_LENGTH = 1_000_000;

const LINE_BREAKS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
const BLANKS = /[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+/g;
const CONTROL_CHARACTERS = /(?![\n\t])\p{Cc}|\ufeff/gu;
const LONE_SURROGATES = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** An entity whose ampersand was itself escaped: the text went through two encoders. */
const DOUBLY_ESCAPED =
  /&amp;(?:amp|lt|gt|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip|#\d{2,5}|#x[\da-f]{2,5});/i;
const PLAIN_ASCII_LINE = /^[!-~]+(?: [!-~]+)*$/;

/** Tags that stand for a line break; everything else that HTML knows is layout within a line. */
const BREAKING_TAGS: ReadonlySet<string> = new Set(
  'address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul'.split(
    ' ',
  ),
);
const INLINE_TAGS: ReadonlySet<string> = new Set(
  'a abbr acronym area audio b base bdi bdo big body button canvas caption center cite code col colgroup data datalist del details dfn dialog em embed font head html i iframe img input ins kbd label legend link map mark meta meter nobr noscript object optgroup option output param picture progress q rp rt ruby s samp select small source span strike strong sub summary sup svg tbody td template textarea tfoot th thead time title tt u var video wbr'.split(
    ' ',
  ),
);
const SILENT_TAGS: ReadonlySet<string> = new Set(['script', 'style']);
const BREAKING_TAG_IN_SOURCE = /<(?:br|p|div|li|ul|ol|h[1-6]|tr)\b/i;

/** Decodes named and numeric entities that end in a semicolon (`&amp;`); `?a=1&copy=2` stays as it is. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  const once = decodeHTMLStrict(text);
  return DOUBLY_ESCAPED.test(text) ? decodeHTMLStrict(once) : once;
}

/**
 * The text of a piece of HTML: entities decoded, `<br>`, paragraphs and list items as line breaks. What only looks like a tag
 * (`List<String>`, `a < b`) stays.
 */
export function htmlToText(html: string): string {
  if (!html.includes('<')) return decodeEntities(html);
  // With tags for its line breaks, the line breaks of the source are mere blanks; without, they are meant.
  const source = BREAKING_TAG_IN_SOURCE.test(html) ? html.replace(/[\r\n]+/g, ' ') : html;
  const pieces: string[] = [];
  let silent = 0;
  const parser = new Parser(
    {
      ontext: (text) => {
        if (silent === 0) pieces.push(text);
      },
      onopentag: (name, _attributes, isImplied) => {
        if (SILENT_TAGS.has(name)) silent += 1;
        else if (BREAKING_TAGS.has(name)) pieces.push('\n');
        else if (!INLINE_TAGS.has(name) && !isImplied)
          pieces.push(source.slice(parser.startIndex, parser.endIndex + 1));
      },
      onclosetag: (name, isImplied) => {
        if (SILENT_TAGS.has(name)) silent = Math.max(0, silent - 1);
        else if (name === 'br' || name === 'hr') return;
        else if (BREAKING_TAGS.has(name)) pieces.push('\n');
        else if (!INLINE_TAGS.has(name) && !isImplied)
          pieces.push(source.slice(parser.startIndex, parser.endIndex + 1));
      },
    },
    { decodeEntities: false, lowerCaseTags: true },
  );
  parser.write(source);
  parser.end();
  return decodeEntities(pieces.join(''));
}

/**
 * White space and characters made regular: line breaks are `\n`, runs of blanks one space, no blanks around line breaks, at most
 * one empty line; control characters are removed, lone surrogates replaced, composed to NFC.
 */
export function normaliseText(text: string): string {
  if (PLAIN_ASCII_LINE.test(text)) return text;
  return text
    .replace(LINE_BREAKS, '\n')
    .replace(CONTROL_CHARACTERS, '')
    .replace(BLANKS, ' ')
    .replace(LONE_SURROGATES, '\ufffd')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
    .normalize('NFC');
}

/** Cuts to `maxLength` UTF-16 units without splitting a character. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? maxLength - 1 : maxLength);
}

/** A text that every database takes: without NUL and other control characters, and without halves of surrogate pairs. */
export function storableText(text: string): string {
  return text.toWellFormed().replace(/(?![\n\t])\p{Cc}/gu, '\u{fffd}');
}

export interface CleanOptions {
  /** How the source encodes it: `html` interprets tags, `text` keeps them; entities are decoded in both. */
  from: 'text' | 'html';
  maxLength: number;
}

/** A text of several lines, clean and cut. */
export function cleanText(text: string, { from, maxLength }: CleanOptions): string {
  const input = cutText(text, MAX_INPUT_LENGTH);
  return cutText(
    normaliseText(from === 'html' ? htmlToText(input) : decodeEntities(input)),
    maxLength,
  ).trimEnd();
}

/** A text of one line, clean and cut: line breaks become spaces. */
export function cleanLine(text: string, options: CleanOptions): string {
  const clean = cleanText(text, { ...options, maxLength: MAX_INPUT_LENGTH });
  return cutText(clean.includes('\n') ? clean.replace(/\n+/g, ' ') : clean, options.maxLength).trimEnd();
}
