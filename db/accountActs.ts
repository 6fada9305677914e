import { randomUUID } from 'node:crypto';
import { API_KEY_SCOPES } from '../domain/apiKey';
import { AppError } from '../domain/errors';
import type { PlanOverrides } from '../domain/plan';
import type { Timestamp } from '../domain/time';
import { createAccount, type NewAccount, refuseUnknownPlan } from './accounts';
import { issueApiKey, type NewApiKey, revokeApiKey } from './apiKeys';
import { recordAct } from './auditLog';
import type { Db } from './connection';

/**
 * What operators do to accounts. Each act and its entry in the audit log are one transaction; an act that changes nothing leaves
 * no entry.
 */
interface AccountAct {
  accountId: string;
  /** As the audit log names them. */
  actor: string;
  /** Why, in the operator's words: kept in the audit log. */
  reason?: string;
  now: Timestamp;
}

interface IssuedKey {
  id: string;
  secret: string;
  lastFour: string;
}

/**
 * Makes an account with a first live key of every scope. The secret is returned here and never again.
 * @throws AppError as `createAccount`.
 */
export async function openAccount(
  db: Db,
  { actor, pepper, ...account }: Omit<NewAccount, 'id'> & { actor: string; pepper: string },
): Promise<{ accountId: string; key: IssuedKey }> {
  return await db.transaction(async (transaction) => {
    const { planId, now } = account;
    const { id: accountId } = await createAccount(transaction, { ...account, id: randomUUID() });
    const action = 'account.created';
    await recordAct(transaction, { actor, action, accountId, details: { plan: planId }, now });
    const key = await issueKey(transaction, {
      accountId,
      kind: 'live',
      scopes: API_KEY_SCOPES,
      expiresAt: null,
      name: 'first key',
      pepper,
      actor,
      now,
    });
    return { accountId, key };
  });
}

/** @throws AppError `not_found`; `invalid_parameter` when there is no such plan. */
export async function setPlan(db: Db, { planId, ...act }: AccountAct & { planId: string }): Promise<void> {
  await db.transaction(async (transaction) => {
    await refuseUnknownPlan(transaction, planId, act.now);
    const { planId: before } = await lockAccount(transaction, act.accountId);
    if (before === planId) return;
    await transaction('accounts').where({ id: act.accountId }).update({ plan_id: planId });
    await recordAct(transaction, entryOf(act, 'account.plan_changed', { from: before, to: planId }));
  });
}

/** Lets these be the account's own terms, in the place of those it had. @throws AppError `not_found`. */
export async function setOverrides(
  db: Db,
  { overrides, ...act }: AccountAct & { overrides: PlanOverrides },
): Promise<void> {
  await db.transaction(async (transaction) => {
    const { overrides: before } = await lockAccount(transaction, act.accountId);
    const { rowCount } = await transaction.raw<{ rowCount: number }>(
      `update accounts set plan_overrides = cast(:overrides as jsonb)
       where id = :accountId and plan_overrides <> cast(:overrides as jsonb)`,
      { accountId: act.accountId, overrides: JSON.stringify(overrides) },
    );
    if (rowCount === 0) return;
    await recordAct(transaction, entryOf(act, 'account.terms_changed', { from: before, to: overrides }));
  });
}

/** Suspends an account; one that is suspended stays so as of then. @throws AppError `not_found`. */
export async function suspendAccount(db: Db, act: AccountAct & { reason: string }): Promise<void> {
  await db.transaction(async (transaction) => {
    const { suspendedAt } = await lockAccount(transaction, act.accountId);
    if (suspendedAt !== null) return;
    await transaction('accounts').where({ id: act.accountId }).update({ suspended_at: act.now });
    await recordAct(transaction, entryOf(act, 'account.suspended', {}));
  });
}

/** Ends the suspension of an account. @throws AppError `not_found`. */
export async function restoreAccount(db: Db, act: AccountAct): Promise<void> {
  await db.transaction(async (transaction) => {
    const { suspendedAt } = await lockAccount(transaction, act.accountId);
    if (suspendedAt === null) return;
    await transaction('accounts').where({ id: act.accountId }).update({ suspended_at: null });
    await recordAct(transaction, entryOf(act, 'account.restored', { suspended_at: suspendedAt }));
  });
}

/** Makes a key for an account. @throws AppError `not_found`; as `issueApiKey`. */
export async function issueKey(
  db: Db,
  { actor, ...terms }: NewApiKey & { actor: string },
): Promise<IssuedKey> {
  return await db.transaction(async (transaction) => {
    const { accountId, kind, scopes, expiresAt, now } = terms;
    await lockAccount(transaction, accountId);
    const key = await issueApiKey(transaction, terms);
    await recordAct(transaction, {
      actor,
      action: 'key.created',
      accountId,
      subject: key.id,
      details: { kind, scopes, expires_at: expiresAt },
      now,
    });
    return key;
  });
}

/** Ends a key; one that has ended stays so as of then. @throws AppError `not_found` when the account has no such key. */
export async function revokeKey(db: Db, { keyId, ...act }: AccountAct & { keyId: string }): Promise<void> {
  await db.transaction(async (transaction) => {
    const { accountId, now } = act;
    const { rows } = await transaction.raw<{ rows: { revokedAt: Timestamp | null }[] }>(
      `select revoked_at as "revokedAt" from api_keys where id = :keyId and account_id = :accountId for update`,
      { keyId, accountId },
    );
    const [key] = rows;
    if (!key) throw new AppError('not_found', `The account ${accountId} has no key ${keyId}.`);
    if (key.revokedAt !== null) return;
    await revokeApiKey(transaction, { accountId, id: keyId, now });
    await recordAct(transaction, { ...entryOf(act, 'key.revoked', {}), subject: keyId });
  });
}

interface AccountState {
  planId: string;
  overrides: object;
  suspendedAt: Timestamp | null;
}

/** The account as it is, held so until the transaction ends; usage and keys of it can be stored meanwhile. @throws AppError `not_found`. */
async function lockAccount(db: Db, accountId: string): Promise<AccountState> {
  const { rows } = await db.raw<{ rows: AccountState[] }>(
    `select plan_id as "planId", plan_overrides as "overrides", suspended_at as "suspendedAt"
     from accounts where id = :accountId for no key update`,
    { accountId },
  );
  if (rows[0]) return rows[0];
  throw new AppError('not_found', `There is no account ${accountId}.`);
}

function entryOf({ accountId, actor, reason, now }: AccountAct, action: string, details: object) {
  return { actor, action, accountId, details: reason === undefined ? details : { ...details, reason }, now };
}
