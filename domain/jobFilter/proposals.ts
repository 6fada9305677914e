import type { ProposalsTier } from '../job';
import type { NumberRange } from './filter';

/** Applicants that each tier stands for; upper ends included, hence Upwork's own names `0-4`, `5-9` ... for them. */
export const PROPOSALS_BOUNDS: Readonly<Record<ProposalsTier, NumberRange>> = {
  'Less than 5': { min: 0, max: 4 },
  '5 to 10': { min: 5, max: 9 },
  '10 to 15': { min: 10, max: 14 },
  '15 to 20': { min: 15, max: 19 },
  '20 to 50': { min: 20, max: 49 },
  '50+': { min: 50, max: null },
};
