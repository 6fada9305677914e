import {
  CATEGORY_GROUPS,
  findCategory,
  findCategoryGroup,
  suggestCategory,
  suggestCategoryGroup,
} from '../categories';
import { findCountry, findRegion, suggestCountry } from '../countries';
import {
  CONTRACTOR_TIER_LABELS,
  type ContractorTier,
  DURATION_LABELS,
  JOB_TYPE_LABELS,
  type JobStatus,
  type JobType,
  PROPOSALS_TIERS,
  STATUS_LABELS,
  WORKLOADS,
} from '../job';
import { parseUpworkUrl } from '../mapping/parsers/upworkId';
import { isCurrency } from '../money';
import { parseSearchExpression } from '../searchExpression';
import { SEARCHED_PARTS as WEIGHT_OF_PART, type SearchedPart } from '../searchTerms';
import {
  parseBoolean,
  parseContractorTier,
  parseDuration,
  parseJobType,
  parseProposalsTier,
  parseStatus,
  parseUpworkJobType,
  parseWorkload,
} from '../vocabulary';
import {
  type CategoryCondition,
  isAdvancedParameter,
  type JobFilter,
  MAX_NUMBER,
  type NumberRange,
  skillKey,
  timezoneKey,
} from './filter';
import { nearestOf } from './nearest';
import {
  addFault,
  list,
  narrow,
  number,
  type QueryDraft,
  type Reader,
  scalar,
  singleValue,
  time,
} from './reading';
import { decoded } from './upworkAddress';
import { MAX_UPWORK_URL_LENGTH, UPWORK_URL } from './upworkUrl';
import { parseRange } from './values';

type ParameterType = 'text' | 'integer' | 'number' | 'boolean' | 'time' | 'enum' | 'list' | 'ranges';

/** A parameter of `GET /jobs`, as documentation shows it. */
export interface QueryParameter {
  name: string;
  /** Other names for the very same parameter. */
  aliases: readonly string[];
  /** `list` and `ranges` take several values separated by commas, in one parameter or in repeated ones. */
  type: ParameterType;
  description: string;
  example: string;
  /** Canonical values of a vocabulary; usual variants of them are taken too. */
  values?: readonly string[];
  minimum?: number;
  /** Of a number its value, of a text its length in characters. */
  maximum?: number;
  /** Of a list, where it may not be as long as others. */
  maxItems?: number;
  default?: string | number;
  /** Needs Professional or higher. */
  advanced: boolean;
}

/** A parameter with what reads it. */
export interface ParameterRow<Draft extends QueryDraft = QueryDraft> extends QueryParameter {
  read: Reader<Draft>;
}

type RowOptions<Draft extends QueryDraft> = Partial<Omit<ParameterRow<Draft>, 'name' | 'type'>> &
  Pick<ParameterRow<Draft>, 'description' | 'example' | 'read'>;

export function row<Draft extends QueryDraft = QueryDraft>(
  name: string,
  type: ParameterType,
  options: RowOptions<Draft>,
): ParameterRow<Draft> {
  return { name, aliases: [], type, advanced: isAdvancedParameter(name), ...options };
}

const MAX_IDS = 50;
export const MAX_TEXT_LENGTH = 1000;

const readSearch: Reader = (given, draft) => {
  const text = singleValue(given, draft);
  if (text === null) return;
  const expected = 'words, "phrases", pre*, and between them AND, OR, NOT and parentheses';
  if (text.length > MAX_TEXT_LENGTH) {
    const message = `${given.name} is longer than ${MAX_TEXT_LENGTH} characters.`;
    addFault(draft, given, { message, received: text, expected: `at most ${MAX_TEXT_LENGTH} characters` });
    return;
  }
  const { expression, warnings, faults } = parseSearchExpression(text);
  draft.warnings.push(...warnings);
  for (const { position, message } of faults) {
    addFault(draft, given, { message: `At character ${position}: ${message}.`, received: text, expected });
  }
  if (expression) draft.filter.search = expression;
  else if (faults.length === 0) {
    addFault(draft, given, {
      message: 'There is no letter or digit to search for.',
      received: text,
      expected,
    });
  }
};

/** The ciphertext in an Upwork address, else the id as it is. */
function parseId(text: string): string | null {
  const ciphertext = parseUpworkUrl(text);
  if (ciphertext.ok) return ciphertext.value;
  return /^(?:~02\d{1,20}|[\w.:-]{1,100})$/.test(text) ? text : null;
}

/** For vocabularies, which overlook punctuation: a code is digits alone, so `-1` and `.1` are no 1. */
function codeOrName<T>(parse: (text: string) => T | null): (text: string) => T | null {
  return (text) => (/[\p{L}$]/u.test(text) || /^\d+$/.test(text) ? parse(text) : null);
}

/** A name may stand for a category at any level, or for one that is a whole group. */
function parseCategory(text: string): CategoryCondition | null {
  const category = findCategory(text);
  if (category) return { slugs: [category.slug], groups: [] };
  const group = findCategoryGroup(text);
  return group && { slugs: [], groups: [group.slug] };
}

function categories(assign: (filter: JobFilter, condition: CategoryCondition) => void): Reader {
  return list({
    parse: parseCategory,
    namesHoldCommas: true,
    expected: 'a category (slug, name or uid)',
    suggest: (text) => suggestCategory(text) ?? suggestCategoryGroup(text),
    assign: (filter, found) =>
      assign(filter, {
        slugs: found.flatMap(({ slugs }) => slugs),
        groups: found.flatMap(({ groups }) => groups),
      }),
  });
}

function parseAlpha2(text: string): string | null {
  return text.length === 2 ? findCountry(text) : null;
}

/** Upwork's own addresses hold places that were escaped twice: `United%2520States`. */
function withoutEscapes(read: Reader): Reader {
  return (given, draft) => read({ ...given, values: given.values.map(decoded) }, draft);
}

function parsePlace(text: string): string[] | null {
  const country = findCountry(text);
  return country === null ? findRegion(text) : [country];
}

function parseCurrency(text: string): string | null {
  const code = text.toUpperCase();
  return isCurrency(code) ? code : null;
}

function ranges(assign: (filter: JobFilter, ranges: NumberRange[]) => void): Reader {
  return list({
    parse: parseRange,
    expected: 'a range of numbers with the smaller end first: 100-200, 500-, -50 or 20',
    assign,
  });
}

const MAX_VALUE_LENGTH = 200;

/** Reads a list of free texts, each brought to the spelling in which it is compared. */
function texts(
  noun: string,
  normalise: (text: string) => string,
  assign: (filter: JobFilter, values: string[]) => void,
): Reader {
  return list({
    parse: (text) => {
      const value = normalise(text);
      return value !== '' && text.length <= MAX_VALUE_LENGTH ? value : null;
    },
    expected: `${noun} of at most ${MAX_VALUE_LENGTH} characters`,
    assign,
  });
}

function bool(assign: (filter: JobFilter, value: boolean) => void): Reader {
  return yesNo((draft, value) => assign(draft.filter, value));
}

export function yesNo<Draft extends QueryDraft>(
  assign: (draft: Draft, value: boolean) => void,
): Reader<Draft> {
  return scalar(codeOrName(parseBoolean), 'a yes or no: 1/0, true/false, yes/no, y/n or on/off', assign);
}

export function choice(noun: string, values: readonly string[]): string {
  return `${noun}: ${values.join(', ')}`;
}

function ignored(advice: string): Reader {
  return (given, draft) => {
    draft.warnings.push(`${given.name} has no effect: ${advice}`);
  };
}

const JOB_TYPES = Object.values(JOB_TYPE_LABELS);
const STATUSES = Object.values(STATUS_LABELS);
const TIERS = Object.values(CONTRACTOR_TIER_LABELS);
const UPWORK_DURATIONS = ['week', 'month', 'semester', 'ongoing'];
const UPWORK_PROPOSALS = ['0-4', '5-9', '10-14', '15-19', '20-49', '50-'];
const OWN_CURRENCY = "In the posting's own currency, never converted.";
const MONEY_BOUNDS = { minimum: 0, maximum: MAX_NUMBER };

const durations: Reader = list({
  parse: parseDuration,
  suggest: nearestOf([...DURATION_LABELS, ...UPWORK_DURATIONS]),
  expected: choice('a duration', [...DURATION_LABELS, ...UPWORK_DURATIONS]),
  assign: (filter, values) => (filter.durations = narrow(filter.durations, values)),
});

const SEARCHED_PARTS = Object.keys(WEIGHT_OF_PART) as SearchedPart[];

/**
 * What jobs must be like, one row per parameter: parsers read by it, and the documentation and the OpenAPI document are made from
 * it.
 */
export const FILTER_ROWS: readonly ParameterRow[] = [
  row('search', 'text', {
    aliases: ['q'],
    description:
      'Full text over title, description, skills, tags, category, occupations and the place of the buyer. All words and "phrases" must match, ' +
      'unless `AND` (`&&`), `OR` (`||`), `NOT` (`!`, `-`) and parentheses say otherwise; `NOT` binds closest, then `AND`, then `OR`. ' +
      '`pyth*` takes any ending. At most 50 terms.',
    example: '(python OR "machine learning") -wordpress',
    maximum: MAX_TEXT_LENGTH,
    read: readSearch,
  }),
  row('search_in', 'list', {
    description: 'Where search looks: title, description, skills (with tags). Everywhere when not given.',
    example: 'title,skills',
    values: SEARCHED_PARTS,
    read: list({
      parse: (text) => SEARCHED_PARTS.find((part) => part === text.toLowerCase()) ?? null,
      suggest: nearestOf(SEARCHED_PARTS),
      expected: choice('a part', SEARCHED_PARTS),
      assign: (filter, values) => (filter.searchIn = values),
    }),
  }),
  row('ids', 'list', {
    description: `Only these jobs: ids, ciphertexts or Upwork addresses, at most ${MAX_IDS}.`,
    example: '1877245019342274560,~0182ac23b7a32b6e28',
    maxItems: MAX_IDS,
    read: list({
      parse: parseId,
      expected: 'the id, the ciphertext or the Upwork address of a job',
      assign: (filter, values) => (filter.ids = values),
      maxLength: MAX_IDS,
    }),
  }),
  row('exclude_ids', 'list', {
    description: `Not these jobs: ids, ciphertexts or Upwork addresses, at most ${MAX_IDS}.`,
    example: '1877245019342274560',
    maxItems: MAX_IDS,
    read: list({
      parse: parseId,
      expected: 'the id, the ciphertext or the Upwork address of a job',
      assign: (filter, values) => (filter.notIds = values),
      maxLength: MAX_IDS,
    }),
  }),
  row('job_type', 'list', {
    description: '1 or hourly, 2 or fixed-price, and their usual variants.',
    example: 'hourly',
    values: JOB_TYPES,
    read: list({
      parse: codeOrName<JobType>(parseJobType),
      suggest: nearestOf(JOB_TYPES),
      expected: choice('a job type', ['1', '2', ...JOB_TYPES]),
      assign: (filter, values) => (filter.jobTypes = narrow(filter.jobTypes, values)),
    }),
  }),
  row('t', 'list', {
    description: "Upwork's own code of the job type: 0 hourly, 1 fixed price; labels too.",
    example: '0',
    values: ['0', '1'],
    read: list({
      parse: codeOrName<JobType>(parseUpworkJobType),
      suggest: nearestOf(JOB_TYPES),
      expected: choice("Upwork's code of a job type", ['0 (hourly)', '1 (fixed price)']),
      assign: (filter, values) => (filter.jobTypes = narrow(filter.jobTypes, values)),
    }),
  }),
  row('status', 'list', {
    description: '1 or open, 2 or closed; both unless given.',
    example: 'open',
    values: STATUSES,
    read: list({
      parse: codeOrName<JobStatus>(parseStatus),
      suggest: nearestOf(STATUSES),
      expected: choice('a status', ['1', '2', ...STATUSES]),
      assign: (filter, values) => (filter.statuses = values),
    }),
  }),
  row('contractor_tier', 'list', {
    description: '1 to 3 or entry, intermediate, expert, and their usual variants.',
    example: 'intermediate,expert',
    values: TIERS,
    read: list({
      parse: codeOrName<ContractorTier>(parseContractorTier),
      suggest: nearestOf(TIERS),
      expected: choice('a contractor tier', ['1', '2', '3', ...TIERS]),
      assign: (filter, values) => (filter.contractorTiers = values),
    }),
  }),
  row('duration_label', 'list', {
    description: "Length of the work, by label or by Upwork's week, month, semester, ongoing.",
    example: '1 to 3 months',
    values: DURATION_LABELS,
    read: durations,
  }),
  row('duration_v3', 'list', {
    description: "Upwork's name of duration_label.",
    example: 'month,semester',
    values: UPWORK_DURATIONS,
    read: durations,
  }),
  row('engagement', 'list', {
    description: 'Engagement that the posting states, and its usual variants.',
    example: 'full-time',
    values: WORKLOADS,
    read: list({
      parse: parseWorkload,
      suggest: nearestOf(WORKLOADS),
      expected: choice('an engagement', WORKLOADS),
      assign: (filter, values) => (filter.engagements = values),
    }),
  }),
  row('workload', 'list', {
    description: 'Workload that the posting states, and its usual variants.',
    example: 'part-time',
    values: WORKLOADS,
    read: list({
      parse: parseWorkload,
      suggest: nearestOf(WORKLOADS),
      expected: choice('a workload', WORKLOADS),
      assign: (filter, values) => (filter.workloads = values),
    }),
  }),
  row('contract_to_hire', 'boolean', {
    description: 'Whether the work may turn into employment.',
    example: 'true',
    read: bool((filter, value) => (filter.contractToHire = value)),
  }),
  row('proposals', 'list', {
    description:
      "Number of proposals in Upwork's tiers. Where the posting shows none, the number of applicants decides.",
    example: '0-4,5-9',
    values: UPWORK_PROPOSALS,
    read: list({
      parse: parseProposalsTier,
      expected: choice('a tier of proposals', [...UPWORK_PROPOSALS, ...PROPOSALS_TIERS]),
      assign: (filter, values) => (filter.proposals = values),
    }),
  }),
  row('category', 'list', {
    description: 'Category at any level, or a whole group, by slug, name or uid; with everything below it.',
    example: 'web-development',
    read: categories((filter, condition) => (filter.categories = condition)),
  }),
  row('category_group', 'list', {
    description: 'One of the eight groups of categories, by slug or name.',
    example: 'development-it',
    values: CATEGORY_GROUPS.map(({ slug }) => slug),
    read: list({
      parse: (text) => findCategoryGroup(text)?.slug ?? null,
      namesHoldCommas: true,
      expected: choice(
        'a category group',
        CATEGORY_GROUPS.map(({ slug }) => slug),
      ),
      suggest: suggestCategoryGroup,
      assign: (filter, values) => (filter.categoryGroups = values),
    }),
  }),
  row('subcategory2_uid', 'list', {
    description: "Upwork's name for a category in its addresses: uid, slug or name.",
    example: '531770282580668418',
    read: categories((filter, condition) => (filter.subcategories = condition)),
  }),
  row('skills', 'list', {
    description: 'Any of these, among skills and tags together.',
    example: 'python,web scraping',
    read: texts('a skill', skillKey, (filter, values) => (filter.anySkills = values)),
  }),
  row('tags', 'list', {
    description: 'Any of these, among skills and tags together.',
    example: 'n8n',
    read: texts('a tag', skillKey, (filter, values) => (filter.anyTags = values)),
  }),
  row('skills_all', 'list', {
    description: 'All of these, among skills and tags together.',
    example: 'python,django',
    read: texts('a skill', skillKey, (filter, values) => (filter.allSkills = values)),
  }),
  row('skills_not', 'list', {
    description: 'None of these, among skills and tags together.',
    example: 'wordpress',
    read: texts('a skill', skillKey, (filter, values) => (filter.notSkills = values)),
  }),
  row('budget_min', 'number', {
    description: `Smallest budget of fixed-price jobs. ${OWN_CURRENCY} Together with bounds on hourly rates: either.`,
    example: '500',
    ...MONEY_BOUNDS,
    read: number((filter, min) => (filter.budget = { max: null, ...filter.budget, min })),
  }),
  row('budget_max', 'number', {
    description: `Largest budget of fixed-price jobs. ${OWN_CURRENCY} Together with bounds on hourly rates: either.`,
    example: '5000',
    ...MONEY_BOUNDS,
    read: number((filter, max) => (filter.budget = { min: null, ...filter.budget, max })),
  }),
  row('hourly_min', 'number', {
    description: `Hourly jobs whose range reaches this or more. ${OWN_CURRENCY} Together with bounds on budgets: either.`,
    example: '30',
    ...MONEY_BOUNDS,
    read: number((filter, min) => (filter.hourly = { max: null, ...filter.hourly, min })),
  }),
  row('hourly_max', 'number', {
    description: `Hourly jobs whose range begins at this or less. ${OWN_CURRENCY} Together with bounds on budgets: either.`,
    example: '80',
    ...MONEY_BOUNDS,
    read: number((filter, max) => (filter.hourly = { min: null, ...filter.hourly, max })),
  }),
  row('amount', 'ranges', {
    description: `Budget of fixed-price jobs in one of these ranges. ${OWN_CURRENCY}`,
    example: '100-200,500-',
    ...MONEY_BOUNDS,
    read: ranges((filter, values) => (filter.amounts = values)),
  }),
  row('hourly_rate', 'ranges', {
    description: `Hourly jobs whose range overlaps one of these. ${OWN_CURRENCY}`,
    example: '25-50',
    ...MONEY_BOUNDS,
    read: ranges((filter, values) => (filter.hourlyRates = values)),
  }),
  row('currency', 'list', {
    description: 'Currency of the budget or of the hourly range, ISO 4217.',
    example: 'USD,EUR',
    read: list({
      parse: parseCurrency,
      expected: 'an ISO 4217 currency code',
      assign: (filter, values) => (filter.currencies = values),
    }),
  }),
  row('payment_verified', 'boolean', {
    description: "Whether the client's means of payment is verified.",
    example: 'true',
    read: bool((filter, value) => (filter.paymentVerified = value)),
  }),
  row('country', 'list', {
    description: 'Country of the client, ISO 3166 alpha-2.',
    example: 'US,GB',
    read: list({
      parse: parseAlpha2,
      expected: 'an ISO 3166 alpha-2 country code (location takes names and regions too)',
      suggest: (text) => findCountry(text) ?? suggestCountry(text),
      assign: (filter, values) => (filter.countries = narrow(filter.countries, values)),
    }),
  }),
  row('country_not', 'list', {
    description: 'Not these countries of the client, ISO 3166 alpha-2. Jobs whose country is unknown stay.',
    example: 'IN,PK',
    read: list({
      parse: parseAlpha2,
      expected: 'an ISO 3166 alpha-2 country code',
      suggest: (text) => findCountry(text) ?? suggestCountry(text),
      assign: (filter, values) => (filter.notCountries = values),
    }),
  }),
  row('location', 'list', {
    description: 'Country or region of the client, by code or English name.',
    example: 'Germany,Northern Europe',
    read: withoutEscapes(
      list({
        parse: parsePlace,
        namesHoldCommas: true,
        expected: 'a country or region',
        suggest: suggestCountry,
        assign: (filter, values) =>
          (filter.countries = narrow(filter.countries, [...new Set(values.flat())])),
      }),
    ),
  }),
  row('timezone', 'list', {
    description: 'Time zone of the client as the posting states it; case does not matter.',
    example: 'America/New_York',
    read: texts('a time zone', timezoneKey, (filter, values) => (filter.timezones = values)),
  }),
  row('client_hires', 'ranges', {
    description: 'Assignments of the client so far, in one of these ranges.',
    example: '1-9,10-',
    minimum: 0,
    maximum: MAX_NUMBER,
    read: ranges((filter, values) => (filter.clientHires = values)),
  }),
  row('buyer.total_spent_min', 'number', {
    description: 'The client has spent at least this.',
    example: '10000',
    ...MONEY_BOUNDS,
    read: number((filter, value) => (filter.buyerTotalSpentMin = value)),
  }),
  row('buyer.total_assignments_min', 'number', {
    description: 'The client has given at least this many assignments.',
    example: '5',
    ...MONEY_BOUNDS,
    read: number((filter, value) => (filter.buyerTotalAssignmentsMin = value)),
  }),
  row('buyer.total_jobs_with_hires_min', 'number', {
    description: 'At least this many jobs of the client ended in a hire.',
    example: '3',
    ...MONEY_BOUNDS,
    read: number((filter, value) => (filter.buyerTotalJobsWithHiresMin = value)),
  }),
  row('posted_after', 'time', {
    description:
      'Posted at this time or later: ISO 8601 date or time (UTC unless stated), or relative to now.',
    example: '-24h',
    read: time('postedAfter'),
  }),
  row('posted_before', 'time', {
    description: 'Posted before this time.',
    example: '-1h',
    read: time('postedBefore'),
  }),
  row('last_visited_after', 'time', {
    description: 'Last client activity, or our last observation of a change, at this time or later.',
    example: '-7d',
    read: time('lastVisitedAfter'),
  }),
  row('updated_after', 'time', {
    description: 'Changed in our data at this time or later.',
    example: '2026-01-20',
    read: time('updatedAfter'),
  }),
  row(UPWORK_URL, 'text', {
    description:
      'The address of a search at Upwork, as the browser shows it, in its forms old and new, or of its feed: its parameters become filters. ' +
      'Parameters given beside it win, each over what the address says about the same thing; what of the address is not understood is ' +
      'named in warnings. Escape it (`%26` for `&`); if you do not, parameters that only Upwork has, such as `page`, count as its part.',
    example: 'https://www.upwork.com/nx/search/jobs/?q=python&t=0&hourly_rate=30-&sort=recency',
    maximum: MAX_UPWORK_URL_LENGTH,
    // Expanded by the grammar, before the rows that it stands for read.
    read: () => undefined,
  }),
  row('previous_clients', 'text', {
    description: 'Accepted for compatibility, without effect.',
    example: 'all',
    read: ignored(
      'whom you worked for is not known here; use client_hires or payment_verified to choose clients.',
    ),
  }),
  row('webhook', 'text', {
    description: 'Accepted for compatibility, without effect.',
    example: 'https://example.com/hook',
    read: ignored('save the search and create a webhook endpoint to be told of new jobs.'),
  }),
];
