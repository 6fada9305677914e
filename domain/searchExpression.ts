import { readSymbols, type SearchSymbol } from './searchLexer';
import { prefixToken, tokenize } from './tokenizer';

/** What a text must hold, in tokens (domain/tokenizer.ts). JSON: stored with saved searches, compiled by each engine. */
export type SearchExpression =
  | { kind: 'word'; token: string }
  /** Any token that begins with `token`, or is `stem`: what the word itself, with another ending, is known by. */
  | { kind: 'prefix'; token: string; stem: string }
  /** Two or more tokens, one directly after the other within one field. */
  | { kind: 'phrase'; tokens: string[] }
  /** Two or more parts, all of which must hold. */
  | { kind: 'and'; parts: SearchExpression[] }
  /** Two or more parts, one of which must hold. */
  | { kind: 'or'; parts: SearchExpression[] }
  | { kind: 'not'; part: SearchExpression };

interface SearchFault {
  /** Of the character that is wrong, counted from 1. */
  position: number;
  message: string;
}

export interface ParsedSearch {
  /** Null when nothing that can be searched for is left, or when there are faults. */
  expression: SearchExpression | null;
  warnings: string[];
  faults: SearchFault[];
}

const MAX_SEARCH_TERMS = 50;
const MAX_DEPTH = 10;
const SHOWN_LENGTH = 40;

interface Fault {
  at: number;
  message: string;
}

/**
 * Reads a query: words, "phrases" and prefixes (`pyth*`), which must all match unless operators say otherwise; `NOT` binds closest, then
 * `AND` (or nothing between two terms), then `OR`. A word of several tokens (`e-commerce`) is the phrase of them. Every fault
 * is named with its place.
 */
export function parseSearchExpression(query: string): ParsedSearch {
  const { symbols, ignored, faults } = readSymbols(query);
  const found: Fault[] = faults.length > 0 ? faults : [...misplaced(symbols), ...tooMuch(symbols)];
  const warnings = ignored.map(
    (word) => `'${shorten(word)}' in search holds no letter or digit and was ignored.`,
  );
  return {
    expression: found.length > 0 || symbols.length === 0 ? null : parseOr(cursorOver(symbols)),
    warnings,
    faults: found
      .map(({ at, message }) => ({ position: Array.from(query.slice(0, at)).length + 1, message }))
      .sort((left, right) => left.position - right.position),
  };
}

/** What must not stand where it stands. Where there is nothing, the symbols are an expression. */
function misplaced(symbols: readonly SearchSymbol[]): Fault[] {
  const faults: Fault[] = [];
  const open: SearchSymbol[] = [];
  symbols.forEach((symbol, index) => {
    const { kind, text, at } = symbol;
    const isAfterTerm = ['term', 'close'].includes(symbols[index - 1]?.kind ?? '');
    const isBeforeTerm = ['term', 'open', 'not'].includes(symbols[index + 1]?.kind ?? '');
    if ((kind === 'and' || kind === 'or') && !(isAfterTerm && isBeforeTerm)) {
      faults.push({ at, message: `${text} needs a term on either side` });
    }
    if (kind === 'not' && !isBeforeTerm) faults.push({ at, message: `${text} needs a term behind it` });
    if (kind === 'open') open.push(symbol);
    if (kind !== 'close') return;
    if (!open.pop()) faults.push({ at, message: 'this parenthesis closes none' });
    else if (symbols[index - 1]?.kind === 'open')
      faults.push({ at, message: 'there is nothing in this group' });
  });
  faults.push(...open.map(({ at }) => ({ at, message: 'this parenthesis is never closed' })));
  return faults;
}

function tooMuch(symbols: readonly SearchSymbol[]): Fault[] {
  const terms = symbols.filter(({ kind }) => kind === 'term');
  const oneTooMany = terms[MAX_SEARCH_TERMS];
  const faults: Fault[] = oneTooMany
    ? [
        {
          at: oneTooMany.at,
          message: `there are ${terms.length} terms, at most ${MAX_SEARCH_TERMS} are allowed`,
        },
      ]
    : [];
  let depth = 0;
  for (const { kind, at } of symbols) {
    if (kind === 'open') depth += 1;
    if (kind === 'close') depth -= 1;
    if (kind !== 'open' || depth !== MAX_DEPTH + 1) continue;
    faults.push({ at, message: `groups lie in groups at most ${MAX_DEPTH} deep` });
  }
  return faults;
}

interface Cursor {
  peek(): SearchSymbol['kind'] | undefined;
  take(): SearchSymbol;
}

function cursorOver(symbols: readonly SearchSymbol[]): Cursor {
  let next = 0;
  return {
    peek: () => symbols[next]?.kind,
    take: () => {
      const symbol = symbols[next];
      if (!symbol) throw new RangeError('The query ends where something must follow.');
      next += 1;
      return symbol;
    },
  };
}

function parseOr(cursor: Cursor): SearchExpression {
  const parts = [parseAnd(cursor)];
  while (cursor.peek() === 'or') {
    cursor.take();
    parts.push(parseAnd(cursor));
  }
  return combine('or', parts);
}

function parseAnd(cursor: Cursor): SearchExpression {
  const parts = [parseNot(cursor)];
  for (
    let kind = cursor.peek();
    kind !== undefined && kind !== 'or' && kind !== 'close';
    kind = cursor.peek()
  ) {
    if (kind === 'and') cursor.take();
    parts.push(parseNot(cursor));
  }
  return combine('and', parts);
}

function parseNot(cursor: Cursor): SearchExpression {
  let isNegated = false;
  while (cursor.peek() === 'not') {
    cursor.take();
    isNegated = !isNegated;
  }
  const symbol = cursor.take();
  const part = symbol.kind === 'open' ? parseGroup(cursor) : toTerm(symbol);
  if (!isNegated) return part;
  return part.kind === 'not' ? part.part : { kind: 'not', part };
}

function parseGroup(cursor: Cursor): SearchExpression {
  const group = parseOr(cursor);
  cursor.take();
  return group;
}

/** Parts of the same kind are taken in, and what is asked twice is asked once. */
function combine(kind: 'and' | 'or', parts: readonly SearchExpression[]): SearchExpression {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : [part]));
  const distinct = [...new Map(flat.map((part) => [JSON.stringify(part), part])).values()];
  const [first, second] = distinct;
  if (!first) throw new RangeError('There is nothing to combine.');
  return second ? { kind, parts: distinct } : first;
}

function toTerm({ text, isPrefix }: SearchSymbol): SearchExpression {
  const tokens = tokenize(text);
  const [first, second] = tokens;
  if (first === undefined) throw new RangeError(`There is no token in the term ${text}.`);
  if (isPrefix) return { kind: 'prefix', token: prefixToken(text) ?? first, stem: first };
  return second === undefined ? { kind: 'word', token: first } : { kind: 'phrase', tokens };
}

function shorten(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
