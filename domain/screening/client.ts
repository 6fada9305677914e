import type { JobContent } from '../job';
import { type Finding, largestAmount } from './appearance';

/** What is known of the client from other postings; null where it is not known. */
export interface ScreeningContext {
  postingsOfClientLast24h: number | null;
  /** How many clients have posted this text, this one included. */
  clientsWithSameText: number | null;
}

const LARGE_FIXED = 5_000;
const LARGE_HOURLY = 100;
const MANY_OPENINGS = 10;
const BURST = 10;
const MANY_CLIENTS = 3;

/** A large budget of a client who never paid anything and whose payment method is not verified. */
export function findUnverifiedLargeBudget(content: JobContent): Finding | null {
  if (content.buyerPaymentVerified !== false || (content.buyerTotalSpent?.amountMinor ?? 0) > 0) return null;
  const { fixed, hourly } = largestAmount(content);
  if ((fixed ?? 0) < LARGE_FIXED && (hourly ?? 0) < LARGE_HOURLY) return null;
  const amount = fixed === null ? `${hourly ?? 0} per hour` : `${fixed}`;
  return { evidence: `payment not verified, nothing spent, budget ${amount}`, strength: 1 };
}

/** Many openings, and not one hire so far. */
export function findOpeningsWithoutHires(content: JobContent): Finding | null {
  const openings = Math.max(content.buyerOpenJobsCount ?? 0, content.numberOfPositions ?? 0);
  const hires = content.buyerTotalJobsWithHires ?? content.buyerTotalAssignments;
  if (openings < MANY_OPENINGS || hires !== 0) return null;
  return {
    evidence: `${openings} openings, no hires`,
    strength: Math.min(1, openings / (2 * MANY_OPENINGS)),
  };
}

/** More postings in a day than a client writes. */
export function findPostingBurst({ postingsOfClientLast24h: count }: ScreeningContext): Finding | null {
  if (count === null || count < BURST) return null;
  return { evidence: `${count} postings in 24 hours`, strength: Math.min(1, count / (3 * BURST)) };
}

/** One text under the names of many clients. */
export function findSharedText({ clientsWithSameText: count }: ScreeningContext): Finding | null {
  if (count === null || count < MANY_CLIENTS) return null;
  return { evidence: `the same text under ${count} clients`, strength: Math.min(1, count / 5) };
}
