import { z } from 'zod';
import { AppError, type FieldFault } from '../domain/errors';
import { nearestName } from '../domain/names';
import { toSecond, type Timestamp } from '../domain/time';
import type { Db } from './connection';
import { isUniqueViolation } from './errors';
import { listPlans } from './plans';

export interface Account {
  id: string;
  email: string;
  name: string | null;
  planId: string;
  /** Billing periods are counted from here. */
  periodAnchor: Timestamp;
  suspendedAt: Timestamp | null;
  /** The account's own limit to what it pays for calls beyond its plan, in a period; null: none. */
  monthlyOverageCapCents: number | null;
}

/** The columns of `accounts a` that make an `Account`. */
const ACCOUNT_COLUMNS = `a.id, a.email, a.name, a.plan_id as "planId", a.period_anchor as "periodAnchor",
  a.suspended_at as "suspendedAt", a.monthly_overage_cap_cents as "monthlyOverageCapCents"`;

export interface NewAccount {
  id: string;
  email: string;
  planId: string;
  name?: string;
  company?: string;
  now: Timestamp;
}

/** Of what is asked of a new account. */
export const accountFields = z.object({
  email: z.email().max(254),
  name: z.string().max(200).optional(),
  company: z.string().max(200).optional(),
});

/**
 * @throws AppError `invalid_parameter` for an address, name or plan that cannot be; `conflict` when the address
 * (whatever its case) has an account.
 */
export async function createAccount(
  db: Db,
  { id, email, planId, name, company, now }: NewAccount,
): Promise<Account> {
  await refuseUnusableFields(db, { email, planId, name, company, now });
  const periodAnchor = toSecond(now);
  try {
    await db('accounts').insert({
      id,
      email,
      plan_id: planId,
      name: name ?? null,
      company: company ?? null,
      created_at: now,
      period_anchor: periodAnchor,
    });
  } catch (error) {
    if (isUniqueViolation(error)) throw new AppError('conflict', `There is already an account for ${email}.`);
    throw error;
  }
  return {
    id,
    email,
    name: name ?? null,
    planId,
    periodAnchor,
    suspendedAt: null,
    monthlyOverageCapCents: null,
  };
}

/**
 * Has whoever else changes what the account has (keys, saved searches, webhook endpoints) wait until the transaction ends: what is counted
 * now stays so.
 * @throws AppError `not_found` when the account has been erased.
 */
export async function lockAccount(db: Db, accountId: string): Promise<void> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    'select from accounts where id = :accountId for no key update',
    { accountId },
  );
  if (rows.length === 0) throw new AppError('not_found', 'There is no such account any more.');
}

/** The account of an address, whatever its case. */
export async function findAccountByEmail(db: Db, email: string): Promise<Account | null> {
  const { rows } = await db.raw<{ rows: Account[] }>(
    `select ${ACCOUNT_COLUMNS} from accounts a where email = :email`,
    { email },
  );
  return rows[0] ?? null;
}

async function refuseUnusableFields(
  db: Db,
  { email, planId, name, company, now }: Omit<NewAccount, 'id'>,
): Promise<void> {
  const issues = accountFields.safeParse({ email, name, company }).error?.issues ?? [];
  const faults: FieldFault[] = issues.map((issue) => ({
    parameter: issue.path.join('.'),
    message: `${issue.message}.`,
  }));
  const planFault = await findPlanFault(db, planId, now);
  if (planFault) faults.push(planFault);
  if (faults.length > 0) {
    const sentences = faults.map((fault) => `${fault.parameter}: ${fault.message}`);
    throw new AppError('invalid_parameter', sentences.join(' '), { faults });
  }
}

/** @throws AppError `invalid_parameter` on `plan` when no plan of that id is in force. */
export async function refuseUnknownPlan(db: Db, planId: string, now: Timestamp): Promise<void> {
  const fault = await findPlanFault(db, planId, now);
  if (fault) throw new AppError('invalid_parameter', fault.message, { faults: [fault] });
}

async function findPlanFault(db: Db, planId: string, now: Timestamp): Promise<FieldFault | null> {
  const planIds = (await listPlans(db, now)).map((plan) => plan.id);
  if (planIds.includes(planId)) return null;
  const nearest = nearestName(planId, planIds);
  return {
    parameter: 'plan',
    message: `There is no plan ${planId.slice(0, 100)}; there are ${planIds.join(', ')}.`,
    ...(nearest === null ? {} : { did_you_mean: nearest }),
  };
}
