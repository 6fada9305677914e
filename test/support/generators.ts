import fc from 'fast-check';
import { resolveCategory } from '../../domain/categories';
import { DURATION_LABELS, emptyContent, type Job, PROPOSALS_TIERS, WORKLOADS } from '../../domain/job';
import { parseSearchExpression } from '../../domain/searchExpression';
import { addMillis } from '../../domain/time';

/** Words that are easily taken apart, folded or quoted the wrong way. */
const AWKWARD_WORDS = [
  'python',
  'Python',
  'developer',
  'developing',
  'run',
  'Running',
  'C++',
  'c#',
  'ASP.NET',
  '.net',
  'node.js',
  'Node',
  'e-commerce',
  'commerce',
  'naïve',
  'naive',
  "O'Reilly",
  'back\\slash',
  "'quoted'",
  'a:1A',
  '日本語',
  '語',
  'ΟΔΟΣ',
  'straße',
  'STRASSE',
  '100%',
  '3D',
  '<->',
  'and',
  'the',
];
const SKILLS = ['python', 'c++', 'web scraping', 'node.js', "o'reilly", 'back\\slash', 'n8n', 'ärger'];
const CATEGORIES = [
  'Web Development',
  'Full Stack Development',
  'Web, Mobile & Software Dev',
  'Writing & Translation',
  'Legal',
  'Corporate & Contract Law',
  'Basket Weaving',
];
const COUNTRIES = ['US', 'DE', 'JP', 'CI', 'BA'];
const TIMEZONES = ['UTC+02:00', 'UTC-05:00', 'America/New_York'];

/** Where generated postings begin in time. */
export const GENERATED_FROM = '2026-01-01T00:00:00.000Z';

const words = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...AWKWARD_WORDS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }).map(storable) },
);
const text = fc.array(words, { minLength: 1, maxLength: 12 }).map((chosen) => chosen.join(' '));
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 3 });
const currency = fc.constantFrom('USD', 'EUR', 'JPY');
const minor = fc.constantFrom(0, 1, 500, 2_000, 2_050, 10_000, 150_000);
const time = fc.integer({ min: 0, max: 12 }).map((hours) => addMillis(GENERATED_FROM, hours * 3_600_000));
const count = fc.constantFrom(0, 3, 4, 5, 9, 14, 20, 50, 200);
const skillList = fc.uniqueArray(fc.constantFrom(...SKILLS), { maxLength: 3 });

/** What Postgres can store as text: no NUL, no half of a surrogate pair. */
function storable(raw: string): string {
  return raw.replace(/\0|\p{Surrogate}/gu, '');
}

/** A job as it could have been published, with awkward words, missing values and many equal ones. */
function arbitraryJob(): fc.Arbitrary<Job> {
  const content = fc.record({
    title: text,
    description: orNull(text),
    jobType: orNull(fc.constantFrom(1 as const, 2 as const)),
    status: orNull(fc.constantFrom(1 as const, 2 as const)),
    contractorTier: orNull(fc.constantFrom(1 as const, 2 as const, 3 as const)),
    category: orNull(fc.constantFrom(...CATEGORIES).map((name) => resolveCategory(name).category)),
    budget: orNull(fc.record({ amountMinor: minor, currency })),
    hourlyBudget: orNull(
      fc
        .record({ ends: fc.tuple(orNull(minor), orNull(minor)), currency })
        .map(({ ends: [a, b], currency: code }) => ({
          minMinor: a !== null && b !== null ? Math.min(a, b) : a,
          maxMinor: a !== null && b !== null ? Math.max(a, b) : b,
          currency: code,
        })),
    ),
    skills: orNull(skillList),
    tags: orNull(skillList),
    durationLabel: orNull(fc.constantFrom(...DURATION_LABELS)),
    engagement: orNull(fc.constantFrom(...WORKLOADS)),
    workload: orNull(fc.constantFrom(...WORKLOADS)),
    isContractToHire: orNull(fc.boolean()),
    proposalsTier: orNull(fc.constantFrom(...PROPOSALS_TIERS)),
    totalApplicants: orNull(count),
    occupations: orNull(fc.array(text, { maxLength: 2 })),
    buyerPaymentVerified: orNull(fc.boolean()),
    buyerCountry: orNull(fc.constantFrom(...COUNTRIES)),
    buyerCity: orNull(fc.constantFrom('Łódź', 'New York', "L'Aquila")),
    buyerTimezone: orNull(fc.constantFrom(...TIMEZONES)),
    buyerTotalSpent: orNull(fc.record({ amountMinor: minor, currency: fc.constant('USD') })),
    buyerTotalAssignments: orNull(count),
    buyerTotalJobsWithHires: orNull(count),
  });
  const own = fc.record({
    postedOn: time,
    lastVisitedAt: time,
    updatedAt: time,
    isSample: fc.boolean(),
    version: fc.integer({ min: 1, max: 9 }),
  });
  return fc
    .tuple(fc.bigInt({ min: 10n ** 18n, max: 2n * 10n ** 18n }), fc.boolean(), content, own)
    .map(([uid, hasCiphertext, fields, rest]) => ({
      ...emptyContent(),
      ...fields,
      ...rest,
      id: String(uid),
      ciphertext: hasCiphertext ? `~02${uid}` : null,
      firstSeenAt: rest.postedOn,
      verifiedAt: rest.updatedAt,
      searchableAt: null,
      flags: [],
      qualityScore: 1,
    }));
}

/** Jobs with distinct ids. */
export function arbitraryJobs(maxLength: number): fc.Arbitrary<Job[]> {
  return fc.uniqueArray(arbitraryJob(), { maxLength, selector: ({ id }) => id });
}

const list = (...values: string[]): fc.Arbitrary<string> =>
  fc
    .uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
    .map((chosen) => chosen.join(','));
const range = list('0-5', '5-20.5', '20', '100-', '-9', '1500-3000');
const amount = fc.constantFrom('0', '5', '20', '20.5', '100', '1500');
const yesNo = fc.constantFrom('true', 'no');
const moment = time;
const quoted = fc
  .array(fc.constantFrom(...AWKWARD_WORDS), { minLength: 1, maxLength: 3 })
  .map((chosen) => `"${chosen.join(' ')}"`);
const prefix = fc.constantFrom('pyth*', 'Devel*', 'runn*', 'na*', 'STR*', 'running*', 'nothing*');
const term = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...AWKWARD_WORDS) }, quoted, prefix);
/** Terms under operators, in groups and not. */
const search = fc
  .letrec<{ search: string }>((tie) => ({
    search: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      term,
      fc
        .tuple(tie('search'), fc.constantFrom(' ', ' AND ', '&&', ' OR ', ' || '), tie('search'))
        .map((parts) => parts.join('')),
      fc.tuple(fc.constantFrom('-', '!', 'NOT '), term).map((parts) => parts.join('')),
      tie('search').map((inner) => `(${inner})`),
      tie('search').map((inner) => `NOT (${inner})`),
    ),
  }))
  .search.filter((query) => parseSearchExpression(query).expression !== null);

const PARAMETERS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  search,
  search_in: list('title', 'description', 'skills'),
  job_type: list('1', 'fixed-price'),
  t: list('0', '1'),
  status: list('open', '2'),
  contractor_tier: list('1', 'expert', 'intermediate'),
  duration_label: list('Less than 1 month', 'ongoing'),
  duration_v3: list('week', 'month', 'semester'),
  engagement: list('full-time', 'part-time'),
  workload: list('as-needed', 'full-time'),
  contract_to_hire: yesNo,
  proposals: list('0-4', '5-9', '10-14', '20-49', '50+'),
  category: list('web-development', 'Web, Mobile & Software Dev', 'writing-translation', 'legal'),
  category_group: list('development-it', 'Legal'),
  subcategory2_uid: list('531770282580668418', 'web-development'),
  skills: list(...SKILLS),
  tags: list(...SKILLS),
  skills_all: list(...SKILLS),
  skills_not: list(...SKILLS),
  budget_min: amount,
  budget_max: amount,
  hourly_min: amount,
  hourly_max: amount,
  amount: range,
  hourly_rate: range,
  currency: list('usd', 'EUR', 'JPY'),
  payment_verified: yesNo,
  country: list('us', 'DE'),
  country_not: list('us', 'JP'),
  location: list('Japan', 'Europe'),
  timezone: list('utc 02:00', 'America/New_York'),
  client_hires: range,
  'buyer.total_spent_min': amount,
  'buyer.total_assignments_min': amount,
  'buyer.total_jobs_with_hires_min': amount,
  posted_after: moment,
  posted_before: moment,
  last_visited_after: moment,
  updated_after: moment,
};

/** Parameters of `GET /jobs`, few enough at a time that some jobs match. */
export function arbitraryQuery(): fc.Arbitrary<Record<string, string>> {
  return fc
    .uniqueArray(fc.constantFrom(...Object.keys(PARAMETERS)), { minLength: 1, maxLength: 3 })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, PARAMETERS[name]!]))))
    .filter(
      (query) =>
        isInOrder(query.budget_min, query.budget_max) &&
        isInOrder(query.hourly_min, query.hourly_max) &&
        !(query.posted_after && query.posted_before && query.posted_after > query.posted_before),
    );
}

/** Of text searches alone, everywhere or in some parts. */
export function arbitraryTextQuery(): fc.Arbitrary<Record<string, string>> {
  return fc.record(
    { search, search_in: list('title', 'description', 'skills') },
    { requiredKeys: ['search'] },
  );
}

function isInOrder(min: string | undefined, max: string | undefined): boolean {
  return min === undefined || max === undefined || Number(min) <= Number(max);
}
