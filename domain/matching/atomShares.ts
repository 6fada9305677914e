import type { PreparedJob } from '../jobFilter/matchesFilter';
import { type Atom, type AtomKind, forEachKind, visitAtoms } from './atoms';

/** What is assumed where nothing was counted: how many values a kind has in use, roughly. */
const ASSUMED_SHARES: Readonly<Record<AtomKind, number>> = {
  word: 0.02,
  prefix: 0.05,
  skill: 0.02,
  category: 0.02,
  categoryGroup: 0.1,
  country: 0.05,
  timezone: 0.05,
  currency: 0.5,
  jobType: 0.5,
  status: 0.7,
  contractorTier: 0.35,
  duration: 0.25,
  engagement: 0.3,
  workload: 0.3,
  paymentVerified: 0.6,
  contractToHire: 0.5,
};

/** Estimates what share of jobs, 0 to 1, holds an atom. Wrong ones cost time, no more. */
export type AtomShares = (atom: Atom) => number;

export const assumedShares: AtomShares = ({ kind }) => ASSUMED_SHARES[kind];

/** Counts atoms in a sample of jobs, one after the other; estimates are then made of as many as there were. */
export function countAtoms(): { add(job: PreparedJob): void; shares: AtomShares } {
  const counts = forEachKind(() => new Map<string, number>());
  let jobs = 0;
  return {
    add: (job) => {
      jobs += 1;
      visitAtoms(job, (kind, value) => counts[kind].set(value, (counts[kind].get(value) ?? 0) + 1));
    },
    shares: (atom) => {
      // How common a prefix is depends on words that were not looked at together.
      if (jobs === 0 || atom.kind === 'prefix') return assumedShares(atom);
      return (counts[atom.kind].get(atom.value) ?? 0.5) / jobs;
    },
  };
}
