import type { SearchExpression } from '../domain/searchExpression';
import type { SearchTerms } from '../domain/searchTerms';

/** The text of a tsvector: `'c++':1A,5C 'node.js':2A`. For a parameter of that type, or one cast with `::tsvector`. */
export function toTsvectorLiteral(terms: SearchTerms): string {
  return [...terms]
    .map(([token, places]) => {
      const positions = places.map(({ position, weight }) => `${position}${weight}`);
      return `${quoteLexeme(token)}:${positions.join(',')}`;
    })
    .join(' ');
}

/** The text of a tsquery: `'c++' & ('machin' <-> 'learn')`. For a parameter cast with `::tsquery`. */
export function toTsqueryLiteral(expression: SearchExpression): string {
  switch (expression.kind) {
    case 'word':
      return quoteLexeme(expression.token);
    case 'phrase':
      return `(${expression.tokens.map(quoteLexeme).join(' <-> ')})`;
    case 'prefix':
      return `(${quoteLexeme(expression.token)}:* | ${quoteLexeme(expression.stem)})`;
    case 'and':
      return `(${expression.parts.map(toTsqueryLiteral).join(' & ')})`;
    case 'or':
      return `(${expression.parts.map(toTsqueryLiteral).join(' | ')})`;
    case 'not':
      return `!(${toTsqueryLiteral(expression.part)})`;
  }
}

function quoteLexeme(token: string): string {
  // Nearly no token holds either, and this runs for every token of every job.
  if (!/['\\]/.test(token)) return `'${token}'`;
  return `'${token.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
