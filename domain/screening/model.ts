import type { SignalHit, SignalId } from './signals';

/** How signals make a score: a logistic model over their strengths. */
export interface ScreeningModel {
  /** Stored with every verdict; a change of a number below is a new version. */
  version: string;
  /** Log-odds of a posting without any signal. */
  bias: number;
  /** Log-odds that a signal adds at strength 1. */
  weights: Readonly<Record<SignalId, number>>;
  /** Signals that say the same thing: of each family only the strongest counts. */
  families: readonly (readonly SignalId[])[];
}

/**
 * Weights by what a signal means, checked on postings read by hand: about 4 brings a posting into quarantine by itself, 7 and
 * more rejects it. Ways of contact alone never reject: clients also break that rule out of habit.
 */
export const SCREENING_MODEL: ScreeningModel = {
  version: '2026-11-1',
  bias: -4,
  weights: {
    contact_messenger: 4.6,
    contact_email: 4.2,
    contact_phone: 4.2,
    contact_form: 1.5,
    contact_obfuscated: 5.5,
    payment_outside: 4.6,
    upfront_fee: 5.5,
    paid_equipment: 5,
    identity_documents: 4.4,
    access_codes: 5,
    money_transfer: 7.5,
    crypto_doubling: 6,
    account_rental: 7.5,
    too_good_pay: 3.8,
    link_shortener: 1.5,
    shouting: 2.5,
    mixed_script: 4.5,
    academic_cheating: 7.5,
    fake_engagement: 7.5,
    account_sale: 7.5,
    verification_bypass: 5,
    unauthorised_access: 5.5,
    unpaid_work: 4.4,
    unverified_large_budget: 1,
    openings_without_hires: 1.5,
    posting_burst: 2,
    shared_text: 4.5,
  },
  families: [
    [
      'contact_messenger',
      'contact_email',
      'contact_phone',
      'contact_form',
      'contact_obfuscated',
      'mixed_script',
    ],
    ['account_rental', 'account_sale'],
  ],
};

/** Score from which a posting is held for an operator, and from which it is rejected. */
export interface ScreeningThresholds {
  quarantine: number;
  reject: number;
}

export const DEFAULT_THRESHOLDS: ScreeningThresholds = { quarantine: 0.5, reject: 0.95 };

/** 0 to 1: how surely a posting with these signals is bad. */
export function scoreOf(signals: readonly SignalHit[], model: ScreeningModel = SCREENING_MODEL): number {
  const strongest = new Map<SignalId | number, number>();
  for (const { signal, strength } of signals) {
    const family = model.families.findIndex((members) => members.includes(signal));
    const key = family === -1 ? signal : family;
    strongest.set(key, Math.max(strongest.get(key) ?? 0, model.weights[signal] * strength));
  }
  const logOdds = [...strongest.values()].reduce((sum, contribution) => sum + contribution, model.bias);
  return Number((1 / (1 + Math.exp(-logOdds))).toFixed(4));
}
