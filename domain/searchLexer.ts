import { prefixToken, tokenize } from './tokenizer';

/** A piece of a query as written. */
export interface SearchSymbol {
  kind: 'term' | 'and' | 'or' | 'not' | 'open' | 'close';
  /** As written; of a phrase without its quotation marks. */
  text: string;
  /** Index into the query. */
  at: number;
  /** Of a term: any ending will do. */
  isPrefix?: true;
}

/** A fault with the index into the query of the character that is wrong. */
export interface LexicalFault {
  at: number;
  message: string;
}

export interface ReadQuery {
  symbols: SearchSymbol[];
  /** Words in which there is nothing to search for. */
  ignored: string[];
  faults: LexicalFault[];
}

/** Word processors turn `"` into these. */
const QUOTES = '"\u201C\u201D\u201E';
const OPERATORS: Readonly<Record<string, SearchSymbol['kind']>> = {
  AND: 'and',
  '&&': 'and',
  OR: 'or',
  '||': 'or',
  NOT: 'not',
};
const MIN_PREFIX_LENGTH = 2;

/**
 * Takes a query apart: words, "phrases", words with any ending (`prefix*`), parentheses, and the operators `AND`, `&&`, `OR`, `||`,
 * `NOT`, and `!` or `-` directly before a term. Within a word all of these but quotation marks, `&&` and `||` are
 * part of it: `e-commerce`, `f(x)`, `2*3`.
 */
export function readSymbols(query: string): ReadQuery {
  const read: ReadQuery = { symbols: [], ignored: [], faults: [] };
  for (let at = skipBlanks(query, 0); at < query.length; at = skipBlanks(query, at)) {
    at = readSymbol(query, at, read);
  }
  return read;
}

/** Reads what begins at `at`, which is no blank. Returns where it ends. */
function readSymbol(query: string, at: number, read: ReadQuery): number {
  const character = query.charAt(at);
  if (QUOTES.includes(character)) return readPhrase(query, at, read);
  if (character === '(' || character === ')') {
    read.symbols.push({ kind: character === '(' ? 'open' : 'close', text: character, at });
    return at + 1;
  }
  const pair = query.slice(at, at + 2);
  if (pair === '&&' || pair === '||') {
    read.symbols.push({ kind: pair === '&&' ? 'and' : 'or', text: pair, at });
    return at + 2;
  }
  if ((character === '-' || character === '!') && beginsTerm(query, at + 1)) {
    read.symbols.push({ kind: 'not', text: character, at });
    return at + 1;
  }
  const end = endOfWord(query, at);
  addWord(query.slice(at, end), at, read);
  return end;
}

function skipBlanks(query: string, at: number): number {
  const next = query.slice(at).search(/\S/);
  return next === -1 ? query.length : at + next;
}

function readPhrase(query: string, at: number, read: ReadQuery): number {
  const end = indexOfQuote(query, at + 1);
  if (end === -1) {
    read.faults.push({ at, message: 'the phrase that begins with this quotation mark has no end' });
    return query.length;
  }
  addTerm(query.slice(at + 1, end), at, read);
  return end + 1;
}

function indexOfQuote(query: string, from: number): number {
  for (let index = from; index < query.length; index += 1) {
    if (QUOTES.includes(query.charAt(index))) return index;
  }
  return -1;
}

/** Whether `!` or `-` just before means "not": a term, a group or another such sign follows at once. */
function beginsTerm(query: string, at: number): boolean {
  const character = query.charAt(at);
  if (character === '-' || character === '!') return beginsTerm(query, at + 1);
  if (character === '(' || (character !== '' && QUOTES.includes(character))) return true;
  return tokenize(query.slice(at, endOfWord(query, at))).length > 0;
}

/** Where the word that begins at `at` ends: at a blank, a quotation mark, `&&`, `||`, or a `)` whose `(` is not in the word. */
function endOfWord(query: string, at: number): number {
  let open = 0;
  for (let index = at; index < query.length; index += 1) {
    const character = query.charAt(index);
    const pair = query.slice(index, index + 2);
    if (/\s/.test(character) || QUOTES.includes(character) || pair === '&&' || pair === '||') return index;
    // `NOT(a b)` is no word.
    if (character === '(' && Object.hasOwn(OPERATORS, query.slice(at, index))) return index;
    if (character === '(') open += 1;
    if (character !== ')') continue;
    if (open === 0) return index;
    open -= 1;
  }
  return query.length;
}

function addWord(word: string, at: number, read: ReadQuery): void {
  const operator = Object.hasOwn(OPERATORS, word) ? OPERATORS[word] : undefined;
  if (operator) {
    read.symbols.push({ kind: operator, text: word, at });
    return;
  }
  const stem = word.replace(/\*+$/, '');
  if (stem === word || tokenize(stem).length === 0) {
    addTerm(word, at, read);
    return;
  }
  const token = prefixToken(stem);
  const star = at + stem.length;
  if (token === null) {
    read.faults.push({ at: star, message: 'the operator * (any ending) stands behind one word only' });
  } else if (Array.from(token).length < MIN_PREFIX_LENGTH) {
    read.faults.push({ at: star, message: `the operator * needs ${MIN_PREFIX_LENGTH} characters before it` });
  }
  read.symbols.push({ kind: 'term', text: stem, at, isPrefix: true });
}

function addTerm(text: string, at: number, read: ReadQuery): void {
  if (tokenize(text).length === 0) read.ignored.push(text);
  else read.symbols.push({ kind: 'term', text, at });
}
