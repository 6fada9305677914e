import { describeJsonFault } from './jsonFault';
import { ndjsonRows } from './ndjsonRows';
import { parseJson } from './parseJson';
import { brokenRow, isObject, rowOfValue, type ParsedRow } from './rows';
import { createLineCounter, MAX_DOCUMENT_LENGTH, readWhole, type TextInput } from './textInput';

/** Names under which documents keep their list of postings. */
const LIST_NAMES: ReadonlySet<string> = new Set([
  'jobs',
  'data',
  'items',
  'results',
  'edges',
  'nodes',
  'postings',
  'job_postings',
  'jobpostings',
  'entries',
  'records',
  'rows',
  'listings',
  'opportunities',
  'hits',
]);
/** A document with one of these is itself a posting, whatever lists it holds. */
const POSTING_NAMES: ReadonlySet<string> = new Set(['title', 'job_title', 'jobtitle', 'ciphertext']);
const MAX_SEARCHED_DEPTH = 8;
const MAX_SEARCHED_VALUES = 10_000;
/** Lines looked at to tell a broken document from lines of JSON. */
const LINES_SAMPLED = 20;

function isWrappedNode(value: unknown): value is { node: Record<string, unknown> } {
  if (!isObject(value) || !isObject(value.node)) return false;
  return Object.keys(value).every((key) => key === 'node' || key === 'cursor' || key === '__typename');
}

/** The posting itself, of `{ node: posting, cursor }`. */
function unwrapNode(value: unknown): unknown {
  return isWrappedNode(value) ? value.node : value;
}

interface NamedList {
  name: string;
  list: unknown[];
}

/**
 * Lists in a document that hold objects, or nothing, under names that `accepts` allows: one entry a level, top first. Lists of
 * one name on one level are one list.
 */
function listsOf(
  document: Record<string, unknown>,
  maxDepth: number,
  accepts: (name: string) => boolean,
): NamedList[][] {
  const levels: NamedList[][] = [];
  let level: Record<string, unknown>[] = [document];
  let valuesLeft = MAX_SEARCHED_VALUES;
  for (let depth = 0; depth < maxDepth && level.length > 0; depth += 1) {
    const lists: NamedList[] = [];
    const below: Record<string, unknown>[] = [];
    for (const object of level) {
      for (const [key, value] of Object.entries(object)) {
        valuesLeft -= 1;
        if (valuesLeft < 0) return [...levels, lists];
        if (isObject(value)) below.push(value);
        else if (Array.isArray(value) && accepts(key) && (value.length === 0 || value.some(isObject)))
          addList(lists, key, value);
      }
    }
    levels.push(lists);
    level = below;
  }
  return levels;
}

function addList(lists: NamedList[], name: string, list: unknown[]): void {
  const sameName = lists.find((known) => known.name === name);
  if (sameName === undefined) lists.push({ name, list });
  else sameName.list = sameName.list.concat(list);
}

/** The longest list of the highest level that has one with something in it; else an empty one; else null. */
function bestList(levels: NamedList[][]): unknown[] | null {
  for (const lists of levels) {
    const longest = lists.reduce<unknown[]>(
      (best, { list }) => (list.length > best.length ? list : best),
      [],
    );
    if (longest.length > 0) return longest;
  }
  return levels.flat()[0]?.list ?? null;
}

function isListName(name: string): boolean {
  return LIST_NAMES.has(name.toLowerCase());
}

function looksLikePosting(document: Record<string, unknown>): boolean {
  return Object.entries(document).some(
    ([key, value]) => POSTING_NAMES.has(key.toLowerCase()) && typeof value === 'string',
  );
}

/**
 * Where a document keeps its postings: a list under one of the usual names, at the top or (unless the document looks
 * like a posting itself) below; else the first list of objects; else the document is the one posting.
 */
function postingsOf(document: Record<string, unknown>): unknown[] {
  const top = bestList(listsOf(document, 1, isListName));
  if (top !== null && top.length > 0) return top;
  if (looksLikePosting(document)) return [document];
  const usual = bestList(listsOf(document, MAX_SEARCHED_DEPTH, isListName));
  if (usual !== null) return usual;
  return bestList(listsOf(document, MAX_SEARCHED_DEPTH, () => true)) ?? [document];
}

function* rowsOfList(list: unknown[]): Generator<ParsedRow> {
  for (const [index, element] of list.entries()) {
    yield rowOfValue(unwrapNode(element), `Element ${index + 1}`, () => JSON.stringify(element));
  }
}

function rowsOfDocument(document: unknown): Generator<ParsedRow> {
  if (Array.isArray(document)) return rowsOfList(document);
  return rowsOfList(isObject(document) ? postingsOf(document) : [document]);
}

function parse(text: string): { value: unknown } | null {
  try {
    return { value: parseJson(text) };
  } catch {
    return null;
  }
}

/** Whether most of the first lines are whole objects. */
function isLineWise(text: string): boolean {
  let sampled = 0;
  let whole = 0;
  for (let position = 0; position < text.length && sampled < LINES_SAMPLED;) {
    const end = text.indexOf('\n', position);
    const line = text.slice(position, end === -1 ? text.length : end).trim();
    position = end === -1 ? text.length : end + 1;
    if (line === '') continue;
    sampled += 1;
    if (line.startsWith('{') && parse(line) !== null) whole += 1;
  }
  return whole * 2 > sampled;
}

const QUOTE = 34;
const BACKSLASH = 92;
const LINE_FEED = 10;

/** Where the string that begins at `start` ends; -1 when its line ends first. */
function closingQuote(text: string, start: number, limit: number): number {
  for (let position = start + 1; position < limit; position += 1) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) return position + 1;
    if (code === LINE_FEED) return -1;
    if (code === BACKSLASH) position += 1;
  }
  return -1;
}

/** Where the object or list that begins at `start` ends, by its brackets; -1 when they do not close before `limit`. */
function closingBracket(text: string, start: number, limit: number): number {
  let depth = 0;
  for (let position = start; position < limit; position += 1) {
    const character = text[position];
    if (character === '"') {
      const end = closingQuote(text, position, limit);
      if (end === -1) return -1;
      position = end - 1;
    } else if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return position + 1;
    }
  }
  return -1;
}

const MAX_INDENTATION = 200;

/** The next line that begins like the one with the element at `start`, by its indentation; -1 when there is none. */
function nextAlike(text: string, start: number): number {
  let lineStart = start;
  const earliest = Math.max(0, start - MAX_INDENTATION);
  while (lineStart > earliest && (text[lineStart - 1] === ' ' || text[lineStart - 1] === '\t'))
    lineStart -= 1;
  if (lineStart > 0 && text[lineStart - 1] !== '\n') return -1;
  const indentation = text.slice(lineStart, start);
  const next = text.indexOf(`\n${indentation}${text.charAt(start)}`, start);
  return next === -1 ? -1 : next + 1 + indentation.length;
}

/** The opening bracket of the list in a document that does not parse; -1 when none is found. */
function findListStart(text: string): number {
  const first = text.search(/\S/);
  if (text[first] === '[') return first;
  const NAMED_LIST = /"(\w{1,40})"\s{0,100}:\s{0,100}\[\s{0,1000}\{/g;
  for (let match = NAMED_LIST.exec(text); match !== null; match = NAMED_LIST.exec(text)) {
    if (isListName(match[1] ?? '')) return match.index + match[0].indexOf('[');
  }
  return -1;
}

/** Whether the text is several documents, one after another. */
function isSequence(text: string): boolean {
  const first = text.search(/\S/);
  const end = closingBracket(text, first, text.length);
  return end !== -1 && text.slice(end).trim() !== '' && parse(text.slice(first, end)) !== null;
}

/** Offset of the first character from `position` on that separates nothing. */
function skipSeparators(text: string, position: number): number {
  const SEPARATORS = /[\s,]*/y;
  SEPARATORS.lastIndex = position;
  SEPARATORS.test(text);
  return SEPARATORS.lastIndex;
}

/** Offset of the next comma or line end. */
function scalarEnd(text: string, position: number): number {
  const SCALAR = /[^\n,]+/y;
  SCALAR.lastIndex = position;
  SCALAR.test(text);
  return SCALAR.lastIndex;
}

/**
 * Values in a document that may be searched for their end all the way; after so many that had none, the search stops at
 * the next line that looks like the beginning of a value, so that a document full of brackets takes no hours.
 */
const PATIENCE = 8;

/**
 * What can be read of a text that is no JSON document as a whole: the elements of its list, or documents one after
 * another. An element that cannot be read is one broken row; so is a text that ends too early.
 */
function* salvage(text: string, damage: string | null): Generator<ParsedRow> {
  const lineAt = createLineCounter(text);
  const listStart = isSequence(text) ? -1 : findListStart(text);
  const isList = listStart !== -1;
  let hasFault = false;
  let patience = PATIENCE;
  let position = skipSeparators(text, listStart + 1);
  while (position < text.length && !(isList && text[position] === ']')) {
    const line = lineAt(position);
    const isContainer = text[position] === '{' || text[position] === '[';
    const alike = isContainer ? nextAlike(text, position) : -1;
    const limit = patience > 0 || alike === -1 ? text.length : alike;
    const closed = isContainer ? closingBracket(text, position, limit) : scalarEnd(text, position);
    const whole = closed === -1 ? null : parse(text.slice(position, closed));
    const end =
      whole === null ? Math.min(...[closed, alike, text.length].filter((place) => place !== -1)) : closed;
    // What a cut-off file ends with is reported below, with the cause.
    if (damage !== null && end === text.length) break;
    const piece = text.slice(position, end);
    if (whole === null) {
      yield brokenRow(piece, `Line ${line}: a value that is no JSON, ${describeJsonFault(piece, line)}.`);
      hasFault = true;
      patience -= 1;
    } else if (isList) {
      yield rowOfValue(unwrapNode(whole.value), `Line ${line}`, () => piece);
    } else {
      yield* rowsOfDocument(whole.value);
    }
    position = skipSeparators(text, end);
  }
  const rest = text.slice(position);
  if (damage !== null) {
    yield brokenRow(rest, `Line ${lineAt(position)}: ${damage}.`);
  } else if (isList && !hasFault) {
    yield brokenRow(rest, `The JSON document cannot be read to its end: ${describeJsonFault(text, 1)}.`);
  }
}

/**
 * The rows of a JSON document, read whole: the elements of its list, wherever the document keeps it.
 * @throws AppError `payload_too_large`
 */
export async function* jsonDocumentRows(input: TextInput): AsyncGenerator<ParsedRow> {
  const text = await readWhole(input.chunks, MAX_DOCUMENT_LENGTH);
  const damage = input.damage();
  const document = damage === null ? parse(text) : null;
  if (document !== null) yield* rowsOfDocument(document.value);
  else if (isLineWise(text)) yield* ndjsonRows({ ...input, chunks: [text] });
  else yield* salvage(text, damage);
}
