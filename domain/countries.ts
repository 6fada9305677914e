import { getCountryDataList } from 'countries-list';
import { closest, distance } from 'fastest-levenshtein';
import { COUNTRY_ALIASES, regionEntries } from './countryTable';

/** Longer than any name; what is longer is not looked up. */
const MAX_LOOKUP_LENGTH = 80;
/** Shorter texts are near to too many names. */
const MIN_SUGGESTION_LENGTH = 4;

const englishNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

const codeByKey = new Map<string, string>();
const nameByCode = new Map<string, string>();
const regionByKey = new Map(regionEntries().map(([name, codes]) => [keyOf(name), codes]));

const countries = getCountryDataList();
for (const { iso2, iso3, name, alias = [] } of countries) {
  nameByCode.set(iso2, name);
  const names = [name, englishNames.of(iso2) ?? name, ...alias, ...(COUNTRY_ALIASES[iso2] ?? [])];
  for (const spelling of [iso2, iso3, ...names]) enter(spelling, iso2);
}
const suggestedKeys = [...codeByKey.keys()].filter((key) => key.length >= MIN_SUGGESTION_LENGTH);
// Last, so that no country's own name takes another's English one.
for (const { iso2, native } of countries) enter(native, iso2);

/** "Not available", which without its marks is the code of Namibia. */
const NOT_AVAILABLE = /^\s*n\s*(?:\/\s*a|\.\s*a)\.?\s*$/i;

/** ISO 3166 alpha-2 of a country given as alpha-2, alpha-3, English name or usual alias; null when it is none. */
export function findCountry(text: string): string | null {
  if (text.length <= MAX_LOOKUP_LENGTH && NOT_AVAILABLE.test(text)) return null;
  return codeByKey.get(keyOf(text)) ?? null;
}

/** Alpha-2 codes of a continent, a subregion of the United Nations, `Latin America` or `Middle East`; null when it is none. */
export function findRegion(text: string): string[] | null {
  const codes = regionByKey.get(keyOf(text));
  return codes ? [...codes] : null;
}

/** English name of the country whose name is nearest to a misspelt one; null if none is near. */
export function suggestCountry(text: string): string | null {
  const key = keyOf(text);
  if (key.length < MIN_SUGGESTION_LENGTH) return null;
  const nearest = closest(key, suggestedKeys);
  if (distance(key, nearest) > Math.max(1, Math.floor(key.length / 4))) return null;
  return nameByCode.get(codeByKey.get(nearest) ?? '') ?? null;
}

function enter(spelling: string, code: string): void {
  const key = keyOf(spelling);
  if (key !== '' && !codeByKey.has(key)) codeByKey.set(key, code);
}

/** Letters only, without case, accents, `and` and `the`; `St.` is Saint. */
function keyOf(text: string): string {
  if (text.length > MAX_LOOKUP_LENGTH) return '';
  const words: readonly string[] =
    text
      .normalize('NFD')
      .replace(/\p{M}+/gu, '')
      .toLowerCase()
      .replace(/['’`.]/g, '')
      .match(/\p{L}+/gu) ?? [];
  // A lone `AND` is Andorra, a lone `ST` São Tomé.
  if (words.length < 2) return words.join('');
  return words
    .filter((word) => word !== 'and' && word !== 'the')
    .map((word) => (word === 'st' ? 'saint' : word))
    .join('');
}
