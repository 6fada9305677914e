import { lockAccount } from '../db/accounts';
import { recordAct } from '../db/auditLog';
import { countKeys } from '../db/apiKeyChanges';
import { findAccountKey, type ApiKey, type ListedApiKey } from '../db/apiKeys';
import type { Db } from '../db/connection';
import type { IdempotentRequest } from '../db/idempotencyKeys';
import type { ApiKeyScope } from '../domain/apiKey';
import {
  type ApiKeyTerms,
  faultsOfTerms,
  hasScope,
  MAX_KEYS_IN_EFFECT,
  MAX_KEYS_MADE_IN_A_DAY,
} from '../domain/apiKeyTerms';
import { AppError } from '../domain/errors';
import { DAY_MS, toMillis } from '../domain/time';
import type { ChangeCall } from './changeRoute';
import { answerOnce, REPLAYED_HEADERS } from './idempotency';
import type { KeyView } from './keyView';
import { refuseEndedKey } from './middleware/authentication';

type KeyCall = Pick<ChangeCall<unknown, unknown>, 'caller' | 'now' | 'services'>;

/**
 * Changes keys of the caller's account in one transaction, with no other change of them beside it. When it returns, this process goes
 * by the change. What it answers is not to be kept on the way: it may hold a key.
 */
export async function changeKeys<Body extends object>(
  { caller, now, services, idempotency }: KeyCall & { idempotency: IdempotentRequest | null },
  act: (transaction: Db) => Promise<{ status: number; body: Body }>,
) {
  const { db, keys } = services;
  const { answer, isReplay } = await answerOnce(
    db,
    idempotency,
    now,
    async (transaction) => {
      await lockAccount(transaction, caller.account.id);
      // Revoked elsewhere a moment ago: it must not leave another key behind.
      refuseEndedKey(await ownKey(transaction, { caller }, caller.key.id), now);
      return await act(transaction);
    },
    keys.secretBox,
  );
  if (!isReplay) keys.forgetOwners();
  return {
    status: answer.status,
    // An answer that was kept is one that this route has given.
    body: answer.body as Body,
    headers: { 'Cache-Control': 'no-store', ...(isReplay ? REPLAYED_HEADERS : {}) },
  };
}

/** @throws AppError `not_found`, also for a key of another account. */
export async function ownKey(db: Db, { caller }: Pick<KeyCall, 'caller'>, id: string): Promise<ListedApiKey> {
  const key = await findAccountKey(db, { accountId: caller.account.id, id });
  if (!key) throw new AppError('not_found', `The account has no key ${id}.`);
  return key;
}

export function refuseFaults({ caller: { plan }, now }: KeyCall, terms: ApiKeyTerms): void {
  const faults = faultsOfTerms(terms, { plan, now });
  if (faults.length === 0) return;
  const sentences = faults.map(
    ({ parameter, message, expected }) => `${parameter}: ${message} Expected: ${expected}.`,
  );
  throw new AppError('invalid_parameter', sentences.join(' '), { faults });
}

/** What a key may not do itself, it cannot do by a key of its making. */
export function refuseScopesBeyond(key: ApiKey, scopes: readonly ApiKeyScope[]): void {
  const lacking = scopes.filter((scope) => !hasScope(key, scope));
  if (lacking.length === 0) return;
  throw new AppError(
    'insufficient_scope',
    `This key lacks the scope ${lacking.join(', ')}, and cannot make a key that has it. Ask with a key that has it.`,
    {
      faults: lacking.map((scope) => ({
        parameter: 'scopes',
        message: 'The key with which you ask lacks this scope.',
        received: scope,
      })),
    },
  );
}

export async function refuseMoreKeys(
  transaction: Db,
  { caller, now }: KeyCall,
  { isReplacement }: { isReplacement: boolean },
): Promise<void> {
  const { inEffect, madeInADay, firstMadeAt } = await countKeys(transaction, caller.account.id, now);
  if (!isReplacement && inEffect >= MAX_KEYS_IN_EFFECT) {
    throw new AppError(
      'conflict',
      `The account has ${inEffect} keys that work, and ${MAX_KEYS_IN_EFFECT} is the most. Revoke one that is not used.`,
    );
  }
  if (firstMadeAt === null || madeInADay < MAX_KEYS_MADE_IN_A_DAY) return;
  const waitMs = toMillis(firstMadeAt) + DAY_MS - toMillis(now);
  throw new AppError(
    'rate_limited',
    `The account has made ${madeInADay} keys within 24 hours, and ${MAX_KEYS_MADE_IN_A_DAY} is the most.`,
    { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) },
  );
}

/** Names and addresses are left out: they may tell of people. */
export async function recordKeyAct(
  transaction: Db,
  { caller, now }: KeyCall,
  action: string,
  { id, kind, scopes, expires_at, requests_per_minute, monthly_calls }: KeyView,
  details: object = {},
): Promise<void> {
  await recordAct(transaction, {
    actor: `key:${caller.key.id}`,
    action,
    accountId: caller.account.id,
    subject: id,
    details: { kind, scopes, expires_at, requests_per_minute, monthly_calls, ...details },
    now,
  });
}
