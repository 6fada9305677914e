import { parseSearchExpression } from '../searchExpression';
import type { SearchedPart } from '../searchTerms';
import { tokenize } from '../tokenizer';

/** A search of Upwork's in our words. */
interface TranslatedSearch {
  text: string;
  /** Where all of it looks; null for everywhere. */
  searchIn: SearchedPart | null;
  /** What could not be kept. */
  warnings: string[];
}

const PART_BY_PREFIX: ReadonlyMap<string, SearchedPart> = new Map([
  ['title', 'title'],
  ['description', 'description'],
  ['skill', 'skills'],
  ['skills', 'skills'],
]);
const PREFIX = /(?<![\p{L}\p{N}_])(title|description|skills?):\s*(?=[^\s)])/giu;
const QUOTATION_MARKS = /["“”„]/g;
const PARENTHESES = /[()]/g;
const OPERATORS = /\b(?:AND|OR|NOT)\b/g;

/**
 * Upwork takes `title:(react OR vue)`, `skills:"ruby"` and the like within a search; here one search looks in one place. Signs that
 * lack their pair, which Upwork overlooks, are left out where they keep the search from being read.
 */
export function translateUpworkSearch(query: string): TranslatedSearch {
  const { text: plain, searchIn, warnings } = withoutPrefixes(query);
  if (parseSearchExpression(plain).faults.length === 0) return { text: plain, searchIn, warnings };
  const repaired = withoutUnpaired(plain);
  if (repaired === plain || parseSearchExpression(repaired).faults.length > 0) {
    return { text: plain, searchIn, warnings };
  }
  const warning = 'quotation marks or parentheses of the search that lack their pair were left out.';
  return { text: repaired, searchIn, warnings: [...warnings, warning] };
}

function withoutPrefixes(query: string): TranslatedSearch {
  const parts = new Set<SearchedPart>();
  let elsewhere = '';
  let from = 0;
  for (const match of query.matchAll(PREFIX)) {
    const part = PART_BY_PREFIX.get((match[1] ?? '').toLowerCase());
    // Within a group that an earlier prefix looks into, or within a phrase.
    if (!part || match.index < from || isInPhrase(query, match.index)) continue;
    parts.add(part);
    elsewhere += query.slice(from, match.index);
    from = endOfTerm(query, match.index + match[0].length);
  }
  elsewhere += query.slice(from);
  if (parts.size === 0) return { text: query, searchIn: null, warnings: [] };

  const text = query.replace(PREFIX, (prefix: string, _name: string, at: number) =>
    isInPhrase(query, at) ? prefix : '',
  );
  const [part] = parts;
  const isElsewhereToo = tokenize(elsewhere.replace(OPERATORS, ' ')).length > 0;
  if (part && parts.size === 1 && !isElsewhereToo) return { text, searchIn: part, warnings: [] };
  const warning = `one search looks in one place: all words are looked for everywhere, those behind ${[...parts].map((name) => `${name}:`).join(' and ')} too.`;
  return { text, searchIn: null, warnings: [warning] };
}

function isInPhrase(query: string, at: number): boolean {
  return countOf(query.slice(0, at), QUOTATION_MARKS) % 2 === 1;
}

/** Where the group, the phrase or the word ends that begins at `at`. */
function endOfTerm(query: string, at: number): number {
  const first = query.charAt(at);
  if (first === '(') return endOfGroup(query, at);
  const isPhrase = /["“”„]/.test(first);
  const length = query.slice(at + 1).search(isPhrase ? /["“”„]/ : /[\s)]/);
  if (length === -1) return query.length;
  return at + 1 + length + (isPhrase ? 1 : 0);
}

function endOfGroup(query: string, at: number): number {
  let depth = 0;
  for (let index = at; index < query.length; index += 1) {
    if (query.charAt(index) === '(') depth += 1;
    if (query.charAt(index) === ')') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return query.length;
}

function withoutUnpaired(text: string): string {
  const paired = countOf(text, QUOTATION_MARKS) % 2 === 1 ? text.replace(QUOTATION_MARKS, ' ') : text;
  return countOf(paired, /\(/g) === countOf(paired, /\)/g) ? paired : paired.replace(PARENTHESES, ' ');
}

function countOf(text: string, sign: RegExp): number {
  return text.match(sign)?.length ?? 0;
}
