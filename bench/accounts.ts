import { randomUUID } from 'node:crypto';
import { createAccount } from '../db/accounts';
import { issueApiKey } from '../db/apiKeys';
import type { Db } from '../db/connection';
import { API_KEY_SCOPES } from '../domain/apiKey';
import { toTimestamp } from '../domain/time';

export interface BenchAccount {
  accountId: string;
  secret: string;
}

/** An account with a live key; `terms` replace those of the plan. */
export async function openAccount(
  db: Db,
  { planId, pepper, terms = {} }: { planId: string; pepper: string; terms?: object },
): Promise<BenchAccount> {
  const now = toTimestamp(Date.now());
  const accountId = randomUUID();
  await createAccount(db, { id: accountId, email: `${accountId}@example.com`, planId, now });
  await db('accounts')
    .where({ id: accountId })
    .update({ plan_overrides: JSON.stringify(terms) });
  const issued = await issueApiKey(db, {
    accountId,
    kind: 'live',
    scopes: API_KEY_SCOPES,
    expiresAt: null,
    name: null,
    pepper,
    now,
  });
  return { accountId, secret: issued.secret };
}
