import type { SearchExpression } from '../domain/searchExpression';
import { SEARCHED_PARTS, type SearchedPart, type SearchTerms } from '../domain/searchTerms';

/** The text of a tsvector: `'c++':1A,5C 'node.js':2A`. For a parameter of that type, or one cast with `::tsvector`. */
export function toTsvectorLiteral(terms: SearchTerms): string {
  return [...terms]
    .map(([token, places]) => {
      const positions = places.map(({ position, weight }) => `${position}${weight}`);
      return `${quoteLexeme(token)}:${positions.join(',')}`;
    })
    .join(' ');
}

/**
 * The text of a tsquery: `'c++' & ('machin' <-> 'learn')`, or within some parts alone `'c++':A`. For a parameter cast with
 * `::tsquery`.
 */
export function toTsqueryLiteral(expression: SearchExpression, parts: readonly SearchedPart[] = []): string {
  const weights = parts.map((part) => SEARCHED_PARTS[part]).join('');
  const lexeme = (token: string, star = '') =>
    star + weights === '' ? quoteLexeme(token) : `${quoteLexeme(token)}:${star}${weights}`;
  const compile = (part: SearchExpression) => toTsqueryLiteral(part, parts);
  switch (expression.kind) {
    case 'word':
      return lexeme(expression.token);
    case 'phrase':
      return `(${expression.tokens.map((token) => lexeme(token)).join(' <-> ')})`;
    case 'prefix':
      return `(${lexeme(expression.token, '*')} | ${lexeme(expression.stem)})`;
    case 'and':
      return `(${expression.parts.map(compile).join(' & ')})`;
    case 'or':
      return `(${expression.parts.map(compile).join(' | ')})`;
    case 'not':
      return `!(${compile(expression.part)})`;
  }
}

function quoteLexeme(token: string): string {
  // Nearly no token holds either, and this runs for every token of every job.
  if (!/['\\]/.test(token)) return `'${token}'`;
  return `'${token.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
