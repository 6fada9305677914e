import type { SearchExpression } from './searchExpression';

/** How many spellings a word is read as at most, and a phrase with misspelt words. */
const MAX_SPELLINGS = 5;
const MAX_PHRASES = 10;

/** The words that must stand in a job or may, those of phrases included; each once. Not what is negated, nor prefixes. */
export function soughtWords(expression: SearchExpression): string[] {
  switch (expression.kind) {
    case 'word':
      return [expression.token];
    case 'phrase':
      return [...new Set(expression.tokens)];
    case 'and':
    case 'or':
      return [...new Set(expression.parts.flatMap(soughtWords))];
    case 'prefix':
    case 'not':
      return [];
  }
}

/** The expression with each misspelt word read as any of its spellings. */
export function withSpellings(
  expression: SearchExpression,
  spellings: ReadonlyMap<string, readonly string[]>,
): SearchExpression {
  switch (expression.kind) {
    case 'word':
      return anyOf(spellingsOf(expression.token, spellings).map((token) => ({ kind: 'word', token })));
    case 'phrase':
      return anyOf(phrases(expression.tokens, spellings).map((tokens) => ({ kind: 'phrase', tokens })));
    case 'and':
    case 'or':
      return { ...expression, parts: expression.parts.map((part) => withSpellings(part, spellings)) };
    case 'prefix':
    case 'not':
      return expression;
  }
}

function spellingsOf(token: string, spellings: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return spellings.get(token)?.slice(0, MAX_SPELLINGS) ?? [token];
}

function phrases(
  tokens: readonly string[],
  spellings: ReadonlyMap<string, readonly string[]>,
): readonly string[][] {
  return tokens.reduce<string[][]>(
    (begun, token) =>
      begun
        .flatMap((phrase) => spellingsOf(token, spellings).map((spelling) => [...phrase, spelling]))
        .slice(0, MAX_PHRASES),
    [[]],
  );
}

function anyOf(parts: SearchExpression[]): SearchExpression {
  const [only, another] = parts;
  return only && !another ? only : { kind: 'or', parts };
}
