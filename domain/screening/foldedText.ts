/** Longer texts are cut before they are screened. */
const MAX_SCREENED_LENGTH = 20_000;
const MAX_EVIDENCE_LENGTH = 120;
const MAX_SENTENCE_LENGTH = 400;

/** A text as patterns read it, with the way back to what was written. */
export interface FoldedText {
  /** As written, cut. */
  original: string;
  /** Lower-case, without accents and invisible characters, lookalikes and spaced letters read as what they stand for. */
  folded: string;
  /** Index in `original` of each character of `folded`, and where the last one ends; null where they are the same. */
  origins: Uint32Array | null;
  /**
   * What is worth reading for: the first four characters of every word of Latin letters and digits, `@` and `#` where there
   * is an at sign or a digit.
   */
  stems: ReadonlySet<string>;
  /** Words that mix Latin letters with lookalikes of another script. */
  mixedScriptWords: string[];
}

/** Letters that look like Latin ones. */
const LOOKALIKES = new Map(
  Object.entries({
    a: 'аαɑᴀ',
    b: 'вʙЬ',
    c: 'сϲᴄ',
    d: 'ԁᴅ',
    e: 'еєεᴇ',
    f: 'ғꜰ',
    g: 'ɡɢ',
    h: 'һнʜ',
    i: 'іιıɪӏ',
    j: 'јᴊ',
    k: 'кκᴋ',
    l: 'ʟ',
    m: 'мᴍ',
    n: 'пηɴ',
    o: 'оοσᴏօ',
    p: 'рρᴘ',
    q: 'ԛ',
    r: 'гʀ',
    s: 'ѕꜱ',
    t: 'тτᴛ',
    u: 'υᴜս',
    v: 'ѵνᴠ',
    w: 'ԝωшᴡ',
    x: 'хχ',
    y: 'уγʏ',
    z: 'ᴢ',
    "'": '’‘ʼ`´',
    '"': '“”„«»',
    '-': '‐‑‒–—−',
  }).flatMap(([letter, lookalikes]) => Array.from(lookalikes, (lookalike) => [lookalike, letter] as const)),
);

const INVISIBLE = /[\p{Cf}\p{M}\u115f\u1160\u3164\uffa0]/u;
const MARKS = /\p{M}/gu;
const OTHER_SCRIPT = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const FOREIGN_LETTERS = /[\p{Script=Cyrillic}\p{Script=Greek}]/gu;
const LATIN_LETTERS = /[a-z]/g;
const LONG_WORDS = /\p{L}{3,60}/gu;
const NOT_ASCII = /\P{ASCII}/gu;
export const IS_ASCII = /^\p{ASCII}*$/u;
const BLANKS = /[\t\v\f\r]| {2}/;
/** Typeset apostrophes are no disguise. */
const QUOTES = /[’‘ʼ`´]/g;
const BLANK = /[^\S\n]/;
/** `t e l e g r a m`, `t.e.l.e.g.r.a.m`: five letters and more, each on its own. */
const SPACED_LETTERS = /(?<![a-z0-9])[a-z](?:[ ._*|~-][a-z]){4,60}(?![a-z0-9])/g;

/** What one character reads as, lookalikes aside: `Ⓣ` as `t`, `é` as `e`; several characters for a few. */
const plainForms = new Map<number, string>();

function plainForm(codePoint: number): string {
  const known = plainForms.get(codePoint);
  if (known !== undefined) return known;
  const form = computePlainForm(codePoint);
  // Bounded by the repertoire of Unicode; the common characters are few.
  if (plainForms.size < 20_000) plainForms.set(codePoint, form);
  return form;
}

function computePlainForm(codePoint: number): string {
  for (const start of [0x1f130, 0x1f150, 0x1f170, 0x1f1e6]) {
    // Letters in squares and circles, and the halves of flags.
    if (codePoint >= start && codePoint < start + 26) return String.fromCharCode(0x61 + codePoint - start);
  }
  const character = String.fromCodePoint(codePoint);
  if (INVISIBLE.test(character)) return '';
  if (BLANK.test(character)) return ' ';
  return character.normalize('NFKD').replace(MARKS, '').toLowerCase();
}

/** A text under way: where `origins` is null, each character stands where it was. */
interface Reading {
  text: string;
  origins: number[] | null;
}

/** Folds a text for detection; what is longer than 20,000 characters is cut. */
export function foldText(text: string): FoldedText {
  const original = text.slice(0, MAX_SCREENED_LENGTH);
  const plain = plainReading(original);
  const { reading, mixedScriptWords } = readLookalikes(plain);
  const joined = joinSpacedLetters(reading);
  return {
    original,
    folded: joined.text,
    origins: joined.origins && Uint32Array.from([...joined.origins, original.length]),
    stems: stemsOf(joined.text),
    mixedScriptWords,
  };
}

function stemsOf(text: string): Set<string> {
  const stems = new Set<string>();
  if (text.includes('@')) stems.add('@');
  let hasDigit = false;
  let start = -1;
  for (let index = 0; index <= text.length; index += 1) {
    const code = index < text.length ? text.charCodeAt(index) : 0;
    const isInWord = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
    if (code >= 0x30 && code <= 0x39) hasDigit = true;
    if (isInWord && start === -1) start = index;
    if (isInWord || start === -1) continue;
    stems.add(text.slice(start, Math.min(index, start + 4)));
    start = -1;
  }
  if (hasDigit) stems.add('#');
  return stems;
}

function plainReading(original: string): Reading {
  const lower = original.replace(NOT_ASCII, sameLengthForm).toLowerCase();
  const isAligned = lower.length === original.length && !lower.includes('\0') && !BLANKS.test(lower);
  return isAligned ? { text: lower, origins: null } : realignedReading(original);
}

/** The plain form where it takes as much room, else NUL as a sign that it does not. */
function sameLengthForm(character: string): string {
  const form = plainForm(character.codePointAt(0) ?? 0);
  return form.length === character.length ? form : '\0';
}

/** Character by character; runs of blanks are one. */
function realignedReading(original: string): Reading {
  let text = '';
  const origins: number[] = [];
  for (let index = 0; index < original.length; index += 1) {
    const codePoint = original.codePointAt(index) ?? 0;
    const form = codePoint === 10 ? '\n' : plainForm(codePoint);
    if (form !== '' && !(form === ' ' && text.endsWith(' '))) {
      text += form;
      for (let unit = 0; unit < form.length; unit += 1) origins.push(index);
    }
    if (codePoint > 0xffff) index += 1;
  }
  return { text, origins };
}

/** In a text that is mostly Latin, reads lookalikes as the Latin letters they imitate. */
function readLookalikes(reading: Reading): { reading: Reading; mixedScriptWords: string[] } {
  const { text, origins } = reading;
  if (IS_ASCII.test(text)) return { reading, mixedScriptWords: [] };
  const foreign = text.match(FOREIGN_LETTERS)?.length ?? 0;
  const isMostlyLatin = foreign === 0 || (text.match(LATIN_LETTERS)?.length ?? 0) > foreign;
  const mixedScriptWords = foreign > 0 && isMostlyLatin ? wordsOfMixedScript(text) : [];
  const read = text.replace(NOT_ASCII, (character) => {
    const letter = LOOKALIKES.get(character);
    return letter === undefined || (!isMostlyLatin && OTHER_SCRIPT.test(character)) ? character : letter;
  });
  return { reading: { text: read, origins }, mixedScriptWords };
}

/** Words of Latin letters in which at least one letter is a lookalike; at most 50. A Greek prefix (`μm`, `β-test`) is none. */
function wordsOfMixedScript(text: string): string[] {
  return (text.match(LONG_WORDS) ?? []).filter(isMixed).slice(0, 50);
}

function isMixed(word: string): boolean {
  if (!/[a-z]/.test(word)) return false;
  const foreign = word.match(FOREIGN_LETTERS) ?? [];
  return foreign.length > 0 && foreign.every((letter) => LOOKALIKES.has(letter));
}

function joinSpacedLetters(reading: Reading): Reading {
  const dropped = new Set<number>();
  for (const match of reading.text.matchAll(SPACED_LETTERS)) {
    for (let index = match.index + 1; index < match.index + match[0].length; index += 2) dropped.add(index);
  }
  if (dropped.size === 0) return reading;
  let text = '';
  const origins: number[] = [];
  for (let index = 0; index < reading.text.length; index += 1) {
    if (dropped.has(index)) continue;
    text += reading.text.charAt(index);
    origins.push(reading.origins?.[index] ?? index);
  }
  return { text, origins };
}

/** The piece of the original behind a piece of the folded text, on one line, at most 120 characters. */
export function evidenceOf(text: FoldedText, start: number, end: number): string {
  return shorten(writtenPiece(text, start, end));
}

/** On one line, at most 120 characters. */
export function shorten(piece: string): string {
  const line = piece.replace(/\s+/g, ' ').trim();
  if (line.length <= MAX_EVIDENCE_LENGTH) return line;
  return `${line.slice(0, MAX_EVIDENCE_LENGTH - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function writtenPiece({ original, origins }: FoldedText, start: number, end: number): string {
  if (origins === null) return original.slice(start, end);
  return original.slice(origins[start] ?? 0, origins[end] ?? original.length);
}

/** Whether a piece is written otherwise than it reads: spaced, accented, in lookalikes, with invisible characters. */
export function isDisguised(text: FoldedText, start: number, end: number): boolean {
  const written = writtenPiece(text, start, end)
    .replace(QUOTES, "'")
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
  return written !== text.folded.slice(start, end).trim();
}

/** The sentence around a piece of the folded text, split at the piece. */
export interface Surroundings {
  before: string;
  after: string;
}

const SENTENCE_END = /[.!?](?=[\s"')\]])|\n/g;

export function surroundingsOf({ folded }: FoldedText, start: number, end: number): Surroundings {
  const before = folded.slice(Math.max(0, start - MAX_SENTENCE_LENGTH), start);
  const after = folded.slice(end, end + MAX_SENTENCE_LENGTH);
  let begin = 0;
  for (const match of before.matchAll(SENTENCE_END)) begin = match.index + match[0].length;
  const stop = after.search(SENTENCE_END);
  return { before: before.slice(begin), after: stop === -1 ? after : after.slice(0, stop) };
}
