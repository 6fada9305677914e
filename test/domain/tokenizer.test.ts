import fc from 'fast-check';
import { tokenize } from '../../domain/tokenizer';

describe('tokenize', () => {
  const examples: [string, string, string[]][] = [
    ['keeps the names of languages whole', 'C#, F#, C++ and G++', ['c#', 'f#', 'c++', 'and', 'g++']],
    ['finds a language where others touch it', 'C#/.NET,C++11;C#8', ['c#', '.net', 'c++', '11', 'c#', '8']],
    [
      'keeps .NET whole, also at the end of a name',
      '.NET ASP.NET VB.Net',
      ['.net', 'asp', '.net', 'vb', '.net'],
    ],
    ['takes .net for .NET only where the word ends', '.network .net5', ['network', 'net5']],
    ['keeps names in .js whole', 'Node.js, VUE.JS-based d3.js', ['node.js', 'vue.js', 'base', 'd3.js']],
    ['takes .js apart where the word goes on', 'package.json', ['packag', 'json']],
    [
      'separates at everything that is no letter or digit',
      'e-commerce_shop (B2B)',
      ['e', 'commerc', 'shop', 'b2b'],
    ],
    ['keeps digits and letters together', '3D h264 10,000', ['3d', 'h264', '10', '000']],
    ['stems English words', 'Running developers development', ['run', 'develop', 'develop']],
    ['leaves words of two letters alone', 'is as', ['is', 'as']],
    ['takes accents off Latin and Greek letters', 'Café Ångström Μάϊος', ['cafe', 'angstrom', 'μαιοσ']],
    [
      'folds Latin letters that have no accent to take off',
      'Łódź Straße København',
      ['lodz', 'strass', 'kobenhavn'],
    ],
    ['keeps the marks of other scripts', 'йод ёж', ['йод', 'ёж']],
    ['folds both small sigmas', 'ΟΔΟΣ οδος οδοσ', ['οδοσ', 'οδοσ', 'οδοσ']],
    ['folds full-width forms', 'Ｐｙｔｈｏｎ Ｃ＋＋', ['python', 'c++']],
    ['folds half-width Katakana', 'ﾃｽﾄ ｶﾞ', ['テ', 'ス', 'ト', 'ガ']],
    [
      'makes every character of unspaced scripts a token',
      '日本語abc テスト',
      ['日', '本', '語', 'abc', 'テ', 'ス', 'ト'],
    ],
    ['keeps vowel signs with their consonant', 'ที่', ['ที่']],
    ['reads over soft hyphens and variation selectors', 'exam\u00ADple ❤️ 1️⃣', ['exampl', '1']],
    ['keeps the trade mark sign out of the name', 'Shopify™', ['shopifi']],
    ['finds nothing in punctuation', '--- ☃ ... ++ #', []],
    ['survives half a surrogate pair', 'a\ud800b', ['a', 'b']],
  ];

  it.each(examples)('%s', (_guarantee, text, tokens) => {
    expect(tokenize(text)).toEqual(tokens);
  });

  it('cuts long words at 200 characters, never through a surrogate pair', () => {
    expect(tokenize('7'.repeat(300))).toEqual(['7'.repeat(200)]);
    expect(tokenize('𐐨'.repeat(150) + '7')).toEqual(['𐐨'.repeat(100)]);
    expect(tokenize('7' + '𐐨'.repeat(150))).toEqual(['7' + '𐐨'.repeat(99)]);
  });

  it('gives tokens without blanks, never empty, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const token of tokenize(text)) {
          expect(token).toMatch(/^\S{1,200}$/u);
          expect(token).not.toContain('\0');
        }
      }),
    );
  });

  it('does not depend on case or on how accents are encoded', () => {
    const letters = fc.string({ unit: fc.constantFrom(...Array.from('aZéÜçñİΣάžđ .#+')) });
    fc.assert(
      fc.property(letters, (text) => {
        expect(tokenize(text.toLowerCase())).toEqual(tokenize(text));
        expect(tokenize(text.normalize('NFD'))).toEqual(tokenize(text));
      }),
    );
  });

  it('finds the same in a text as in its parts', () => {
    const word = fc.constantFrom('C++', 'node.js', 'ASP.NET', 'naïve', '日本', 'running', '3D', 'e-mail');
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(tokenize(words.join(', '))).toEqual(words.flatMap((each) => tokenize(each)));
      }),
    );
  });
});
