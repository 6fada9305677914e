import type { Timestamp } from '../../domain/time';
import { type Contacts, type RenderedLetter, renderLetter } from './letter';

export interface UsageNotice {
  /** 50, 75, 90 or 100. */
  thresholdPercent: number;
  calls: number;
  quota: number;
  periodEndsAt: Timestamp;
  /** Whether further calls are refused. */
  isBlocked: boolean;
  planName: string;
  /** Null where calls beyond the quota cannot be had. */
  overageCentsPerCall: number | null;
  /** The account's own limit to what it pays beyond its plan in a period; null: none. */
  overageCapCents: number | null;
}

/** To an account that has used up a part of its calls. */
export function usageNoticeLetter(notice: UsageNotice, contacts: Contacts): RenderedLetter {
  const { thresholdPercent, calls, quota, planName } = notice;
  const isUsedUp = thresholdPercent >= 100;
  const heading = isUsedUp
    ? "You have used all of this period's calls"
    : `You have used ${thresholdPercent} % of this period's calls`;
  const figures = `${grouped(calls)} of ${grouped(quota)} calls`;
  return renderLetter(
    {
      subject: heading,
      preview: `${figures} on the ${planName} plan.`,
      heading,
      blocks: [
        { kind: 'gauge', percent: (calls / Math.max(1, quota)) * 100, label: figures },
        { kind: 'paragraph', text: consequence(notice) },
        {
          kind: 'paragraph',
          text: `More calls, or other terms: write to ${contacts.salesEmail}.`,
        },
        { kind: 'link', label: 'How calls are counted', url: `${contacts.publicUrl}/docs/limits` },
      ],
      reason:
        'You get this because your account is told at 50, 75, 90 and 100 % of its calls, once a period each.',
    },
    contacts,
  );
}

function consequence(notice: UsageNotice): string {
  const { thresholdPercent, isBlocked, planName, overageCentsPerCall, overageCapCents } = notice;
  const until = displayTime(notice.periodEndsAt);
  const isUsedUp = thresholdPercent >= 100;
  if (isBlocked) {
    return `Further calls are blocked until ${until}, when the next period begins, or until you move to a larger plan. Everything that concerns your account stays open.`;
  }
  if (overageCentsPerCall === null) {
    return isUsedUp
      ? `The next period begins on ${until}.`
      : `The ${planName} plan ends with its calls: at 100 % further ones are blocked until ${until}, when the next period begins, or until you move to a larger plan.`;
  }
  const price = dollars(overageCentsPerCall);
  const cap =
    overageCapCents === null
      ? 'You have set no limit to what you pay for them.'
      : `They end at your own limit of ${dollars(overageCapCents)} a period.`;
  const beginning = isUsedUp
    ? `Nothing is blocked: further calls go on at ${price} a call`
    : `At 100 % nothing is blocked: further calls go on at ${price} a call`;
  return `${beginning}, until the next period begins on ${until}. ${cap}`;
}

function dollars(cents: number): string {
  return `$${grouped(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, '0')}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** To the minute: `2026-03-01 at 09:30 UTC`. */
function displayTime(time: Timestamp): string {
  return `${time.slice(0, 10)} at ${time.slice(11, 16)} UTC`;
}
