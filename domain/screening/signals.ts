import type { JobContent } from '../job';
import { findMixedScript, findShouting, findTooGoodPay, type Finding } from './appearance';
import {
  findOpeningsWithoutHires,
  findPostingBurst,
  findSharedText,
  findUnverifiedLargeBudget,
  type ScreeningContext,
} from './client';
import {
  findApplicationForm,
  findEmail,
  findMessenger,
  findObfuscation,
  findPhone,
  findShortenedLink,
} from './contact';
import type { FoldedText } from './foldedText';
import { findAccountRental, findCodeRequest, findIdentityRequest } from './identity';
import {
  findCryptoDoubling,
  findMoneyTransfer,
  findOutsidePayment,
  findPaidEquipment,
  findUpfrontFee,
} from './money';
import {
  findAcademicCheating,
  findAccountSale,
  findFakeEngagement,
  findUnauthorisedAccess,
  findUnpaidWork,
  findVerificationBypass,
} from './termsOfService';

/** A posting with what is known of its client. */
export interface ScreenedPosting {
  content: JobContent;
  context: ScreeningContext;
}

/** A posting as signals read it: `text` is title and description, folded once for all of them. */
export interface SignalSubject extends ScreenedPosting {
  text: FoldedText;
}

export type SignalKind = 'spam' | 'terms_of_service' | 'suspicious_client';

interface SignalDefinition {
  kind: SignalKind;
  /** For operators and customers: what was found. */
  summary: string;
  find: (subject: SignalSubject) => Finding | null;
}

/** Every signal by its id. Ids are stored and shown: they never change meaning. */
const DEFINITIONS = {
  contact_messenger: {
    kind: 'spam',
    summary: 'Asks to be contacted by a messenger outside the platform.',
    find: ({ text }) => findMessenger(text),
  },
  contact_email: {
    kind: 'spam',
    summary: 'Asks to be contacted by e-mail outside the platform.',
    find: ({ text }) => findEmail(text),
  },
  contact_phone: {
    kind: 'spam',
    summary: 'Asks to be called or texted outside the platform.',
    find: ({ text }) => findPhone(text),
  },
  contact_form: {
    kind: 'spam',
    summary: 'Sends applicants to a form outside the platform.',
    find: ({ text }) => findApplicationForm(text),
  },
  contact_obfuscated: {
    kind: 'spam',
    summary: 'Spells a messenger or an address so that filters do not see it.',
    find: ({ text }) => findObfuscation(text),
  },
  payment_outside: {
    kind: 'spam',
    summary: 'Offers payment outside the platform.',
    find: ({ text }) => findOutsidePayment(text),
  },
  upfront_fee: {
    kind: 'spam',
    summary: 'Asks the applicant to pay a fee or a deposit.',
    find: ({ text }) => findUpfrontFee(text),
  },
  paid_equipment: {
    kind: 'spam',
    summary: 'Asks the applicant to buy equipment, software or credentials.',
    find: ({ text }) => findPaidEquipment(text),
  },
  identity_documents: {
    kind: 'spam',
    summary: 'Asks the applicant for identity documents or bank details.',
    find: ({ text }) => findIdentityRequest(text),
  },
  access_codes: {
    kind: 'spam',
    summary: 'Asks the applicant for confirmation codes, passwords or keys.',
    find: ({ text }) => findCodeRequest(text),
  },
  money_transfer: {
    kind: 'spam',
    summary: 'Has the applicant pass on money, cheques, gift cards or parcels.',
    find: ({ text }) => findMoneyTransfer(text),
  },
  crypto_doubling: {
    kind: 'spam',
    summary: 'Promises to multiply money, or deals in coins that do not exist.',
    find: ({ text }) => findCryptoDoubling(text),
  },
  account_rental: {
    kind: 'spam',
    summary: "Wants to rent, borrow or share the applicant's account.",
    find: ({ text }) => findAccountRental(text),
  },
  too_good_pay: {
    kind: 'spam',
    summary: 'Offers high pay for work that takes no skill.',
    find: ({ text, content }) => findTooGoodPay(text, content),
  },
  link_shortener: {
    kind: 'spam',
    summary: 'Hides where a link leads.',
    find: ({ text }) => findShortenedLink(text),
  },
  shouting: {
    kind: 'spam',
    summary: 'Is written in capitals or flooded with emoji.',
    find: ({ text }) => findShouting(text),
  },
  mixed_script: {
    kind: 'spam',
    summary: 'Mixes letters of two scripts that look alike.',
    find: ({ text }) => findMixedScript(text),
  },
  academic_cheating: {
    kind: 'terms_of_service',
    summary: 'Wants school or university work done in the name of somebody else.',
    find: ({ text }) => findAcademicCheating(text),
  },
  fake_engagement: {
    kind: 'terms_of_service',
    summary: 'Wants reviews, followers or views that are not genuine.',
    find: ({ text }) => findFakeEngagement(text),
  },
  account_sale: {
    kind: 'terms_of_service',
    summary: 'Buys or sells accounts.',
    find: ({ text }) => findAccountSale(text),
  },
  verification_bypass: {
    kind: 'terms_of_service',
    summary: 'Wants to get around a verification or a detection.',
    find: ({ text }) => findVerificationBypass(text),
  },
  unauthorised_access: {
    kind: 'terms_of_service',
    summary: 'Wants access to what belongs to somebody else.',
    find: ({ text }) => findUnauthorisedAccess(text),
  },
  unpaid_work: {
    kind: 'terms_of_service',
    summary: 'Asks for free work as a test.',
    find: ({ text }) => findUnpaidWork(text),
  },
  unverified_large_budget: {
    kind: 'suspicious_client',
    summary: 'A large budget, but the payment method is not verified and nothing was ever spent.',
    find: ({ content }) => findUnverifiedLargeBudget(content),
  },
  openings_without_hires: {
    kind: 'suspicious_client',
    summary: 'Many openings, and nobody was ever hired.',
    find: ({ content }) => findOpeningsWithoutHires(content),
  },
  posting_burst: {
    kind: 'suspicious_client',
    summary: 'The client posted more within a day than people do.',
    find: ({ context }) => findPostingBurst(context),
  },
  shared_text: {
    kind: 'suspicious_client',
    summary: 'The same text was posted by many clients.',
    find: ({ context }) => findSharedText(context),
  },
} as const satisfies Record<string, SignalDefinition>;

export type SignalId = keyof typeof DEFINITIONS;

/** What a signal found. */
export interface SignalHit {
  signal: SignalId;
  /** The piece of the posting that shows it, at most 120 characters. */
  evidence: string;
  /** 0 to 1. */
  strength: number;
}

export interface Signal {
  id: SignalId;
  kind: SignalKind;
  summary: string;
  detect: (subject: SignalSubject) => SignalHit | null;
}

function signalOf(id: SignalId): Signal {
  const { kind, summary, find } = DEFINITIONS[id];
  return {
    id,
    kind,
    summary,
    detect: (subject) => {
      const found = find(subject);
      return found && { signal: id, evidence: found.evidence, strength: found.strength };
    },
  };
}

/** Every signal, in the order in which a report lists them. */
export const SIGNALS: readonly Signal[] = (Object.keys(DEFINITIONS) as SignalId[]).map(signalOf);
