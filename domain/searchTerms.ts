import type { JobContent } from './job';
import type { SearchExpression } from './searchExpression';
import { tokenize } from './tokenizer';

/** Where a token stands, for `search_in` and relevance: A title, B skills and tags, C description, D the rest. */
export type TermWeight = 'A' | 'B' | 'C' | 'D';

interface TermPosition {
  /** 1 to 16,383, over all fields of the job. */
  position: number;
  weight: TermWeight;
}

/** The tokens of a job with their positions, ascending: what a search looks at. */
export type SearchTerms = ReadonlyMap<string, readonly TermPosition[]>;

export type SearchableContent = Pick<
  JobContent,
  'title' | 'description' | 'skills' | 'tags' | 'category' | 'occupations' | 'buyerCountry' | 'buyerCity'
>;

// The limits of Postgres's tsvector are part of the definition, so that every engine finds the same.
const MAX_POSITION = 16_383;
const MAX_POSITIONS_PER_TERM = 255;
/** Between fields and between entries of a list, so that no phrase reaches across. */
const GAP = 10;
const MAX_TEXT_LENGTH = 100_000;

const countryNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/**
 * Tokens of title, skills and tags, category, occupations, buyer's place and description. The description comes last because
 * it alone can be long: tokens beyond the last position are dropped.
 */
export function searchTerms(content: SearchableContent): SearchTerms {
  const terms = new Map<string, TermPosition[]>();
  visitTokens(content, (token, position, weight) => {
    const places = terms.get(token);
    if (!places) terms.set(token, [{ position, weight }]);
    else if (places.length < MAX_POSITIONS_PER_TERM) places.push({ position, weight });
  });
  return terms;
}

/** The same token by token in the order of their positions. */
export function visitTerms(
  content: SearchableContent,
  visit: (token: string, position: number, weight: TermWeight) => void,
): void {
  const counts = new Map<string, number>();
  visitTokens(content, (token, position, weight) => {
    const count = counts.get(token) ?? 0;
    if (count >= MAX_POSITIONS_PER_TERM) return;
    counts.set(token, count + 1);
    visit(token, position, weight);
  });
}

function visitTokens(
  content: SearchableContent,
  visit: (token: string, position: number, weight: TermWeight) => void,
): void {
  let next = 1;
  const add = (text: string | null | undefined, weight: TermWeight): void => {
    if (!text || next > MAX_POSITION) return;
    for (const token of tokenize(text.slice(0, MAX_TEXT_LENGTH))) {
      if (next > MAX_POSITION) return;
      visit(token, next, weight);
      next += 1;
    }
    next += GAP;
  };

  add(content.title, 'A');
  for (const skill of new Set([...(content.skills ?? []), ...(content.tags ?? [])])) add(skill, 'B');
  add(content.category?.name, 'D');
  add(content.category?.group, 'D');
  for (const occupation of content.occupations ?? []) add(occupation, 'D');
  add(countryName(content.buyerCountry), 'D');
  add(content.buyerCity, 'D');
  add(content.description, 'C');
}

/** Parts of a job that a search can be restricted to, and the weight of their tokens. */
export const SEARCHED_PARTS = { title: 'A', description: 'C', skills: 'B' } as const satisfies Record<
  string,
  TermWeight
>;
export type SearchedPart = keyof typeof SEARCHED_PARTS;

/** The tokens that stand in these parts. */
export function termsWithin(terms: SearchTerms, parts: readonly SearchedPart[]): SearchTerms {
  const weights = new Set<TermWeight>(parts.map((part) => SEARCHED_PARTS[part]));
  return new Map(
    [...terms]
      .map(([token, places]) => [token, places.filter(({ weight }) => weights.has(weight))] as const)
      .filter(([, places]) => places.length > 0),
  );
}

/** Whether the tokens satisfy the expression, decided without an engine: the meaning the engines reproduce. */
export function matchesExpression(terms: SearchTerms, expression: SearchExpression): boolean {
  switch (expression.kind) {
    case 'word':
      return terms.has(expression.token);
    case 'phrase':
      return holdsPhrase(terms, expression.tokens);
    case 'prefix':
      return terms.has(expression.stem) || holdsPrefix(terms, expression.token);
    case 'and':
      for (const part of expression.parts) if (!matchesExpression(terms, part)) return false;
      return true;
    case 'or':
      for (const part of expression.parts) if (matchesExpression(terms, part)) return true;
      return false;
    case 'not':
      return !matchesExpression(terms, expression.part);
  }
}

/** Words any one of which is all that the expression asks for; null when it asks for something else. */
export function sufficientWords(expression: SearchExpression): readonly string[] | null {
  if (expression.kind === 'word') return [expression.token];
  if (expression.kind !== 'or') return null;
  const words = expression.parts.map(sufficientWords).filter((some) => some !== null);
  return words.length === expression.parts.length ? words.flat() : null;
}

function holdsPrefix(terms: SearchTerms, prefix: string): boolean {
  for (const token of terms.keys()) if (token.startsWith(prefix)) return true;
  return false;
}

function holdsPhrase(terms: SearchTerms, tokens: readonly string[]): boolean {
  const all: (readonly TermPosition[])[] = [];
  for (const token of tokens) {
    const places = terms.get(token);
    if (!places) return false;
    all.push(places);
  }
  const [first = [], ...following] = all;
  const followingPositions = following.map((places) => new Set(places.map(({ position }) => position)));
  return first.some(({ position }) =>
    followingPositions.every((positions, index) => positions.has(position + index + 1)),
  );
}

function countryName(code: string | null): string | undefined {
  return code !== null && /^[A-Z]{2}$/.test(code) ? countryNames.of(code) : undefined;
}
