import type { JobFilter } from '../jobFilter/filter';
import type { FilterMember, PreparedJob } from '../jobFilter/matchesFilter';
import type { SearchExpression } from '../searchExpression';
import { sufficientWords } from '../searchTerms';
import type { FilterPart } from './filterParts';

const ATOM_KINDS = [
  'word',
  'prefix',
  'skill',
  'category',
  'categoryGroup',
  'country',
  'timezone',
  'currency',
  'jobType',
  'status',
  'contractorTier',
  'duration',
  'engagement',
  'workload',
  'paymentVerified',
  'contractToHire',
] as const;
export type AtomKind = (typeof ATOM_KINDS)[number];

/** Something that a job either holds or does not, and by which filters that ask for it are found. */
export interface Atom {
  kind: AtomKind;
  value: string;
}

/** Something of each kind of atom. */
export function forEachKind<T>(make: () => T): Record<AtomKind, T> {
  return Object.fromEntries(ATOM_KINDS.map((kind) => [kind, make()])) as Record<AtomKind, T>;
}

/** Calls `visit` with every atom that the job holds, besides prefixes: those are the beginnings of its words. */
export function visitAtoms(job: PreparedJob, visit: (kind: AtomKind, value: string) => void): void {
  const { facts } = job;
  const visitFact = (kind: AtomKind, value: string | number | boolean | null): void => {
    if (value !== null) visit(kind, String(value));
  };
  for (const word of job.terms().keys()) visit('word', word);
  for (const skill of facts.skillSet) visit('skill', skill);
  for (const slug of facts.categoryPath) visit('category', slug);
  visitFact('categoryGroup', facts.categoryGroup);
  visitFact('country', facts.buyerCountry);
  visitFact('timezone', facts.buyerTimezone);
  visitFact('currency', facts.budgetCurrency);
  visitFact('currency', facts.hourlyCurrency);
  visitFact('jobType', facts.jobType);
  visitFact('status', facts.status);
  visitFact('contractorTier', facts.contractorTier);
  visitFact('duration', facts.durationLabel);
  visitFact('engagement', facts.engagement);
  visitFact('workload', facts.workload);
  visitFact('paymentVerified', facts.paymentVerified);
  visitFact('contractToHire', facts.contractToHire);
}

/** Atoms of which a job must hold one, and the estimated share of jobs that do. */
export interface RequiredAtoms {
  atoms: readonly Atom[];
  share: number;
  /** One of them is all that is asked, and nothing is left to decide. */
  suffice?: true;
}

type ShareOf = (atom: Atom) => number;

/** The atoms that the part cannot hold without; null when there are none. */
export function requiredAtoms(part: FilterPart, shareOf: ShareOf): RequiredAtoms | null {
  const required = atomsOfPart(part, shareOf);
  return required && { ...required, atoms: distinct(required.atoms) };
}

function distinct(atoms: readonly Atom[]): Atom[] {
  return [...new Map(atoms.map((atom) => [`${atom.kind} ${atom.value}`, atom])).values()];
}

function atomsOfPart({ member, filter }: FilterPart, shareOf: ShareOf): RequiredAtoms | null {
  const words = filter.search && !filter.searchIn ? sufficientWords(filter.search) : null;
  if (words) return { ...anyOf('word', words, shareOf), suffice: true };
  if (member === 'search') return filter.search ? atomsOfSearch(filter.search, shareOf) : null;
  const kind = KIND_OF_LIST[member];
  const values = filter[member];
  if (kind !== undefined && Array.isArray(values)) return anyOf(kind, values, shareOf);
  if (member === 'allSkills')
    return rarest((filter.allSkills ?? []).map((skill) => one('skill', skill, shareOf)));
  if (member === 'categories' || member === 'subcategories')
    return atomsOfCategories(filter[member], shareOf);
  if ((member === 'paymentVerified' || member === 'contractToHire') && filter[member] !== undefined) {
    return one(member, String(filter[member]), shareOf);
  }
  return null;
}

/** Lists of which the job must hold one. */
const KIND_OF_LIST: Partial<Record<FilterMember, AtomKind>> = {
  anySkills: 'skill',
  anyTags: 'skill',
  categoryGroups: 'categoryGroup',
  countries: 'country',
  timezones: 'timezone',
  currencies: 'currency',
  jobTypes: 'jobType',
  statuses: 'status',
  contractorTiers: 'contractorTier',
  durations: 'duration',
  engagements: 'engagement',
  workloads: 'workload',
};

function atomsOfCategories(condition: JobFilter['categories'], shareOf: ShareOf): RequiredAtoms | null {
  if (!condition) return null;
  return either([
    anyOf('category', condition.slugs, shareOf),
    anyOf('categoryGroup', condition.groups, shareOf),
  ]);
}

function atomsOfSearch(expression: SearchExpression, shareOf: ShareOf): RequiredAtoms | null {
  switch (expression.kind) {
    case 'word':
      return one('word', expression.token, shareOf);
    case 'phrase':
      return rarest(expression.tokens.map((token) => one('word', token, shareOf)));
    case 'prefix':
      return either([one('prefix', expression.token, shareOf), one('word', expression.stem, shareOf)]);
    case 'and':
      return rarest(expression.parts.map((part) => atomsOfSearch(part, shareOf)));
    case 'or':
      return either(expression.parts.map((part) => atomsOfSearch(part, shareOf)));
    case 'not':
      return null;
  }
}

function one(kind: AtomKind, value: string, shareOf: ShareOf): RequiredAtoms {
  const atom = { kind, value };
  return { atoms: [atom], share: shareOf(atom) };
}

function anyOf(kind: AtomKind, values: readonly unknown[], shareOf: ShareOf): RequiredAtoms {
  const atoms = values.map((value) => ({ kind, value: String(value) }));
  return { atoms, share: atoms.reduce((sum, atom) => sum + shareOf(atom), 0) };
}

/** One of all alternatives; nothing is required when one of them requires nothing. */
function either(alternatives: readonly (RequiredAtoms | null)[]): RequiredAtoms | null {
  const found = alternatives.filter((alternative) => alternative !== null);
  if (found.length < alternatives.length) return null;
  return {
    atoms: found.flatMap(({ atoms }) => atoms),
    share: found.reduce((sum, { share }) => sum + share, 0),
  };
}

/** Of several that are all required, that which the fewest jobs hold. */
function rarest(all: readonly (RequiredAtoms | null)[]): RequiredAtoms | null {
  return all.reduce<RequiredAtoms | null>(
    (least, some) => (some === null || (least !== null && least.share <= some.share) ? least : some),
    null,
  );
}
