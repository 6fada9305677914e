import { findCategory, CATEGORY_GROUPS } from '../categories';
import { CONTRACTOR_TIER_LABELS, JOB_TYPE_LABELS, STATUS_LABELS } from '../job';
import type { JobFacet } from './filter';

/** How many jobs that match have a value, which the filter of the facet's name takes. */
export interface FacetCount {
  value: string | number | boolean;
  /** The value in words; null where the value says it all. */
  label: string | null;
  count: number;
}

/** Values of one facet at most, the most frequent ones. */
const MAX_FACET_VALUES = 100;

const countryNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
const groupNames = new Map(CATEGORY_GROUPS.map(({ slug, name }) => [slug, name]));

function labelled(labels: Readonly<Record<number, string>>) {
  return (text: string) => ({ value: Number(text), label: labels[Number(text)] ?? null });
}

type FacetValue = Omit<FacetCount, 'count'>;

/** What an engine counts by, as a value of the facet; null for what no filter takes: a category that we do not know. */
const READERS: Readonly<Record<JobFacet, (text: string) => FacetValue | null>> = {
  category: (text) => {
    const category = findCategory(text);
    return category && { value: category.slug, label: category.name };
  },
  category_group: (text) => ({ value: text, label: groupNames.get(text) ?? null }),
  skills: (text) => ({ value: text, label: null }),
  country: (text) => ({ value: text, label: countryNames.of(text) ?? null }),
  job_type: labelled(JOB_TYPE_LABELS),
  contractor_tier: labelled(CONTRACTOR_TIER_LABELS),
  status: labelled(STATUS_LABELS),
  payment_verified: (text) => ({ value: text === 'true', label: null }),
  duration_label: (text) => ({ value: text, label: null }),
};

/** The counts of an engine, by its texts, as counts of the facet's values: the most frequent first, 100 at most. */
export function facetCounts(facet: JobFacet, counts: Iterable<readonly [string, number]>): FacetCount[] {
  return [...counts]
    .sort(([left, many], [right, more]) => more - many || (left < right ? -1 : 1))
    .flatMap(([text, count]) => {
      const value = READERS[facet](text);
      return value ? [{ ...value, count }] : [];
    })
    .slice(0, MAX_FACET_VALUES);
}
