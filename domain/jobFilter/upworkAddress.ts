import { findCategory, findCategoryGroup } from '../categories';
import { UPWORK_HOST } from '../mapping/parsers/upworkId';
import { storableText } from '../text';

/** Parameters of an address by Upwork's names in lower case: values decoded and trimmed, empty ones left out. */
export type UpworkParameters = Map<string, string[]>;

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const WEB_PROTOCOLS: readonly string[] = ['http:', 'https:'];

/**
 * Paths of job searches, present and past, of their feeds and of what lies behind them: `/nx/search/jobs/`, `/ab/jobs/search/t/1/`,
 * `/o/jobs/browse/c/<category>/sc/<subcategory>/`, `/search/jobs/details/~<ciphertext>`. Not the jobs that somebody saved.
 */
const SEARCH_PATH =
  /^\/(?:(?:nx\/|ab\/)?(?:search\/jobs|jobs\/search)|nx\/s\/universal-search\/jobs|o\/jobs\/browse|ab\/feed\/jobs\/(?:rss|atom)|jobs(?=\/?$))(?=\/|$)(?!\/saved)/i;
/** Pages on the jobs of a skill or of a category. */
const LANDING_PATH = /^\/freelance-jobs(?:\/([^/]+))?\/?$/i;

/** What the pairs in a path are called in the query of an address. */
const PARAMETER_BY_PATH_KEY: ReadonlyMap<string, string> = new Map([
  ['c', 'category2'],
  ['sc', 'subcategory2'],
  ['t', 't'],
  ['skill', 'skill'],
  ['details', 'details'],
]);

/**
 * The parameters of an address of a job search at Upwork; null for every other text. The scheme may be missing, `&` may be written
 * `&amp;`, and what stands behind `#` is no part of the search.
 */
export function readUpworkAddress(text: string): UpworkParameters | null {
  const address = withLostEscapes(text.replaceAll('&amp;', '&'));
  const absolute = SCHEME.test(address) ? address : `https://${address.replace(/^\/\//, '')}`;
  if (!URL.canParse(absolute)) return null;
  const { protocol, hostname, pathname, searchParams } = new URL(absolute);
  if (!WEB_PROTOCOLS.includes(protocol) || !UPWORK_HOST.test(hostname)) return null;

  const pairs = pairsInPath(pathname);
  if (!pairs) return null;
  const parameters: UpworkParameters = new Map();
  for (const [name, value] of [...pairs, ...searchParams]) {
    const trimmed = storableText(value).trim();
    const key = storableText(name).toLowerCase();
    if (trimmed !== '') parameters.set(key, [...(parameters.get(key) ?? []), trimmed]);
  }
  return parameters;
}

/**
 * An address that was put into a query as it is has lost its escapes once, upon which `c++` would be a word with blanks and `#` the
 * end of the address.
 */
function withLostEscapes(address: string): string {
  return address.replace(/(?<![\p{L}\p{N}%])(?:[cg]\+\+|[cf]#)(?![\p{L}\p{N}])/giu, (name) =>
    name.replaceAll('+', '%2B').replaceAll('#', '%23'),
  );
}

function pairsInPath(path: string): [string, string][] | null {
  const landing = LANDING_PATH.exec(path);
  if (landing) return landing[1] === undefined ? [] : [subjectOf(decoded(landing[1]))];
  const search = SEARCH_PATH.exec(path);
  if (!search) return null;
  const segments = path
    .slice(search[0].length)
    .split('/')
    // The address behind the search page, which answers with data, ends in `url`.
    .filter((segment) => segment !== '' && segment.toLowerCase() !== 'url')
    .map(decoded);
  const pairs: [string, string][] = [];
  for (let index = 0; index < segments.length; index += 1) {
    const segment = segments[index] ?? '';
    const name = PARAMETER_BY_PATH_KEY.get(segment.toLowerCase());
    if (name === undefined) {
      pairs.push([`/${segment}`, segment]);
    } else {
      index += 1;
      pairs.push([name, segments[index] ?? '']);
    }
  }
  return pairs;
}

function subjectOf(slug: string): [string, string] {
  return [findCategory(slug) || findCategoryGroup(slug) ? 'category2' : 'skill', slug];
}

/** Never fails: an escape that is none stays as it is. */
export function decoded(text: string): string {
  return new URLSearchParams(`text=${text.replace(/[+&]/g, encodeURIComponent)}`).get('text') ?? '';
}
