import { applyOverrides, type Plan } from '../domain/plan';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import type { Db } from './connection';

/** Older news is none. */
const MAILED_WITHIN_MS = 3 * DAY_MS;
/** What is mailed. */
const MAILED_TYPES = ['usage.threshold', 'webhook.disabled'] as const;
type MailedType = (typeof MAILED_TYPES)[number];

/** Something that an account is to be told of by e-mail. */
export interface WaitingNotice {
  id: string;
  type: MailedType;
  email: string;
  /** As it was stored with the event. */
  data: unknown;
  /** The account's plan in force, its own terms applied. */
  plan: Pick<Plan, 'name' | 'overage_cents_per_call'>;
  monthlyOverageCapCents: number | null;
}

interface NoticeRow {
  id: string;
  type: MailedType;
  email: string;
  data: unknown;
  monthlyOverageCapCents: number | null;
  planOverrides: unknown;
  planInForce: Plan | null;
}

/** What happened within the last three days and was not mailed, the oldest first, at most `most`. */
export async function listWaitingNotices(
  db: Db,
  { most, now }: { most: number; now: Timestamp },
): Promise<WaitingNotice[]> {
  const { rows } = await db.raw<{ rows: NoticeRow[] }>(
    `select e.id, e.type, a.email, e.data, a.monthly_overage_cap_cents as "monthlyOverageCapCents",
            a.plan_overrides as "planOverrides", to_jsonb(p) - 'effective_from' as "planInForce"
     from events e
     join accounts a on a.id = e.account_id
     left join lateral (
       select * from plans where plans.id = a.plan_id and plans.effective_from <= :now
       order by plans.effective_from desc limit 1
     ) p on true
     where e.mailed_at is null and e.mail_refused_at is null and e.type = any(cast(:types as text[])) and e.occurred_at > :since
     order by e.occurred_at, e.id limit :most`,
    { now, types: MAILED_TYPES, since: addMillis(now, -MAILED_WITHIN_MS), most },
  );
  return rows.flatMap(({ planInForce, planOverrides, ...notice }) =>
    planInForce === null ? [] : [{ ...notice, plan: applyOverrides(planInForce, planOverrides) }],
  );
}

/** Notes that the mail server has taken it, or has refused it for good: either way it is not mailed again. */
export async function noteMailed(
  db: Db,
  { id, isTaken, now }: { id: string; isTaken: boolean; now: Timestamp },
): Promise<void> {
  await db('events')
    .where({ id })
    .update(isTaken ? { mailed_at: now } : { mail_refused_at: now });
}
