import { parseBoolean } from '../vocabulary';
import { parseDecimal } from './values';

/** Values of one of our parameters. */
type Assignment = readonly [parameter: string, values: readonly string[]];
type Translation = (values: readonly string[]) => readonly Assignment[];

const as =
  (parameter: string): Translation =>
  (values) => [[parameter, values]];

/** Two bare numbers are the ends of a range: `500,100000` was how a sum of one's own choice was written. */
const ranges =
  (parameter: string): Translation =>
  (values) => {
    const parts = values.flatMap((value) => value.split(',')).map((part) => part.trim());
    const [low = NaN, high = NaN] = parts.map((part) => parseDecimal(part) ?? NaN);
    return [[parameter, parts.length === 2 && low < high ? [`${low}-${high}`] : values]];
  };

/** Where other tools write `hourly=1`, they tick the type of the job; a range is about the pay. */
const typeOrRanges =
  (type: string, parameter: string): Translation =>
  (values) => {
    const ticks = values.map(parseBoolean);
    if (ticks.includes(null)) return ranges(parameter)(values);
    return ticks.includes(true) ? [['job_type', [type]]] : [];
  };

/** In one spelling, so that `1` and `VERIFIED` under two names say the same. */
const yesNo =
  (parameter: string): Translation =>
  (values) => [[parameter, values.map((value) => String(parseBoolean(value) ?? value))]];

/** A box that is not ticked asks for nothing. */
const ticked =
  (parameter: string): Translation =>
  (values) =>
    values.every((value) => parseBoolean(value) === false) ? [] : yesNo(parameter)(values);

/** A skill in a path is a slug, of which its name is not known: `react-js` may be React JS or React.js. */
const skillOfSlug: Translation = (values) => [
  ['skills', values.flatMap((slug) => [slug, slug.replaceAll('-', ' '), slug.replace(/-(?=[a-z]+$)/i, '.')])],
];

function named<Value>(entries: readonly (readonly [Value, string])[]): ReadonlyMap<string, Value> {
  return new Map(entries.flatMap(([value, names]) => names.split(' ').map((name) => [name, value] as const)));
}

/**
 * What the parameters of Upwork's addresses are called here, old names and those of well-known tools included. Names in lower case.
 * Sources: addresses of `/nx/search/jobs`, `/ab/jobs/search`, `/o/jobs/browse` and of the feeds, as people have published them since 2015.
 */
const TRANSLATIONS: ReadonlyMap<string, Translation> = named([
  [as('search'), 'q search'],
  [as('t'), 't'],
  [as('job_type'), 'job_type'],
  [as('contractor_tier'), 'contractor_tier exp_level experience_level'],
  [ranges('amount'), 'amount budget fixed_budget'],
  [ranges('hourly_rate'), 'hourly_rate hourly_budget'],
  [typeOrRanges('hourly', 'hourly_rate'), 'hourly'],
  [typeOrRanges('fixed-price', 'amount'), 'fixed fixed_price'],
  [as('duration_v3'), 'duration_v3 duration_v2 duration duration_label'],
  [as('workload'), 'workload'],
  [as('engagement'), 'engagement'],
  [as('category'), 'category2_uid category2 category'],
  [as('subcategory2_uid'), 'subcategory2_uid subcategory2 subcategory'],
  [as('location'), 'location country client_location client_country'],
  [as('timezone'), 'timezone client_timezone'],
  [as('client_hires'), 'client_hires'],
  [as('proposals'), 'proposals'],
  [yesNo('payment_verified'), 'payment_verified client_payment_verification_status'],
  [ticked('payment_verified'), 'verified_payment_only'],
  [yesNo('contract_to_hire'), 'contract_to_hire'],
  [as('skills'), 'skills skills_filter'],
  [skillOfSlug, 'skill'],
  [as('previous_clients'), 'previous_clients'],
  [as('sort'), 'sort sortby'],
]);

/** Which page is shown, and how long it is. */
const PAGE_NAMES: ReadonlySet<string> = new Set(['page', 'per_page', 'paging']);

/** What says nothing about the jobs that are found: how the page was reached, who looks, what a feed asks to be let in. */
const IDLE_NAMES: ReadonlySet<string> = new Set(
  (
    'nbs from_recent_search api_params securitytoken useruid orguid ptc ref referrer_url_path source gclid pagetitle ' +
    '_navtype _modalinfo modalinfo navtype spellcheck search_id'
  ).split(' '),
);
const IDLE_PREFIX = /^utm_/;

/** What Upwork chooses jobs by and we cannot, with what to do about it. */
const UNANSWERABLE: ReadonlyMap<string, string> = named([
  ['how many Connects a proposal costs is not known here.', 'connect_price'],
  [
    'who may apply from where is not known here; location chooses clients by their country.',
    'user_location_match',
  ],
  ['how many freelancers are looked for is not known here.', 'freelancers_needed'],
  ['skills go by name here; use skills.', 'ontology_skill_uid skill_uid occupation_uid'],
  ['the conditions of a search saved at Upwork are not in its address.', 'topic_id saved_search_id'],
  ['it names a single job; use ids for that one.', 'details'],
  [
    'how clients are rated is no condition here; use client_hires or payment_verified.',
    'client_feedback client_rating',
  ],
]);

type Understanding =
  | { kind: 'assignments'; assignments: readonly Assignment[] }
  | { kind: 'page' }
  | { kind: 'idle' }
  | { kind: 'unanswerable'; reason: string }
  | { kind: 'unknown' };

/** What a parameter of an address of Upwork's means here. The name is in lower case. */
export function understand(name: string, values: readonly string[]): Understanding {
  const translate = TRANSLATIONS.get(name);
  if (translate) return { kind: 'assignments', assignments: translate(values) };
  if (PAGE_NAMES.has(name)) return { kind: 'page' };
  if (IDLE_NAMES.has(name) || IDLE_PREFIX.test(name)) return { kind: 'idle' };
  const reason = UNANSWERABLE.get(name);
  return reason === undefined ? { kind: 'unknown' } : { kind: 'unanswerable', reason };
}

/** Whether Upwork's addresses have such a parameter. */
export function isUpworkParameter(name: string): boolean {
  return understand(name.toLowerCase(), []).kind !== 'unknown';
}
