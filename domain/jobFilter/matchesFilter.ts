import type { Job } from '../job';
import { matchesExpression, type SearchTerms, searchTerms, termsWithin } from '../searchTerms';
import { type CategoryCondition, identityValues, type JobFilter, type NumberRange } from './filter';
import { type JobFacts, jobFacts } from './jobFacts';
import { PROPOSALS_BOUNDS } from './proposals';

/**
 * Whether a job matches, decided without an engine: the meaning both adapters reproduce. (They also find `ids` by aliases of a
 * merge, which the job itself does not hold.)
 */
export function matchesFilter(job: Job, filter: JobFilter): boolean {
  return (
    matchesFacts(jobFacts(job), filter) &&
    (!filter.search || matchesExpression(termsOf(job, filter), filter.search))
  );
}

function termsOf(job: Job, { searchIn }: JobFilter): SearchTerms {
  const terms = searchTerms(job);
  return searchIn ? termsWithin(terms, searchIn) : terms;
}

/** Every condition but the text search. */
function matchesFacts(facts: JobFacts, filter: JobFilter): boolean {
  return (
    matchesIds(facts, filter.ids) &&
    !(filter.notIds && matchesIds(facts, filter.notIds)) &&
    isOneOf(facts.jobType, filter.jobTypes) &&
    isOneOf(facts.status, filter.statuses) &&
    isOneOf(facts.contractorTier, filter.contractorTiers) &&
    isOneOf(facts.durationLabel, filter.durations) &&
    isOneOf(facts.engagement, filter.engagements) &&
    isOneOf(facts.workload, filter.workloads) &&
    equals(facts.contractToHire, filter.contractToHire) &&
    matchesProposals(facts, filter) &&
    isInCategory(facts, filter.categories) &&
    isInCategory(facts, filter.subcategories) &&
    isOneOf(facts.categoryGroup, filter.categoryGroups) &&
    holdsAny(facts.skillSet, filter.anySkills) &&
    holdsAny(facts.skillSet, filter.anyTags) &&
    (filter.allSkills ?? []).every((skill) => facts.skillSet.includes(skill)) &&
    !holdsAny(facts.skillSet, filter.notSkills ?? []) &&
    matchesPay(facts, filter) &&
    matchesCurrency(facts, filter.currencies) &&
    equals(facts.paymentVerified, filter.paymentVerified) &&
    isOneOf(facts.buyerCountry, filter.countries) &&
    !isOneOf(facts.buyerCountry, filter.notCountries ?? []) &&
    isOneOf(facts.buyerTimezone, filter.timezones) &&
    isAtLeast(facts.buyerTotalSpent, filter.buyerTotalSpentMin) &&
    isAtLeast(facts.buyerTotalAssignments, filter.buyerTotalAssignmentsMin) &&
    isAtLeast(facts.buyerTotalJobsWithHires, filter.buyerTotalJobsWithHiresMin) &&
    isInAny(facts.buyerTotalAssignments, filter.clientHires) &&
    isAtLeast(facts.postedOn, filter.postedAfter) &&
    (filter.postedBefore === undefined || facts.postedOn < filter.postedBefore) &&
    isAtLeast(facts.lastVisitedAt, filter.lastVisitedAfter) &&
    isAtLeast(facts.updatedAt, filter.updatedAfter)
  );
}

function matchesIds({ id, ciphertext }: JobFacts, ids: string[] | undefined): boolean {
  if (!ids) return true;
  const own = [...identityValues(id), ...(ciphertext === null ? [] : identityValues(ciphertext))];
  return holdsAny(own, ids);
}

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
