import { CATEGORY_TABLE } from '../domain/categoryTable';
import { parseJobQuery } from '../domain/jobFilter';
import type { SearchToMatch } from '../domain/matching/matchingIndex';
import type { Timestamp } from '../domain/time';
import { createRandom, type Random } from './random';
import { drawWord, SKILLS, wordOfRank } from './vocabulary';

export const MIXES = ['broad', 'selective'] as const;
/** `broad`: of frequent words and few budgets, many alike; `selective`: of words in the long tail. */
export type Mix = (typeof MIXES)[number];

const SEARCHES_PER_ACCOUNT = 250;
const BUDGETS = [50, 100, 200, 250, 300, 500, 750, 1_000, 1_500, 2_000, 2_500, 5_000];
const COUNTRIES = ['US', 'GB', 'DE', 'FR', 'IN', 'CA', 'AU', 'NL', 'ES', 'IT'];
const CATEGORIES = CATEGORY_TABLE.flatMap(({ categories }) => categories.map(({ name }) => name));
const FREQUENT: ReadonlySet<string> = new Set(
  Array.from({ length: 700 }, (_, place) => wordOfRank(20 + place)),
);
/** Ranks of the vocabulary that are no everyday words, by and large. */
const RARE_RANKS = { from: 150, to: 2_500 };

/** Saved searches of accounts with 250 each. The same seed gives the same ones. */
export function* makeSearches(
  mix: Mix,
  count: number,
  seed: number,
  now: Timestamp,
): Generator<SearchToMatch> {
  const random = createRandom(seed);
  for (let made = 0; made < count; made += 1) {
    const { filter, movingBounds } = parseJobQuery(parametersOf(mix, random), now);
    yield {
      id: uuidOf(random),
      accountId: `account-${Math.floor(made / SEARCHES_PER_ACCOUNT)}`,
      name: `Saved search ${made}`,
      filter,
      movingBounds,
    };
  }
}

/**
 * In both mixes 60 % ask for a word or skill, a verified payment and a budget, 20 % for two words, 10 % for a phrase, 5 % for
 * alternatives without something, 5 % for a category and a country. The selective ones ask for more at a time.
 */
function parametersOf(mix: Mix, random: Random): Record<string, string> {
  const share = random.fraction();
  return mix === 'broad' ? broadParameters(share, random) : selectiveParameters(share, random);
}

function broadParameters(share: number, random: Random): Record<string, string> {
  const word = (): string => frequentWord(random);
  if (share < 0.6) {
    const asked: Record<string, string> = random.chance(0.5)
      ? { skills: random.pick(SKILLS) }
      : { search: word() };
    return { ...asked, payment_verified: 'true', budget_min: String(random.pick(BUDGETS)) };
  }
  if (share < 0.8) return { search: `${word()} ${word()}` };
  if (share < 0.9) return { search: `"${word()} ${word()}"` };
  if (share < 0.95) return { search: `(${word()} OR ${word()}) -${word()}` };
  return { category: random.pick(CATEGORIES), country: random.pick(COUNTRIES) };
}

function selectiveParameters(share: number, random: Random): Record<string, string> {
  const word = (): string => rareWord(random);
  const country = random.pick(COUNTRIES);
  if (share < 0.6) {
    const budget = String(random.pick(BUDGETS));
    return { search: word(), skills: random.pick(SKILLS), payment_verified: 'true', budget_min: budget };
  }
  if (share < 0.8) return { search: `${word()} ${word()}` };
  if (share < 0.9) return { search: `"${random.pick(SKILLS)} ${word()}"` };
  if (share < 0.95) return { search: `(${word()} OR ${word()}) -${word()}`, country };
  return { category: random.pick(CATEGORIES), contractor_tier: 'expert', country };
}

/** As in running text, but neither words that everything holds nor rare ones. */
function frequentWord(random: Random): string {
  for (;;) {
    const word = drawWord(random);
    if (FREQUENT.has(word)) return word;
  }
}

function rareWord(random: Random): string {
  return wordOfRank(random.between(RARE_RANKS.from, RARE_RANKS.to));
}

function uuidOf(random: Random): string {
  const digits = Array.from({ length: 32 }, () => random.between(0, 15).toString(16)).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
