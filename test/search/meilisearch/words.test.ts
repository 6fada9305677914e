import fc from 'fast-check';
import { parseSearchExpression } from '../../../domain/searchExpression';
import { tokenize } from '../../../domain/tokenizer';
import { encodeWord, indexedTexts, toQuery } from '../../../search/meilisearch/words';
import { content } from '../../support/jobs';

describe('a word for Meilisearch', () => {
  it('is the token itself where it is plain letters and digits', () => {
    expect(['python', '3d', '2026'].map(encodeWord)).toEqual(['python', '3d', '2026']);
  });

  it('is letters and digits for any token, within what Meilisearch takes, and different for different ones', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        for (const token of [...tokenize(a), ...tokenize(b)]) {
          expect(encodeWord(token)).toMatch(/^[a-z0-9]{1,250}$/);
        }
        expect(encodeWord(a) === encodeWord(b)).toBe(Buffer.from(a).equals(Buffer.from(b)));
      }),
    );
  });

  it('is never taken for another that looks like its encoding', () => {
    expect(encodeWord('zq632b2b')).not.toBe(encodeWord('c++'));
    expect(encodeWord('zq')).not.toBe('zq');
  });

  it('stays short for the longest tokens', () => {
    const words = ['𐐨'.repeat(100), `${'𐐨'.repeat(99)}a`, '7'.repeat(200)].map(encodeWord);
    expect(new Set(words).size).toBe(3);
    for (const word of words) expect(word.length).toBeLessThanOrEqual(250);
  });
});

describe('the texts of a job', () => {
  it('keep the parts of a job, and the entries of a list, from forming phrases', () => {
    const texts = indexedTexts(
      content({
        title: 'Machine: C++ games',
        skills: ['deep learning', 'rust'],
        description: 'One two',
        buyerCountry: 'DE',
        buyerCity: 'Berlin',
      }),
    );
    expect(texts).toEqual({
      A: 'machin zq632b2b game',
      B: 'deep learn. rust',
      C: 'on two',
      D: 'germani. berlin',
    });
  });

  it('leave a gap where a word stands too often to be held', () => {
    const texts = indexedTexts(content({ title: 'x', description: `${'no '.repeat(300)}end` }));
    expect(texts.C.split(' ').slice(-2)).toEqual(['no.', 'end']);
    expect(texts.C.split(' ')).toHaveLength(256);
  });
});

describe('the query of an expression', () => {
  const queryOf = (search: string) => {
    const { expression } = parseSearchExpression(search);
    if (!expression) throw new Error(`no expression: ${search}`);
    return toQuery(expression);
  };

  it.each([
    ['python', '"python"'],
    ['C++ developers', '"zq632b2b" "develop"'],
    ['"machine learning" now', '"machin learn" "now"'],
    ['e-commerce', '"e commerc"'],
  ])('of %s quotes each term', (search, query) => {
    expect(queryOf(search)).toBe(query);
  });

  it('is none for what Meilisearch cannot tell exactly', () => {
    expect(queryOf('"one two three"')).toBeNull();
    expect(queryOf('a1 a2 a3 a4 a5 a6 a7 a8 a9 a10')).not.toBeNull();
    expect(queryOf('a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11')).toBeNull();
  });
});
