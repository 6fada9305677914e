import type { JobContent } from './job';
import { DAY_MS, toMillis } from './time';

const SHINGLE_WORDS = 3;
const MAX_WORDS = 5_000;
const MAX_TEXT_LENGTH = 100_000;
/** Share of shingles two texts must have in common to count as the same text. */
const SAME_TEXT_JACCARD = 0.8;
/** A shorter text says too little to tell a repost from another client's posting of the same kind. */
const MIN_TEXT_LENGTH = 200;
const FOLD_WINDOW_MS = 14 * DAY_MS;
const MIN_AGREEING_FACTS = 3;
const MIN_STEM_LENGTH = 3;
/** Share of the shorter title's words that the other title must hold for a repost. */
const MIN_COMMON_TITLE = 1 / 3;

/**
 * Bands of the index, and the minima in each: two texts with a Jaccard similarity of 0.8 share at least one band with
 * probability 1 - (1 - 0.8^4)^10 = 0.995, two with 0.3 with 0.08. Of real postings edited to a similarity of 0.80 to 0.85 these
 * bands find 99.6 %; a 64-bit SimHash finds 29 % of them in four bands of 16 bits, and 93 % in eight of 8 bits.
 */
const BANDS = 10;
const ROWS_PER_BAND = 4;

const WORDS = /[\p{L}\p{N}]+/gu;
/** The same for a text of ASCII, in half the time. */
const ASCII_WORDS = /[a-z0-9]+/g;
const ASCII = /^[\0-\x7F]*$/;

/** What a posting says, in words. */
export interface PostingText {
  title: string;
  description: string | null;
}

/** What the duplicate decision looks at. */
export interface DuplicateCandidate
  extends
    PostingText,
    Pick<
      JobContent,
      | 'postedOn'
      | 'clientId'
      | 'buyerCountry'
      | 'buyerCity'
      | 'buyerContractDate'
      | 'buyerTotalSpent'
      | 'buyerTotalAssignments'
      | 'buyerTotalJobsWithHires'
    > {}

/**
 * - `fold`: one client's repost; one of the two is shown, and answers for the other.
 * - `flag`: near-equal, but whether of one client is not known; both are shown, flagged `possible_duplicate`.
 */
export type DuplicateDecision = 'fold' | 'flag' | 'different';

function wordsOf(text: string): string[] {
  const lower = text.slice(0, MAX_TEXT_LENGTH).toLowerCase();
  return (lower.match(ASCII.test(lower) ? ASCII_WORDS : WORDS) ?? []).slice(0, MAX_WORDS);
}

function textOf(posting: PostingText): string {
  return `${posting.title}\n${posting.description ?? ''}`;
}

/** Runs of three words, lower-case, punctuation aside; a shorter text is one shingle. */
function shingles(text: string): Set<string> {
  const words = wordsOf(text);
  if (words.length <= SHINGLE_WORDS) return new Set([words.join(' ')]);
  const found = new Set<string>();
  for (let start = 0; start + SHINGLE_WORDS <= words.length; start += 1) {
    found.add(words.slice(start, start + SHINGLE_WORDS).join(' '));
  }
  return found;
}

/** Size of the intersection over size of the union, 0 to 1. */
function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  if (left.size === 0 && right.size === 0) return 1;
  let common = 0;
  for (const shingle of left) if (right.has(shingle)) common += 1;
  return common / (left.size + right.size - common);
}

/** Whether two postings say the same: title and text, nearly word for word. */
export function isSameText(left: PostingText, right: PostingText): boolean {
  return jaccard(shingles(textOf(left)), shingles(textOf(right))) >= SAME_TEXT_JACCARD;
}

/** FNV-1a over UTF-16 units with the last mixing step of MurmurHash3, 32 bits. */
function hashWord(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  }
  return mix(hash);
}

function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Hashes of the shingles of a text; each may come more than once. */
function shingleHashes(text: string): Int32Array {
  const words = wordsOf(text).map(hashWord);
  const count = Math.max(1, words.length - SHINGLE_WORDS + 1);
  const hashes = new Int32Array(count);
  for (let start = 0; start < count; start += 1) {
    let hash = 0x9e3779b9;
    const end = Math.min(start + SHINGLE_WORDS, words.length);
    for (let index = start; index < end; index += 1) {
      hash = mix(Math.imul(hash, 31) ^ (words[index] ?? 0));
    }
    hashes[start] = hash;
  }
  return hashes;
}

/** Factors and summands of the permutations behind the minima: fixed for ever, since bands are stored. */
const FACTORS = Int32Array.from({ length: BANDS * ROWS_PER_BAND }, (_, index) => mix(2 * index + 1) | 1);
const SUMMANDS = Int32Array.from({ length: BANDS * ROWS_PER_BAND }, (_, index) => mix(0x5bd1e995 + index));

const SIGN_BIT = -0x80000000;

/** The least of the hashes after a permutation. With the sign bit flipped, so that the loop stays with 32-bit integers. */
function minimumOf(hashes: Int32Array, permutation: number): number {
  const factor = FACTORS[permutation] ?? 1;
  const summand = SUMMANDS[permutation] ?? 0;
  let minimum = 0x7fffffff;
  for (let index = 0; index < hashes.length; index += 1) {
    const value = ((Math.imul(hashes[index] ?? 0, factor) + summand) | 0) ^ SIGN_BIT;
    if (value < minimum) minimum = value;
  }
  return (minimum ^ SIGN_BIT) >>> 0;
}

/**
 * Keys of a banded MinHash index, 10 of the form `3:0123456789abcdef`: postings whose texts are nearly equal share at least one
 * (probability 0.995 at the threshold of `isSameText`). Sharing one makes a candidate, not yet a duplicate.
 */
export function duplicateBands(posting: PostingText): string[] {
  const hashes = shingleHashes(textOf(posting));
  const bands: string[] = [];
  for (let band = 0; band < BANDS; band += 1) {
    let high = band;
    let low = 0x2545f491 ^ band;
    for (let row = 0; row < ROWS_PER_BAND; row += 1) {
      const minimum = minimumOf(hashes, band * ROWS_PER_BAND + row);
      high = mix(Math.imul(high, 31) ^ minimum);
      low = mix(Math.imul(low, 37) ^ minimum);
    }
    bands.push(`${band}:${hex32(high)}${hex32(low)}`);
  }
  return bands;
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/**
 * Whether `newer` repeats `older`. Folds only where the client agrees, the text is at least 200 characters, the postings lie
 * within 14 days, and the titles do not name different things (one text posted for German and for Swedish is two jobs).
 * Short texts are flagged only when word for word equal under an equal title; titles without any text only when the client agrees.
 */
export function duplicateDecision(newer: DuplicateCandidate, older: DuplicateCandidate): DuplicateDecision {
  const length = Math.min(newer.description?.length ?? 0, older.description?.length ?? 0);
  if (length < MIN_TEXT_LENGTH) return isEqualShortText(newer, older) ? 'flag' : 'different';
  if (!isSameText(newer, older)) return 'different';
  const isFolded =
    clientAgrees(newer, older) && isWithinFoldWindow(newer, older) && !titlesDiffer(newer, older);
  return isFolded ? 'fold' : 'flag';
}

function isEqualShortText(left: DuplicateCandidate, right: DuplicateCandidate): boolean {
  if (!isSameWords(left.title, right.title)) return false;
  if (left.description === null && right.description === null) return clientAgrees(left, right);
  return (
    left.description !== null &&
    right.description !== null &&
    isSameWords(left.description, right.description)
  );
}

function isSameWords(left: string, right: string): boolean {
  return wordsOf(left).join(' ') === wordsOf(right).join(' ');
}

function isWithinFoldWindow(left: DuplicateCandidate, right: DuplicateCandidate): boolean {
  if (left.postedOn === null || right.postedOn === null) return false;
  return Math.abs(toMillis(left.postedOn) - toMillis(right.postedOn)) <= FOLD_WINDOW_MS;
}

/**
 * Whether the titles may be about different things: they have little in common, or each says something that the other
 * posting says nowhere.
 */
function titlesDiffer(left: PostingText, right: PostingText): boolean {
  const [leftWords, rightWords] = [new Set(wordsOf(left.title)), new Set(wordsOf(right.title))];
  const common = [...leftWords].filter((word) => rightWords.has(word)).length;
  if (common < MIN_COMMON_TITLE * Math.min(leftWords.size, rightWords.size)) return true;
  return saysMore(left, right) && saysMore(right, left);
}

function saysMore(posting: PostingText, other: PostingText): boolean {
  const otherWords = wordsOf(textOf(other));
  return wordsOf(posting.title).some((word) => !otherWords.some((known) => isSameWord(word, known)));
}

/** Equal, or one an abbreviation or inflection of the other: `min` and `minutes`. */
function isSameWord(left: string, right: string): boolean {
  if (left === right) return true;
  const [shorter, longer] = left.length < right.length ? [left, right] : [right, left];
  return shorter.length >= MIN_STEM_LENGTH && longer.startsWith(shorter);
}

type Comparison = 'agrees' | 'contradicts' | 'unknown';

/** Whether two postings are of one client: by its id at the source, else by what is known of it. */
function clientAgrees(newer: DuplicateCandidate, older: DuplicateCandidate): boolean {
  if (newer.clientId !== null && older.clientId !== null) return newer.clientId === older.clientId;
  const facts = [
    equality(newer.buyerCountry, older.buyerCountry),
    equality(newer.buyerCity?.toLowerCase() ?? null, older.buyerCity?.toLowerCase() ?? null),
    equality(newer.buyerContractDate?.slice(0, 10) ?? null, older.buyerContractDate?.slice(0, 10) ?? null),
    equality(newer.buyerTotalSpent?.currency ?? null, older.buyerTotalSpent?.currency ?? null) ===
    'contradicts'
      ? 'contradicts'
      : growth(newer.buyerTotalSpent?.amountMinor ?? null, older.buyerTotalSpent?.amountMinor ?? null),
    growth(hiresOf(newer), hiresOf(older)),
  ];
  if (facts.includes('contradicts')) return false;
  return facts.filter((fact) => fact === 'agrees').length >= MIN_AGREEING_FACTS;
}

function hiresOf(posting: DuplicateCandidate): number | null {
  return posting.buyerTotalJobsWithHires ?? posting.buyerTotalAssignments;
}

function equality(left: string | null, right: string | null): Comparison {
  if (left === null || right === null) return 'unknown';
  return left === right ? 'agrees' : 'contradicts';
}

/**
 * What a client has spent only grows: more in the newer posting proves nothing, less contradicts. Nor does nothing spent prove
 * anything: all new clients have that in common.
 */
function growth(newer: number | null, older: number | null): Comparison {
  if (newer === null || older === null) return 'unknown';
  if (newer < older) return 'contradicts';
  return newer === older && newer > 0 ? 'agrees' : 'unknown';
}

/** What decides which of two duplicates is shown. */
export type Showable = Pick<JobContent, 'postedOn' | 'status'> & { id: string };

/** The one of two duplicates to show: an open one before a closed one, then the newest, then the smaller id. */
export function visibleOf<Posting extends Showable>(left: Posting, right: Posting): Posting {
  const isClosed = (posting: Showable): boolean => posting.status === 2;
  if (isClosed(left) !== isClosed(right)) return isClosed(left) ? right : left;
  const [leftTime, rightTime] = [left.postedOn ?? '', right.postedOn ?? ''];
  if (leftTime !== rightTime) return leftTime > rightTime ? left : right;
  return left.id <= right.id ? left : right;
}
