import { stemmer } from 'stemmer';

/** Longer tokens are cut: nobody searches for them, and Postgres takes no lexeme above 2 kB. */
const MAX_TOKEN_LENGTH = 200;
/** Stemming is the dear part and words repeat; the bound keeps hostile input from filling the memory. */
const STEM_CACHE_SIZE = 20_000;

/** Inside words without being part of them: soft hyphens, joiners, direction marks, variation selectors, the keycap. */
const INVISIBLE = /(?!\u200B)\p{Cf}|\p{Variation_Selector}|\u20E3/gu;
const TRADE_MARK = /[\u2120\u2122]/g;
const MUSIC_SHARP = /\u266F/g;
const ACCENTS = /([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu;
/** Latin letters that Unicode does not take apart, and the sigma of word ends. */
const FOLDED_LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
  ς: 'σ',
};
const FOLDABLE = /[ßæœøłđðþħıς]/g;
/** A character of a script that is written without blanks between words, with its marks. */
const UNSPACED =
  /(?=\p{L}|\p{N})[\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]\p{M}*/gu;

const ASCII = /^[\0-\x7F]*$/;
const ASCII_TOKEN = /[cf]#|[cg]\+\+|\.net(?![a-z0-9])|[a-z0-9]+\.js(?![a-z0-9])|[a-z0-9]+/g;
const TOKEN =
  /[cf]#|[cg]\+\+|\.net(?![\p{L}\p{N}\p{M}])|[a-z0-9]+\.js(?![\p{L}\p{N}\p{M}])|[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
const ENGLISH_WORD = /^[a-z]{3,}$/;

/**
 * The words of a text as they are searched: lower case, Latin and Greek letters without accents, English stems. The one
 * definition for both engines and the webhook matcher, for texts and for queries alike.
 *
 * Kept whole: `c#`, `f#`, `c++`, `g++`, `.net` (also that of ASP.NET) and `<word>.js`. Each character of a script written
 * without blanks (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) is a token. All else that is neither letter nor digit
 * separates.
 */
export function tokenize(text: string): string[] {
  return wordsOf(text).map((token) => stem(cut(token)));
}

/** The one word of a text as tokens begin with it, without its stem being taken; null when there are several, or none. */
export function prefixToken(text: string): string | null {
  const [word, another] = wordsOf(text);
  return word === undefined || another !== undefined ? null : cut(word);
}

function wordsOf(text: string): readonly string[] {
  const isAscii = ASCII.test(text);
  const folded = isAscii ? text.toLowerCase() : fold(text);
  return folded.match(isAscii ? ASCII_TOKEN : TOKEN) ?? [];
}

function fold(text: string): string {
  return text
    .replace(INVISIBLE, '')
    .replace(TRADE_MARK, ' ')
    .replace(MUSIC_SHARP, '#')
    .normalize('NFKD')
    .replace(ACCENTS, '$1')
    .normalize('NFC')
    .toLowerCase()
    .replace(FOLDABLE, (letter) => FOLDED_LETTERS[letter] ?? letter)
    .replace(UNSPACED, ' $& ');
}

function cut(token: string): string {
  if (token.length <= MAX_TOKEN_LENGTH) return token;
  const isSplitPair = /[\uD800-\uDBFF]/.test(token.charAt(MAX_TOKEN_LENGTH - 1));
  return token.slice(0, isSplitPair ? MAX_TOKEN_LENGTH - 1 : MAX_TOKEN_LENGTH);
}

const stems = new Map<string, string>();

function stem(token: string): string {
  const known = stems.get(token);
  if (known !== undefined) return known;
  const stemmed = ENGLISH_WORD.test(token) ? stemmer(token) : token;
  if (stems.size >= STEM_CACHE_SIZE) stems.clear();
  stems.set(token, stemmed);
  return stemmed;
}
