import { z } from 'zod';
import type { Db } from '../db/connection';
import { listWaitingNotices, noteMailed, type WaitingNotice } from '../db/notices';
import type { Timestamp } from '../domain/time';
import { usageThresholdSchema } from '../domain/webhooks/events';
import type { Mailer } from '../mail/mailer';
import type { Contacts, RenderedLetter } from '../mail/templates/letter';
import { endpointDisabledLetter } from '../mail/templates/endpointDisabled';
import { usageNoticeLetter } from '../mail/templates/usageNotice';

export interface NoticeServices {
  db: Db;
  mailer: Mailer;
  contacts: Contacts;
  now: () => Timestamp;
}

const LISTED_AT_ONCE = 500;
/** One address may have to wait while others are served; after so many in a row the mail server itself is away. */
const MOST_FAILURES_IN_A_ROW = 5;

export type NoticeActivities = ReturnType<typeof createNoticeActivities>;

export function createNoticeActivities({ db, mailer, contacts, now }: NoticeServices) {
  /**
   * Mails the notices that wait, the oldest first, each under a Message-ID of its own: one whose mailing was cut short is mailed again under
   * the same. What cannot be mailed now waits for the next run.
   */
  async function mailWaitingNotices(): Promise<{ mailed: number; refused: number; failed: number }> {
    const report = { mailed: 0, refused: 0, failed: 0 };
    let failuresInARow = 0;
    for (const notice of await listWaitingNotices(db, { most: LISTED_AT_ONCE, now: now() })) {
      const letter = compose(notice, contacts);
      const delivery = letter && (await send(notice, letter));
      if (delivery) {
        await noteMailed(db, { id: notice.id, isTaken: delivery.taken, now: now() });
        report[delivery.taken ? 'mailed' : 'refused'] += 1;
        failuresInARow = 0;
      } else {
        report.failed += 1;
        failuresInARow += 1;
        if (failuresInARow === MOST_FAILURES_IN_A_ROW) break;
      }
    }
    return report;
  }

  /** Null when it may be taken later. */
  async function send({ id, email }: WaitingNotice, letter: RenderedLetter) {
    return await mailer.send({ ...letter, to: email, id: `event-${id}` }).catch(() => null);
  }

  return { mailWaitingNotices };
}

/** Null for an event that says something else than its kind does. */
function compose(notice: WaitingNotice, contacts: Contacts): RenderedLetter | null {
  return notice.type === 'usage.threshold'
    ? composeUsageNotice(notice, contacts)
    : composeDisabledNotice(notice, contacts);
}

const disabledSchema = z.object({ endpoint_id: z.string(), reason: z.enum(['gone', 'failing']) });

function composeDisabledNotice({ data }: WaitingNotice, contacts: Contacts): RenderedLetter | null {
  const read = disabledSchema.safeParse(data);
  if (!read.success) return null;
  const { endpoint_id: endpointId, reason } = read.data;
  return endpointDisabledLetter({ endpointId, reason }, contacts);
}

function composeUsageNotice(
  { data, plan, monthlyOverageCapCents }: WaitingNotice,
  contacts: Contacts,
): RenderedLetter | null {
  const read = usageThresholdSchema.safeParse(data);
  if (!read.success) return null;
  const {
    threshold_percent: thresholdPercent,
    calls,
    quota,
    period_ends_at: periodEndsAt,
    blocked,
  } = read.data;
  return usageNoticeLetter(
    {
      thresholdPercent,
      calls,
      quota,
      periodEndsAt,
      isBlocked: blocked,
      planName: plan.name,
      overageCentsPerCall: plan.overage_cents_per_call,
      overageCapCents: monthlyOverageCapCents,
    },
    contacts,
  );
}
