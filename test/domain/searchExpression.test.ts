import fc from 'fast-check';
import { parseSearchExpression } from '../../domain/searchExpression';

const word = (token: string) => ({ kind: 'word', token });
const phrase = (...tokens: string[]) => ({ kind: 'phrase', tokens });
const and = (...parts: unknown[]) => ({ kind: 'and', parts });

describe('parseSearchExpression', () => {
  const understood: [string, string, unknown][] = [
    ['reads one word', 'Python', word('python')],
    ['combines plain words with AND', 'python developer', and(word('python'), word('develop'))],
    ['reads phrases', '"web developer" python', and(phrase('web', 'develop'), word('python'))],
    ['reads the quotation marks of word processors', '“web developer”', phrase('web', 'develop')],
    ['reads a phrase of one word as the word', '"python"', word('python')],
    [
      'reads a phrase that touches a word',
      'big"data lake"x',
      and(word('big'), phrase('data', 'lake'), word('x')),
    ],
    ['takes a word of several tokens for the phrase of them', 'e-commerce', phrase('e', 'commerc')],
    ['takes characters without blanks for the phrase of them', '日本', phrase('日', '本')],
    ['accepts AND and && between terms', 'a AND b && c', and(word('a'), word('b'), word('c'))],
    ['accepts && without blanks', 'a&&b', and(word('a'), word('b'))],
    ['takes lower-case and, or, not for words', 'or not', and(word('or'), word('not'))],
    ['keeps operators within a phrase as text', '"this OR (that)" ', phrase('thi', 'or', 'that')],
    [
      'keeps a hyphen, an asterisk or parentheses within a word',
      'a-b f(x) 2*3',
      and(phrase('a', 'b'), phrase('f', 'x'), phrase('2', '3')),
    ],
    ['asks for each term once', 'python Python PYTHON', word('python')],
    ['finds languages by their signs', 'C++ .NET', and(word('c++'), word('.net'))],
  ];

  it.each(understood)('%s', (_guarantee, query, expression) => {
    expect(parseSearchExpression(query)).toEqual({ expression, warnings: [], faults: [] });
  });

  const refused: [string, string, number, RegExp][] = [
    ['a phrase without an end', 'c++ "unfinished', 5, /no end/],
    ['OR', 'a OR b', 3, /OR/],
    ['NOT', 'a NOT b', 3, /NOT/],
    ['||', 'a || b', 3, /\|\|/],
    ['|| without blanks', 'a||b', 2, /\|\|/],
    ['a leading minus', 'a -b', 3, /-/],
    ['a leading minus before a phrase', '-"a b"', 1, /-/],
    ['a leading exclamation mark', '!a', 1, /!/],
    ['a prefix', 'pyth*', 5, /\*/],
    ['a group', '(a', 1, /parentheses/],
    ['the end of a group', 'a b)', 4, /parentheses/],
    ['AND without a term before', 'AND a', 1, /either side/],
    ['AND without a term behind', 'a AND', 3, /either side/],
    ['AND after AND', 'a AND && b', 7, /either side/],
  ];

  it.each(refused)('refuses %s and says where', (_what, query, position, message) => {
    const { expression, faults } = parseSearchExpression(query);
    expect(expression).toBeNull();
    expect(faults).toEqual([{ position, message: expect.stringMatching(message) }]);
  });

  it('counts positions in characters, not in halves of surrogate pairs', () => {
    expect(parseSearchExpression('😀 OR').faults[0]?.position).toBe(3);
  });

  it('names every fault of a query', () => {
    const { faults } = parseSearchExpression('a OR -b "c');
    expect(faults.map(({ position }) => position)).toEqual([3, 6, 9]);
  });

  it('ignores words without letter or digit, with a warning', () => {
    const { expression, warnings } = parseSearchExpression('python & "" - ☃');
    expect(expression).toEqual(word('python'));
    expect(warnings).toHaveLength(4);
    expect(warnings[0]).toContain("'&'");
  });

  it('leaves nothing of a query without letters or digits', () => {
    expect(parseSearchExpression('& ...')).toMatchObject({ expression: null, faults: [] });
  });

  it('takes 50 terms and refuses 51', () => {
    const query = (terms: number) => Array.from({ length: terms }, (_, index) => `w${index}`).join(' ');
    expect(parseSearchExpression(query(50)).faults).toEqual([]);
    expect(parseSearchExpression(query(51)).faults[0]).toMatchObject({ position: query(50).length + 2 });
  });

  it('either understands a text or says what is wrong with it', () => {
    const pieces = fc.array(
      fc.constantFrom('a', '"', '(', ')', '-', '!', '*', ' ', 'AND', 'OR', '&&', '||', '日本'),
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const query = parts.join('');
        const { expression, warnings, faults } = parseSearchExpression(query);
        expect(expression !== null || faults.length > 0 || warnings.length > 0 || query.trim() === '').toBe(
          true,
        );
      }),
    );
  });
});
