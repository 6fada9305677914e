import { cleanLine } from '../../text';
import { parsed, unparsed, type Parsed } from './parsed';

const MAX_LIST_LENGTH = 100;
const MAX_LABEL_LENGTH = 100;
const MAX_NAME_LENGTH = 500;

/** Entries as labels: lower case, one space between words, each once, order kept, at most 100. */
export function labelsOf(entries: readonly string[]): string[] {
  return distinct(entries, (entry) =>
    cleanLine(entry, { from: 'text', maxLength: MAX_LABEL_LENGTH }).toLowerCase(),
  );
}

/** Entries as names: as written, each once, order kept, at most 100. */
export function namesOf(entries: readonly string[]): string[] {
  return distinct(entries, (entry) => cleanLine(entry, { from: 'text', maxLength: MAX_NAME_LENGTH }));
}

function distinct(entries: readonly string[], clean: (entry: string) => string): string[] {
  const kept = new Set<string>();
  for (const entry of entries) {
    if (kept.size >= MAX_LIST_LENGTH) break;
    const value = clean(entry);
    if (value !== '') kept.add(value);
  }
  return [...kept];
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '' };
const MAX_ENTRIES = 1_000;

/** A list as Python prints it, `['Flutter', "LLM's"]`, or as JSON: strings, and numbers as their text; None and null are skipped. */
export function parsePythonList(text: string): Parsed<string[]> {
  const source = text.trim();
  const notAList = unparsed('is no list in square brackets');
  const isBracketed = /^[[(].*[\])]$/su.test(source);
  if (!isBracketed) return notAList;

  const entries: string[] = [];
  const end = source.length - 1;
  let at = afterBlanks(source, 1);
  while (at < end) {
    const entry = readEntry(source, at, end);
    if (entry === null || entries.length >= MAX_ENTRIES) return notAList;
    if (entry.value !== null) entries.push(entry.value);
    at = afterBlanks(source, entry.end);
    if (at < end && source.charAt(at) !== ',') return notAList;
    at = afterBlanks(source, at + 1);
  }
  return parsed(entries);
}

function afterBlanks(source: string, start: number): number {
  let at = start;
  while (/\s/.test(source.charAt(at))) at += 1;
  return at;
}

function readEntry(source: string, start: number, end: number): { value: string | null; end: number } | null {
  const prefixed = /^[uUrR](?=['"])/.test(source.slice(start, start + 2)) ? start + 1 : start;
  const quote = source.charAt(prefixed);
  if (quote !== "'" && quote !== '"') {
    const bare = /^(?:-?\d[\d.]*|None|null|True|False|true|false)(?=\s*(?:,|$))/.exec(
      source.slice(start, Math.min(end, start + 40)),
    );
    if (!bare) return null;
    return { value: /^(?:None|null)$/.test(bare[0]) ? null : bare[0], end: start + bare[0].length };
  }
  let value = '';
  for (let at = prefixed + 1; at < end; at += 1) {
    const character = source.charAt(at);
    if (character === quote) return { value, end: at + 1 };
    if (character !== '\\') {
      value += character;
      continue;
    }
    const code = /^(?:x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8})/i.exec(source.slice(at + 1, at + 10));
    if (code) {
      const point = Number.parseInt(code[0].slice(1), 16);
      value += point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
      at += code[0].length;
    } else {
      const escaped = source.charAt(at + 1);
      value += ESCAPES[escaped] ?? escaped;
      at += 1;
    }
  }
  return null;
}
