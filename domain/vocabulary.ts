import {
  DURATION_LABELS,
  PROPOSALS_TIERS,
  type ContractorTier,
  type DurationLabel,
  type JobStatus,
  type JobType,
  type ProposalsTier,
  type Workload,
} from './job';

/** Longer than any variant; what is longer is none. */
const MAX_LENGTH = 60;

/**
 * What a text is looked up by: lower case without blanks and punctuation. Upwork's internal names such as
 * `jsn_Expert_207` and `usnuxt_Engagement_421.partTime` are cut down to their meaning.
 */
function keyOf(text: string): string {
  if (text.length > MAX_LENGTH) return '';
  return text
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+_[a-z]+_\d+\./, '')
    .replace(/^jsn_([a-z]+)_\d+$/, '$1')
    .replace(/\(\$+\)$/, '')
    .replace(/[\s_\-–—/.,:()]+/g, '');
}

function lookup<T>(variants: ReadonlyMap<string, T>): (text: string) => T | null {
  return (text) => variants.get(keyOf(text)) ?? null;
}

/** Entries of `[value, 'variants separated by blanks']`, each variant written as its key. */
function variantsOf<T>(entries: readonly (readonly [T, string])[]): ReadonlyMap<string, T> {
  return new Map(entries.flatMap(([value, keys]) => keys.split(' ').map((key) => [key, value] as const)));
}

const JOB_TYPES = variantsOf<JobType>([
  [1, '1 hourly hour hourlyrate hourlyjob byhour bythehour perhour hourlycontract'],
  [2, '2 fixed fixedprice fixedbudget fixedpricejob fixedrate fixedpriceproject fixedprices fixedcontract'],
]);

/** What stands before an amount: `Hourly` of `Hourly: $15.00 - $30.00`. */
const BEFORE_AMOUNT = /^([a-z][a-z -]*?)\s*[:–—-]\s*(?=\p{Sc}|\d)/iu;

/** 1 hourly, 2 fixed price; null for what is neither. */
export function parseJobType(text: string): JobType | null {
  if (text.length > MAX_LENGTH) return null;
  const type = BEFORE_AMOUNT.exec(text.trim())?.[1] ?? text;
  return JOB_TYPES.get(keyOf(type)) ?? null;
}

/** Upwork's own codes of the job types in its search addresses: 0 hourly, 1 fixed price; labels as above. */
export function parseUpworkJobType(text: string): JobType | null {
  if (text === '0') return 1;
  if (text === '1') return 2;
  return /^\d/.test(text) ? null : parseJobType(text);
}

/** 1 open, 2 closed. */
export const parseStatus: (text: string) => JobStatus | null = lookup(
  variantsOf<JobStatus>([
    [1, '1 open opened active live published public'],
    [2, '2 closed close filled cancelled canceled completed expired inactive archived ended removed'],
  ]),
);

/** 1 entry, 2 intermediate, 3 expert. */
export const parseContractorTier: (text: string) => ContractorTier | null = lookup(
  variantsOf<ContractorTier>([
    [1, '1 entry entrylevel entrylevels beginner beginners junior novice $'],
    [2, '2 intermediate intermediatelevel mid midlevel middle medium $$'],
    [3, '3 expert expertlevel experts advanced senior seniorlevel $$$'],
  ]),
);

const DURATION_UNITS = variantsOf<DurationLabel>([
  [
    'Less than 1 month',
    'week weeks lessthanaweek lessthanoneweek lessthanamonth lessthanonemonth underamonth underonemonth',
  ],
  ['1 to 3 months', 'month onetothreemonths quarter'],
  ['3 to 6 months', 'threetosixmonths semester'],
  ['More than 6 months', 'morethansixmonths oversixmonths sixmonthsplus ongoing longterm sixplusmonths'],
]);

/**
 * The four durations as Upwork labels them. Its codes count with the label they carry there: WEEK is `Less than 1 month`, MONTH
 * `1 to 3 months`, SEMESTER `3 to 6 months`, ONGOING `More than 6 months`. What fits none (`More than 3 months`) is null.
 */
export function parseDuration(text: string): DurationLabel | null {
  const byName = DURATION_UNITS.get(keyOf(text));
  if (byName !== undefined) return byName;
  const words = spacedOf(text);
  if (/^(?:<|less than|under|up to) ?1 (?:month|week)s?$/.test(words)) return DURATION_LABELS[0];
  if (/^(?:1 (?:to|-) [1-4]|[1-3]) weeks?$/.test(words)) return DURATION_LABELS[0];
  if (/^1 (?:to|-) 3 months?$/.test(words)) return DURATION_LABELS[1];
  if (/^3 (?:to|-) 6 months?$/.test(words)) return DURATION_LABELS[2];
  if (/^(?:6 ?\+ months?|(?:>|more than|over) ?6 months?|6 months? ?\+)$/.test(words))
    return DURATION_LABELS[3];
  return null;
}

const FULL_TIME_HOURS = 30;

const WORKLOAD_NAMES = variantsOf<Workload>([
  ['full-time', 'fulltime full 30+ 30+hrsweek 30+hours'],
  ['part-time', 'parttime part halftime <30'],
  [
    'as-needed',
    'asneeded notsure notsureyet hourstobedetermined tobedetermined opennominimum asneededopentooffers ondemand undetermined',
  ],
]);

/** Hours a week: 30 and more are full-time, fewer part-time, undetermined ones as-needed. */
export function parseWorkload(text: string): Workload | null {
  const byName = WORKLOAD_NAMES.get(keyOf(text));
  if (byName !== undefined) return byName;
  const words = spacedOf(text).replace(/^hourly:? /, '');
  const hours =
    /^(<|less than|under|up to|>|more than|over)? ?(\d{1,2})(?: ?(?:-|to) ?(\d{1,2}))? ?(\+)? ?(?:hrs?|hours?)(?: ?(?:\/|per|a) ?(?:week|wk))?$/.exec(
      words,
    );
  if (!hours) return null;
  const [, bound, from, to, plus] = hours;
  const isUpperBound = bound !== undefined && /^(?:<|less than|under|up to)$/.test(bound);
  if (isUpperBound || (to !== undefined && Number(to) <= FULL_TIME_HOURS)) return 'part-time';
  if (Number(from) >= FULL_TIME_HOURS) return 'full-time';
  // `10+ hrs/week` may be either.
  return plus === undefined && bound === undefined && to === undefined ? 'part-time' : null;
}

const PROPOSALS_NAMES = variantsOf<ProposalsTier>([
  ['Less than 5', 'lessthan5 lessthanfive <5 under5'],
  // A `+` that was not escaped in a URL does not arrive.
  ['50+', '50 50+ 50plus morethan50 fiftyplus over50 >50'],
]);

const PROPOSALS_BY_LOWER_END: Readonly<
  Record<string, { tier: ProposalsTier; upperEnds: readonly string[] }>
> = {
  '0': { tier: PROPOSALS_TIERS[0], upperEnds: ['4', '5'] },
  '1': { tier: PROPOSALS_TIERS[0], upperEnds: ['4', '5'] },
  '5': { tier: PROPOSALS_TIERS[1], upperEnds: ['9', '10'] },
  '10': { tier: PROPOSALS_TIERS[2], upperEnds: ['14', '15'] },
  '15': { tier: PROPOSALS_TIERS[3], upperEnds: ['19', '20'] },
  '20': { tier: PROPOSALS_TIERS[4], upperEnds: ['49', '50'] },
  '50': { tier: PROPOSALS_TIERS[5], upperEnds: [''] },
};

/** How many freelancers have applied, as Upwork shows it. */
export function parseProposalsTier(text: string): ProposalsTier | null {
  const byName = PROPOSALS_NAMES.get(keyOf(text));
  if (byName !== undefined) return byName;
  if (text.length > MAX_LENGTH) return null;
  const range = /^(\d{1,2})\s*(?:to|[-–—])\s*(\d{0,2})(?:\s*proposals?)?$/i.exec(
    text.trim().replace(/_/g, ''),
  );
  const entry = range ? PROPOSALS_BY_LOWER_END[range[1] ?? ''] : undefined;
  return entry?.upperEnds.includes(range?.[2] ?? '') ? entry.tier : null;
}

const BOOLEANS = variantsOf<boolean>([
  [true, '1 true yes y on t verified paymentverified paymentmethodverified'],
  [
    false,
    '0 false no n off f unverified notverified paymentunverified paymentnotverified paymentmethodunverified paymentmethodnotverified',
  ],
]);

/** 1/0, true/false, yes/no, y/n, on/off, verified/unverified, `Payment verified`. */
export const parseBoolean: (text: string) => boolean | null = lookup(BOOLEANS);

/** Lower case, one space between words, dashes as `-`, underscores as spaces. */
function spacedOf(text: string): string {
  if (text.length > MAX_LENGTH) return '';
  return text
    .trim()
    .toLowerCase()
    .replace(/[–—]/g, '-')
    .replace(/_/g, ' ')
    .replace(/\s*-\s*/g, ' - ')
    .replace(/\s+/g, ' ')
    .replace(/\bone\b/g, '1');
}
