import fc from 'fast-check';
import { parseSearchExpression } from '../../domain/searchExpression';
import {
  matchesExpression,
  searchTerms,
  type SearchableContent,
  sufficientWords,
} from '../../domain/searchTerms';
import { arbitraryJobs, arbitraryTextQuery } from '../support/generators';
import { content } from '../support/jobs';

function finds(fields: Partial<SearchableContent>, query: string): boolean {
  const { expression } = parseSearchExpression(query);
  if (!expression) throw new Error(`not an expression: ${query}`);
  return matchesExpression(
    searchTerms(content({ title: 'Untitled', description: null, ...fields })),
    expression,
  );
}

describe('searchTerms', () => {
  const fields: [string, Partial<SearchableContent>, string][] = [
    ['title', { title: 'Scrape the web' }, 'scraping'],
    ['description', { description: 'With Node.js' }, 'node.js'],
    ['skills', { skills: ['c++'] }, 'C++'],
    ['tags', { tags: ['n8n'] }, 'n8n'],
    [
      'category',
      { category: { name: 'Web Design', slug: 'web-design', group: null, groupSlug: null } },
      '"web design"',
    ],
    [
      'category group',
      { category: { name: 'x', slug: 'x', group: 'Design & Creative', groupSlug: 'design-creative' } },
      'creative',
    ],
    ['occupations', { occupations: ['Front-End Developer'] }, 'front-end'],
    ["buyer's country by its English name", { buyerCountry: 'DE' }, 'Germany'],
    ["buyer's city", { buyerCity: 'São Paulo' }, '"sao paulo"'],
  ];

  it.each(fields)('holds the %s', (_field, given, query) => {
    expect(finds(given, query)).toBe(true);
    expect(finds({ buyerCountry: null }, query)).toBe(false);
  });

  it('finds a phrase in the order in which it stands, and only without words between', () => {
    expect(finds({ title: 'senior web developer' }, '"web developer"')).toBe(true);
    expect(finds({ title: 'developer web' }, '"web developer"')).toBe(false);
    expect(finds({ title: 'web and mobile developer' }, '"web developer"')).toBe(false);
  });

  it('finds a phrase that repeats a word', () => {
    expect(finds({ title: 'a a b' }, '"a a b"')).toBe(true);
    expect(finds({ title: 'a b a b' }, '"a a b"')).toBe(false);
  });

  it('tells apart what must hold, what may, and what must not', () => {
    const found = (query: string) => finds({ title: 'Python developer for machine learning' }, query);
    expect(found('python -django')).toBe(true);
    expect(found('python -learning')).toBe(false);
    expect(found('django OR "machine learning"')).toBe(true);
    expect(found('(django OR rails) AND python')).toBe(false);
    expect(found('NOT (django OR rails)')).toBe(true);
  });

  it('finds any ending of a prefix, and the word that stands before the star', () => {
    expect(finds({ title: 'Pythonista wanted' }, 'python*')).toBe(true);
    expect(finds({ title: 'Developers' }, 'developing*')).toBe(true);
    expect(finds({ title: 'Cython' }, 'python*')).toBe(false);
  });

  it('finds unspaced scripts as written', () => {
    expect(finds({ title: '日本語の翻訳' }, '本語')).toBe(true);
    expect(finds({ title: '本日語' }, '本語')).toBe(false);
  });

  it('lets no phrase reach from one field or list entry into the next', () => {
    expect(finds({ title: 'web', skills: ['developer'] }, '"web developer"')).toBe(false);
    expect(finds({ skills: ['web', 'developer'] }, '"web developer"')).toBe(false);
    expect(finds({ skills: ['web'], tags: ['developer'] }, '"web developer"')).toBe(false);
  });

  it('drops what lies beyond the last position, and keeps the rest', () => {
    const description = `first ${'x '.repeat(16_400)}last`;
    expect(finds({ description }, 'first')).toBe(true);
    expect(finds({ description }, 'last')).toBe(false);
    expect(finds({ description, buyerCity: 'Lyon' }, 'lyon')).toBe(true);
  });

  it('keeps at most 255 positions of a word', () => {
    const terms = searchTerms(content({ title: 'x '.repeat(400) }));
    expect(terms.get('x')).toHaveLength(255);
  });

  it('marks where a word stands', () => {
    const terms = searchTerms(content({ title: 'a', skills: ['b'], description: 'c', buyerCity: 'd' }));
    expect(['a', 'b', 'c', 'd'].map((token) => terms.get(token)?.[0]?.weight)).toEqual(['A', 'B', 'C', 'D']);
  });
});

describe('sufficientWords', () => {
  const wordsOf = (query: string) => {
    const { expression } = parseSearchExpression(query);
    return expression && sufficientWords(expression);
  };

  it('are the word itself, or the words between which there is only OR', () => {
    expect(wordsOf('python')).toEqual(['python']);
    expect(wordsOf('python OR (rust OR go)')).toEqual(['python', 'rust', 'go']);
  });

  it.each([
    'python rust',
    'python OR (rust go)',
    'python OR "rust go"',
    'python OR rus*',
    '-python',
    'python OR -rust',
  ])('are none for %s', (query) => {
    expect(wordsOf(query)).toBeNull();
  });

  it('decide as the expression does', () => {
    fc.assert(
      fc.property(arbitraryJobs(3), arbitraryTextQuery(), (jobs, { search = '' }) => {
        const { expression } = parseSearchExpression(search);
        const words = expression && sufficientWords(expression);
        fc.pre(words !== null);
        for (const job of jobs) {
          const terms = searchTerms(job);
          expect(words.some((word) => terms.has(word))).toBe(matchesExpression(terms, expression!));
        }
      }),
    );
  });
});
