import { formatApiKey } from '../../domain/apiKey';
import { accountErasedLetter } from '../../mail/templates/accountErased';
import { endpointDisabledLetter } from '../../mail/templates/endpointDisabled';
import { newKeyLetter, recoveryCodeLetter, welcomeLetter } from '../../mail/templates/keyLetters';
import type { Contacts, RenderedLetter } from '../../mail/templates/letter';
import { type UsageNotice, usageNoticeLetter } from '../../mail/templates/usageNotice';

export const KEY = formatApiKey('live', 'k'.repeat(32));

export const CONTACTS: Contacts = {
  publicUrl: 'https://api.jobs.example',
  supportEmail: 'support@jobs.example',
  salesEmail: 'sales@jobs.example',
};

const STARTER_AT_50: UsageNotice = {
  thresholdPercent: 50,
  calls: 500,
  quota: 1_000,
  periodEndsAt: '2026-03-01T09:30:00.000Z',
  isBlocked: false,
  planName: 'Starter',
  overageCentsPerCall: null,
  overageCapCents: null,
};

export function usageNotice(notice: Partial<UsageNotice>): RenderedLetter {
  return usageNoticeLetter({ ...STARTER_AT_50, ...notice }, CONTACTS);
}

const PAID = { planName: 'Professional', quota: 25_000, overageCentsPerCall: 1 };

/** One of each kind. */
export const LETTERS: Readonly<Record<string, RenderedLetter>> = {
  welcome: welcomeLetter({ key: KEY, plan: { name: 'Starter', monthly_calls: 1_000 } }, CONTACTS),
  'recovery-code': recoveryCodeLetter('7KQ2M9XBTC', CONTACTS),
  'new-key': newKeyLetter(KEY, CONTACTS),
  'usage-50': usageNotice({}),
  'usage-100-blocked': usageNotice({ thresholdPercent: 100, calls: 1_000, isBlocked: true }),
  'usage-100-paid': usageNotice({ ...PAID, thresholdPercent: 100, calls: 25_000, overageCapCents: 12_345 }),
  'endpoint-disabled': endpointDisabledLetter(
    { endpointId: '6f1c2a0e-5b1d-4c3e-9a43-0d8f6f1f2b11', reason: 'failing' },
    CONTACTS,
  ),
  'account-erased': accountErasedLetter(CONTACTS),
};
