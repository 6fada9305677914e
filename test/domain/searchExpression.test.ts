import fc from 'fast-check';
import { parseSearchExpression } from '../../domain/searchExpression';

const word = (token: string) => ({ kind: 'word', token });
const phrase = (...tokens: string[]) => ({ kind: 'phrase', tokens });
const and = (...parts: unknown[]) => ({ kind: 'and', parts });
const or = (...parts: unknown[]) => ({ kind: 'or', parts });
const not = (part: unknown) => ({ kind: 'not', part });
const prefix = (token: string, stem = token) => ({ kind: 'prefix', token, stem });
const [a, b, c, d] = [word('a'), word('b'), word('c'), word('d')];

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

  const combined: [string, string, unknown][] = [
    ['binds AND closer than OR', 'a b OR c AND d', or(and(a, b), and(c, d))],
    ['binds NOT closer than AND', 'a NOT b c', and(a, not(b), c)],
    ['reads groups', 'a (b OR c)', and(a, or(b, c))],
    ['reads groups in groups', '((a || b) && (c || d))', and(or(a, b), or(c, d))],
    ['reads a group that touches its operator', 'a AND(b OR c)NOT(d)', and(a, or(b, c), not(d))],
    ['reads || and OR alike, with blanks and without', 'a||b OR c', or(a, b, c)],
    [
      'reads - and ! before a term, a phrase, a group',
      '-a !"b c" -(c OR d)',
      and(not(a), not(phrase('b', 'c')), not(or(c, d))),
    ],
    ['takes two negations for none', 'NOT -a --b', and(a, b)],
    ['takes a query that only negates', '-a', not(a)],
    ['takes a sign that stands alone for no operator', 'a - b', and(a, b)],
    ['asks for each part once', 'a OR b OR a', or(a, b)],
    ['does without a group around the whole or around one term', '((a) (b))', and(a, b)],
    [
      'reads a prefix, with the stem of the word as it stands',
      'Developing*',
      prefix('developing', 'develop'),
    ],
    [
      'reads a prefix without accents and of other scripts',
      'Résu* разра*',
      and(prefix('resu'), prefix('разра')),
    ],
    ['reads several stars as one', 'pyth**', prefix('pyth')],
  ];

  it.each(combined)('%s', (_guarantee, query, expression) => {
    expect(parseSearchExpression(query).faults).toEqual([]);
    expect(parseSearchExpression(query).expression).toEqual(expression);
  });

  const refused: [string, string, number, RegExp][] = [
    ['a phrase without an end', 'c++ "unfinished', 5, /no end/],
    ['a group without an end', 'a (b', 3, /never closed/],
    ['the end of a group that was not begun', 'a b)', 4, /closes none/],
    ['an empty group', 'a ()', 4, /nothing in this group/],
    ['a group without anything to search for', '(&) a', 3, /nothing in this group/],
    ['a prefix of one character', 'a*', 2, /2 characters/],
    ['a prefix of several words', 'e-comm*', 7, /one word/],
    ['AND without a term before', 'AND a', 1, /either side/],
    ['AND without a term behind', 'a AND', 3, /either side/],
    ['AND after AND', 'a AND && b', 3, /either side/],
    ['OR before AND', 'a OR AND b', 3, /either side/],
    ['OR at the end of a group', '(a OR) b', 4, /either side/],
    ['NOT without a term', 'a NOT', 3, /behind it/],
    ['NOT before OR', 'NOT OR b', 1, /behind it/],
    ['groups eleven deep', `${'('.repeat(11)}a${')'.repeat(11)}`, 11, /10 deep/],
  ];

  it.each(refused)('refuses %s and says where', (_what, query, position, message) => {
    const { expression, faults } = parseSearchExpression(query);
    expect(expression).toBeNull();
    expect(faults[0]).toEqual({ position, message: expect.stringMatching(message) });
  });

  it('counts positions in characters, not in halves of surrogate pairs', () => {
    expect(parseSearchExpression('😀 OR').faults[0]?.position).toBe(3);
  });

  it('names every fault of a query', () => {
    const { faults } = parseSearchExpression('OR a AND (b OR) NOT');
    expect(faults.map(({ position }) => position)).toEqual([1, 13, 17]);
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
      fc.constantFrom('a', '"', '(', ')', '-', '!', '*', ' ', 'AND', 'OR', 'NOT', '&&', '||', '日本'),
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
