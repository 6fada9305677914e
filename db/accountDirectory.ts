import { billingPeriodAt, type BillingPeriod } from '../domain/billingPeriod';
import { AppError } from '../domain/errors';
import { applyOverrides, type Plan, type PlanOverrides } from '../domain/plan';
import type { Timestamp } from '../domain/time';
import { type ApiKey, listApiKeys } from './apiKeys';
import type { Db } from './connection';
import { listPlans } from './plans';

/** An account as operators see it in a list. */
export interface ListedAccount {
  id: string;
  email: string;
  name: string | null;
  company: string | null;
  planId: string;
  /** Its own terms, by the names of a plan's. */
  overrides: PlanOverrides;
  suspendedAt: Timestamp | null;
  monthlyOverageCapCents: number | null;
  createdAt: Timestamp;
}

/** An account with what it may do and what it does. */
export interface AccountDetails extends ListedAccount {
  /** The plan in force, its own terms applied. */
  plan: Plan;
  period: PeriodUsage;
  /** Newest first. */
  keys: ApiKey[];
}

/** Of the billing period under way. */
interface PeriodUsage extends BillingPeriod {
  /** Units drawn from the quota. */
  callsDrawn: number;
  /** Calls that count, as far as their usage has come in. */
  callsCounted: number;
  /** Requests of any kind, as far as their usage has come in. */
  requests: number;
}

const COLUMNS = `a.id, a.email, a.name, a.company, a.plan_id as "planId", a.plan_overrides as "overrides",
  a.suspended_at as "suspendedAt", a.monthly_overage_cap_cents as "monthlyOverageCapCents", a.created_at as "createdAt"`;

export interface AccountSearch {
  id?: string;
  /** Part of the address, whatever its case. */
  email?: string;
  planId?: string;
  suspended?: boolean;
  /** Id of the last account of the page before. */
  after?: string;
  limit: number;
}

/**
 * Accounts, newest first. Reads them all once: they are thousands, and operators look seldom.
 * @throws AppError `invalid_parameter` when the account that `after` names is not there.
 */
export async function listAccounts(db: Db, search: AccountSearch): Promise<ListedAccount[]> {
  const { id = null, email = null, planId = null, suspended = null, after, limit } = search;
  const place = after === undefined ? null : await placeOf(db, after);
  const { rows } = await db.raw<{ rows: ListedAccount[] }>(
    `select ${COLUMNS} from accounts a
     where (cast(:id as text) is null or a.id = :id)
       and (cast(:email as text) is null or position(lower(:email) in lower(cast(a.email as text))) > 0)
       and (cast(:planId as text) is null or a.plan_id = :planId)
       and (cast(:suspended as boolean) is null or (a.suspended_at is not null) = :suspended)
       and (cast(:after as text) is null
            or (a.created_at, a.id) < (select p.created_at, p.id from accounts p where p.id = :after))
     order by a.created_at desc, a.id desc limit :limit`,
    { id, email, planId, suspended, after: place, limit },
  );
  return rows;
}

/** @throws AppError `invalid_parameter` when there is no such account: a comparison with nothing would end the list. */
async function placeOf(db: Db, id: string): Promise<string> {
  const { rows } = await db.raw<{ rows: unknown[] }>(`select from accounts where id = :id`, { id });
  if (rows.length > 0) return id;
  const message = 'The cursor is not one that a page ended with, or its account is gone: begin anew.';
  throw new AppError('invalid_parameter', message, { faults: [{ parameter: 'cursor', message }] });
}

/** The id of the account of that id or e-mail address. @throws AppError `not_found`. */
export async function findAccountId(db: Db, idOrEmail: string): Promise<string> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select id from accounts where id = :idOrEmail or email = :idOrEmail`,
    { idOrEmail },
  );
  if (rows[0]) return rows[0].id;
  throw new AppError('not_found', `There is no account ${idOrEmail.slice(0, 254)}.`);
}

/** @throws AppError `not_found`; `internal` when the plan is not in force or the account's own terms are malformed. */
export async function showAccount(db: Db, accountId: string, now: Timestamp): Promise<AccountDetails> {
  const { rows } = await db.raw<{ rows: (ListedAccount & { periodAnchor: Timestamp })[] }>(
    `select ${COLUMNS}, a.period_anchor as "periodAnchor" from accounts a where a.id = :accountId`,
    { accountId },
  );
  const [row] = rows;
  if (!row) throw new AppError('not_found', `There is no account ${accountId}.`);
  const { periodAnchor, ...account } = row;
  const plan = (await listPlans(db, now)).find(({ id }) => id === account.planId);
  if (!plan) throw new AppError('internal', `The plan ${account.planId} of ${accountId} is not in force.`);
  return {
    ...account,
    plan: applyOverrides(plan, account.overrides),
    period: await readPeriodUsage(db, accountId, billingPeriodAt(periodAnchor, now)),
    keys: await listApiKeys(db, accountId),
  };
}

async function readPeriodUsage(db: Db, accountId: string, period: BillingPeriod): Promise<PeriodUsage> {
  const { startsAt } = period;
  const { rows } = await db.raw<{ rows: Omit<PeriodUsage, keyof BillingPeriod>[] }>(
    `select coalesce(max(p.calls_drawn), 0) as "callsDrawn", coalesce(max(p.calls_counted), 0) as "callsCounted",
            (select coalesce(sum(u.requests), 0) from usage_hours u
             where u.account_id = :accountId and u.period_starts_at = :startsAt) as "requests"
     from billing_periods p where p.account_id = :accountId and p.starts_at = :startsAt`,
    { accountId, startsAt },
  );
  const [usage = { callsDrawn: 0, callsCounted: 0, requests: 0 }] = rows;
  return { ...period, ...usage };
}
