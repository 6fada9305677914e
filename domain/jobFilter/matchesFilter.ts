import type { Job } from '../job';
import {
  matchesExpression,
  type SearchedPart,
  type SearchTerms,
  searchTerms,
  termsWithin,
} from '../searchTerms';
import { type CategoryCondition, identityValues, type JobFilter, type NumberRange } from './filter';
import { type JobFacts, jobFacts } from './jobFacts';
import { PROPOSALS_BOUNDS } from './proposals';

/** A job made ready for being held against many filters. */
export interface PreparedJob {
  readonly facts: JobFacts;
  /** Whatever it is known by. */
  readonly ownIds: readonly string[];
  /** What a search looks at, restricted to these parts; made when it is first asked for. */
  terms(searchIn?: readonly SearchedPart[]): SearchTerms;
}

/** @param aliases Ids and ciphertexts of what was merged into the job, which it does not hold itself. */
export function prepareJob(job: Job, aliases: readonly string[] = []): PreparedJob {
  const facts = jobFacts(job);
  const { id, ciphertext } = facts;
  const known = [id, ...(ciphertext === null ? [] : [ciphertext]), ...aliases];
  let all: SearchTerms | undefined;
  const restricted = new Map<string, SearchTerms>();
  const termsIn = (parts: readonly SearchedPart[]): SearchTerms => {
    const key = parts.join();
    const made = restricted.get(key);
    if (made) return made;
    all ??= searchTerms(job);
    const terms = termsWithin(all, parts);
    restricted.set(key, terms);
    return terms;
  };
  return {
    facts,
    ownIds: known.flatMap(identityValues),
    terms: (searchIn) => (searchIn ? termsIn(searchIn) : (all ??= searchTerms(job))),
  };
}

/**
 * Whether a job matches, decided without an engine: the meaning both adapters reproduce. (They also find `ids` by aliases of a
 * merge, which the job itself does not hold.)
 */
export function matchesFilter(job: Job, filter: JobFilter): boolean {
  return matchesPrepared(prepareJob(job), filter);
}

export function matchesPrepared(job: PreparedJob, filter: JobFilter): boolean {
  return FILTER_MEMBERS.every((member) => filter[member] === undefined || CONDITIONS[member](job, filter));
}

export type FilterMember = keyof JobFilter;

/** Decides the condition that one member of a filter makes. */
export type ConditionCheck = (job: PreparedJob, filter: JobFilter) => boolean;

/** Of a member that is there. */
export function conditionCheck(member: FilterMember): ConditionCheck {
  return CONDITIONS[member];
}

/**
 * What each member of a filter asks when it is there. Members that mean something only together (pay; the search and where it
 * looks) are decided together.
 */
const CONDITIONS: Readonly<Record<FilterMember, ConditionCheck>> = {
  ids: ({ ownIds }, { ids }) => holdsAny(ownIds, ids),
  notIds: ({ ownIds }, { notIds = [] }) => !holdsAny(ownIds, notIds),
  jobTypes: ({ facts }, { jobTypes }) => isOneOf(facts.jobType, jobTypes),
  statuses: ({ facts }, { statuses }) => isOneOf(facts.status, statuses),
  contractorTiers: ({ facts }, { contractorTiers }) => isOneOf(facts.contractorTier, contractorTiers),
  durations: ({ facts }, { durations }) => isOneOf(facts.durationLabel, durations),
  engagements: ({ facts }, { engagements }) => isOneOf(facts.engagement, engagements),
  workloads: ({ facts }, { workloads }) => isOneOf(facts.workload, workloads),
  contractToHire: ({ facts }, { contractToHire }) => equals(facts.contractToHire, contractToHire),
  proposals: ({ facts }, filter) => matchesProposals(facts, filter),
  categories: ({ facts }, { categories }) => isInCategory(facts, categories),
  subcategories: ({ facts }, { subcategories }) => isInCategory(facts, subcategories),
  categoryGroups: ({ facts }, { categoryGroups }) => isOneOf(facts.categoryGroup, categoryGroups),
  anySkills: ({ facts }, { anySkills }) => holdsAny(facts.skillSet, anySkills),
  anyTags: ({ facts }, { anyTags }) => holdsAny(facts.skillSet, anyTags),
  allSkills: ({ facts }, { allSkills = [] }) => allSkills.every((skill) => facts.skillSet.includes(skill)),
  notSkills: ({ facts }, { notSkills = [] }) => !holdsAny(facts.skillSet, notSkills),
  budget: ({ facts }, filter) => matchesPay(facts, filter),
  amounts: ({ facts }, filter) => matchesPay(facts, filter),
  hourly: ({ facts }, filter) => matchesPay(facts, filter),
  hourlyRates: ({ facts }, filter) => matchesPay(facts, filter),
  currencies: ({ facts }, { currencies }) => matchesCurrency(facts, currencies),
  paymentVerified: ({ facts }, { paymentVerified }) => equals(facts.paymentVerified, paymentVerified),
  countries: ({ facts }, { countries }) => isOneOf(facts.buyerCountry, countries),
  notCountries: ({ facts }, { notCountries = [] }) => !isOneOf(facts.buyerCountry, notCountries),
  timezones: ({ facts }, { timezones }) => isOneOf(facts.buyerTimezone, timezones),
  buyerTotalSpentMin: ({ facts }, { buyerTotalSpentMin }) =>
    isAtLeast(facts.buyerTotalSpent, buyerTotalSpentMin),
  buyerTotalAssignmentsMin: ({ facts }, { buyerTotalAssignmentsMin }) =>
    isAtLeast(facts.buyerTotalAssignments, buyerTotalAssignmentsMin),
  buyerTotalJobsWithHiresMin: ({ facts }, { buyerTotalJobsWithHiresMin }) =>
    isAtLeast(facts.buyerTotalJobsWithHires, buyerTotalJobsWithHiresMin),
  clientHires: ({ facts }, { clientHires }) => isInAny(facts.buyerTotalAssignments, clientHires),
  postedAfter: ({ facts }, { postedAfter }) => isAtLeast(facts.postedOn, postedAfter),
  postedBefore: ({ facts }, { postedBefore }) => postedBefore === undefined || facts.postedOn < postedBefore,
  lastVisitedAfter: ({ facts }, { lastVisitedAfter }) => isAtLeast(facts.lastVisitedAt, lastVisitedAfter),
  updatedAfter: ({ facts }, { updatedAfter }) => isAtLeast(facts.updatedAt, updatedAfter),
  // Last, for the words of a job are the dear part.
  search: (job, { search, searchIn }) => !search || matchesExpression(job.terms(searchIn), search),
  searchIn: () => true,
};

const FILTER_MEMBERS = Object.keys(CONDITIONS) as FilterMember[];

/** The tier that Upwork showed; where it showed none, the number of applicants decides. */
function matchesProposals(facts: JobFacts, { proposals }: JobFilter): boolean {
  if (!proposals || facts.proposalsTier !== null) return isOneOf(facts.proposalsTier, proposals);
  return isInAny(
    facts.totalApplicants,
    proposals.map((tier) => PROPOSALS_BOUNDS[tier]),
  );
}

function isInCategory(facts: JobFacts, condition: CategoryCondition | undefined): boolean {
  if (!condition) return true;
  return holdsAny(facts.categoryPath, condition.slugs) || isOneOf(facts.categoryGroup, condition.groups);
}

function matchesPay(facts: JobFacts, filter: JobFilter): boolean {
  const asksFixed = filter.budget !== undefined || filter.amounts !== undefined;
  const asksHourly = filter.hourly !== undefined || filter.hourlyRates !== undefined;
  if (!asksFixed && !asksHourly) return true;
  return (asksFixed && matchesFixedPay(facts, filter)) || (asksHourly && matchesHourlyPay(facts, filter));
}

function matchesFixedPay(facts: JobFacts, { budget, amounts }: JobFilter): boolean {
  if (facts.jobType === 1) return false;
  return isInAny(facts.budgetAmount, budget && [budget]) && isInAny(facts.budgetAmount, amounts);
}

function matchesHourlyPay({ jobType, hourlyMin, hourlyMax }: JobFacts, filter: JobFilter): boolean {
  if (jobType === 2 || (hourlyMin === null && hourlyMax === null)) return false;
  const overlaps = ({ min, max }: NumberRange): boolean =>
    (hourlyMin ?? -Infinity) <= (max ?? Infinity) && (hourlyMax ?? Infinity) >= (min ?? -Infinity);
  return (
    (!filter.hourly || overlaps(filter.hourly)) && (!filter.hourlyRates || filter.hourlyRates.some(overlaps))
  );
}

function matchesCurrency(facts: JobFacts, currencies: string[] | undefined): boolean {
  return isOneOf(facts.budgetCurrency, currencies) || isOneOf(facts.hourlyCurrency, currencies);
}

function equals(value: boolean | null, wanted: boolean | undefined): boolean {
  return wanted === undefined || value === wanted;
}

function isOneOf<T>(value: T | null, wanted: readonly T[] | undefined): boolean {
  return !wanted || (value !== null && wanted.includes(value));
}

function holdsAny(values: readonly string[], wanted: readonly string[] | undefined): boolean {
  return !wanted || wanted.some((value) => values.includes(value));
}

function isAtLeast<T extends number | string>(value: T | null, min: T | undefined): boolean {
  return min === undefined || (value !== null && value >= min);
}

function isInAny(value: number | null, ranges: readonly NumberRange[] | undefined): boolean {
  if (!ranges) return true;
  return (
    value !== null && ranges.some(({ min, max }) => value >= (min ?? -Infinity) && value <= (max ?? Infinity))
  );
}
