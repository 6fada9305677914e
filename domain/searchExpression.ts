import { tokenize } from './tokenizer';

/** What a text must hold, in tokens (domain/tokenizer.ts). JSON: stored with saved searches, compiled by each engine. */
export type SearchExpression =
  | { kind: 'word'; token: string }
  /** Two or more tokens, one directly after the other within one field. */
  | { kind: 'phrase'; tokens: string[] }
  /** Two or more parts, all of which must hold. */
  | { kind: 'and'; parts: SearchExpression[] };

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

/** Word processors turn `"` into these. */
const QUOTE = /["\u201C\u201D\u201E]/;
const SHOWN_LENGTH = 40;

interface Item {
  kind: 'term' | 'and';
  /** As written. */
  text: string;
  /** Index into the query. */
  at: number;
}

/**
 * Reads a query: plain words and "phrases", which must all match. `AND` and `&&` between terms say the same; other operators
 * are refused rather than searched for as words. A word of several tokens (`e-commerce`) is the phrase of them.
 */
export function parseSearchExpression(query: string): ParsedSearch {
  const { items, faults } = readItems(query);
  if (faults.length === 0) faults.push(...misplacedAnds(query, items));

  const terms: SearchExpression[] = [];
  const warnings: string[] = [];
  const seen = new Set<string>();
  for (const { kind, text } of items) {
    if (kind === 'and') continue;
    const term = toTerm(text);
    if (!term) {
      warnings.push(`'${shorten(text)}' in search holds no letter or digit and was ignored.`);
      continue;
    }
    const key = JSON.stringify(term);
    if (!seen.has(key)) terms.push(term);
    seen.add(key);
  }
  if (terms.length > MAX_SEARCH_TERMS) {
    const first = items.filter(({ kind }) => kind === 'term')[MAX_SEARCH_TERMS];
    faults.push(
      faultAt(
        query,
        first?.at ?? 0,
        `there are ${terms.length} terms, at most ${MAX_SEARCH_TERMS} are allowed`,
      ),
    );
  }
  faults.sort((a, b) => a.position - b.position);
  return { expression: faults.length > 0 ? null : allOf(terms), warnings, faults };
}

function allOf(terms: SearchExpression[]): SearchExpression | null {
  const [first, second] = terms;
  return first && second ? { kind: 'and', parts: terms } : (first ?? null);
}

function toTerm(text: string): SearchExpression | null {
  const tokens = tokenize(text);
  const [first, second] = tokens;
  if (first === undefined) return null;
  return second === undefined ? { kind: 'word', token: first } : { kind: 'phrase', tokens };
}

function readItems(query: string): { items: Item[]; faults: SearchFault[] } {
  const items: Item[] = [];
  const faults: SearchFault[] = [];
  const pattern = /["\u201C\u201D\u201E]|&&|\|\||(?:(?!["\u201C\u201D\u201E]|&&|\|\|)\S)+/g;
  for (let match = pattern.exec(query); match; match = pattern.exec(query)) {
    const [text] = match;
    const at = match.index;
    if (QUOTE.test(text)) {
      const length = query.slice(at + 1).search(QUOTE);
      if (length < 0) {
        faults.push(faultAt(query, at, 'the phrase that begins with this quotation mark has no end'));
        break;
      }
      items.push({ kind: 'term', text: query.slice(at + 1, at + 1 + length), at });
      pattern.lastIndex = at + length + 2;
    } else if (text === 'AND' || text === '&&') {
      items.push({ kind: 'and', text, at });
    } else {
      const operator = unsupportedOperator(text, query.charAt(at + text.length));
      if (operator)
        faults.push(faultAt(query, at + operator.offset, `${operator.name} is not supported yet`));
      else items.push({ kind: 'term', text, at });
    }
  }
  return { items, faults };
}

/** The first operator in a word that is none of ours yet: `OR`, `NOT`, `||`, a leading `-` or `!`, `*` at the end, parentheses. */
function unsupportedOperator(word: string, next: string): { name: string; offset: number } | null {
  if (word === 'OR' || word === 'NOT' || word === '||') return { name: `the operator ${word}`, offset: 0 };
  const lead = /^[-!]+/.exec(word)?.[0] ?? '';
  const rest = word.slice(lead.length);
  if (
    lead !== '' &&
    (tokenize(rest).length > 0 || rest.startsWith('(') || (rest === '' && QUOTE.test(next)))
  ) {
    return { name: `the operator ${lead.charAt(0)} (not)`, offset: 0 };
  }
  if (word.startsWith('(')) return { name: 'a group in parentheses', offset: 0 };
  const closing = unbalancedClosing(word);
  if (closing >= 0) return { name: 'a group in parentheses', offset: closing };
  if (/[^*]\*+$/.test(word) && tokenize(word).length > 0) {
    return { name: 'the operator * (any ending)', offset: word.indexOf('*', word.search(/\*+$/)) };
  }
  return null;
}

/** Index of the first `)` without a `(` in the same word, or -1: `call(me)` is a word, `me)` ends a group. */
function unbalancedClosing(word: string): number {
  let open = 0;
  for (let index = 0; index < word.length; index += 1) {
    const character = word.charAt(index);
    if (character === '(') open += 1;
    if (character !== ')') continue;
    if (open === 0) return index;
    open -= 1;
  }
  return -1;
}

function misplacedAnds(query: string, items: readonly Item[]): SearchFault[] {
  return items
    .filter(({ kind }, index) => kind === 'and' && (items[index - 1]?.kind !== 'term' || !items[index + 1]))
    .map(({ at, text }) => faultAt(query, at, `${text} needs a term on either side`));
}

function faultAt(query: string, index: number, message: string): SearchFault {
  return { position: Array.from(query.slice(0, index)).length + 1, message };
}

function shorten(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
