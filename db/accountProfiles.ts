import type { BillingPeriod } from '../domain/billingPeriod';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

/** What an account tells about its holder, and what the holder may change. */
export interface AccountProfile {
  id: string;
  email: string;
  name: string | null;
  company: string | null;
  createdAt: Timestamp;
  periodAnchor: Timestamp;
  suspendedAt: Timestamp | null;
  monthlyOverageCapCents: number | null;
}

/** Members that are left out stay as they are. */
export interface ProfileChange {
  name?: string | null;
  company?: string | null;
  monthlyOverageCapCents?: number | null;
}

const PROFILE_COLUMNS = `id, email, name, company, created_at as "createdAt", period_anchor as "periodAnchor",
  suspended_at as "suspendedAt", monthly_overage_cap_cents as "monthlyOverageCapCents"`;

/** Null when there is no such account. */
export async function readAccountProfile(db: Db, accountId: string): Promise<AccountProfile | null> {
  const { rows } = await db.raw<{ rows: AccountProfile[] }>(
    `select ${PROFILE_COLUMNS} from accounts where id = :accountId`,
    { accountId },
  );
  return rows[0] ?? null;
}

/** The profile as it is then; null when there is no such account, or it is being erased. */
export async function changeAccountProfile(
  db: Db,
  accountId: string,
  { name, company, monthlyOverageCapCents }: ProfileChange,
): Promise<AccountProfile | null> {
  const changed = await db('accounts')
    .where({ id: accountId, erasing_since: null })
    // Knex leaves out what is undefined.
    .update({ name, company, monthly_overage_cap_cents: monthlyOverageCapCents });
  return changed === 0 ? null : readAccountProfile(db, accountId);
}

/** Calls of a billing period that count, as far as their usage has come in; 0 for a period in which there were none. */
export async function countPeriodCalls(
  db: Db,
  accountId: string,
  { startsAt }: Pick<BillingPeriod, 'startsAt'>,
): Promise<number> {
  const { rows } = await db.raw<{ rows: { calls: number }[] }>(
    `select calls_counted as calls from billing_periods where account_id = :accountId and starts_at = :startsAt`,
    { accountId, startsAt },
  );
  return rows[0]?.calls ?? 0;
}
