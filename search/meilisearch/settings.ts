import type { Settings } from 'meilisearch';
import { isDeepStrictEqual } from 'node:util';
import { MAX_EXACT_TOTAL } from '../searchIndex';
import type { IndexedJob } from './document';

/** Offsets reach to 10,000 and a page further. */
const MAX_REACH = MAX_EXACT_TOTAL + 100;
const MAX_FACET_VALUES = 300;
/**
 * Meilisearch then answers with what it has found so far. By that time we have given the search up (searchWhole.ts), so the partial
 * answer reaches nobody; it keeps searches that were given up from going on in the engine.
 */
const SEARCH_CUTOFF_MS = 2_000;

const SEARCHABLE: readonly (keyof IndexedJob)[] = ['title', 'skills', 'description', 'other'];

const FILTERABLE: readonly (keyof IndexedJob)[] = [
  'sort_key',
  'posted_on',
  'last_visited_at',
  'updated_at',
  'is_sample',
  'job_type',
  'status',
  'contractor_tier',
  'category_path',
  'category_group',
  'budget_amount',
  'currencies',
  'hourly_low',
  'hourly_high',
  'skill_set',
  'duration_label',
  'engagement',
  'workload',
  'contract_to_hire',
  'proposals_tier',
  'total_applicants',
  'payment_verified',
  'buyer_country',
  'buyer_timezone',
  'buyer_total_spent',
  'buyer_total_assignments',
  'buyer_total_jobs_with_hires',
];

/** What a hit comes with: its job is read from Postgres. */
export const RETRIEVED: readonly (keyof IndexedJob)[] = [
  'sort_key',
  'stamp',
  'posted_on',
  'last_visited_at',
  'budget_amount',
];

/** Texts arrive as normalised words: whatever Meilisearch would do to words is switched off. */
export const INDEX_SETTINGS: Settings = {
  searchableAttributes: [...SEARCHABLE],
  filterableAttributes: [...FILTERABLE],
  sortableAttributes: ['posted_on', 'last_visited_at', 'budget_amount', 'sort_key'],
  displayedAttributes: [...RETRIEVED, 'shown'],
  rankingRules: ['sort'],
  stopWords: [],
  synonyms: {},
  typoTolerance: { enabled: false },
  prefixSearch: 'disabled',
  proximityPrecision: 'byWord',
  facetSearch: false,
  // Twice the categories there are; of skills the most frequent.
  faceting: { maxValuesPerFacet: MAX_FACET_VALUES, sortFacetValuesBy: { '*': 'count' } },
  pagination: { maxTotalHits: MAX_REACH },
  searchCutoffMs: SEARCH_CUTOFF_MS,
};

/** Of ours, those that an index does not have as they should be. */
export function differingSettings(present: Settings): Settings {
  const differing = Object.entries(INDEX_SETTINGS).filter(
    ([name, wanted]) => !holds(present[name as keyof Settings], wanted),
  );
  return Object.fromEntries(differing);
}

/** Whether the value has all that is wanted of it: Meilisearch sorts lists and adds members that we leave to it. */
function holds(value: unknown, wanted: unknown): boolean {
  if (Array.isArray(value) && Array.isArray(wanted)) {
    return isDeepStrictEqual(value.map(String).sort(), wanted.map(String).sort());
  }
  if (isObject(value) && isObject(wanted)) {
    return Object.entries(wanted).every(([name, part]) => holds(value[name], part));
  }
  return value === wanted;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
