import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import {
  MAX_RECOVERY_ATTEMPTS,
  RECOVERY_CODE_ALPHABET,
  RECOVERY_CODE_LENGTH,
  RECOVERY_CODE_LIFETIME_MS,
} from '../domain/recoveryCode';
import { addMillis, type Timestamp } from '../domain/time';
import type { Db } from './connection';

/** Makes a code for an account, in the place of any it had. The code is returned here and never again. */
export async function issueRecoveryCode(
  db: Db,
  {
    accountId,
    signUpId,
    pepper,
    now,
  }: { accountId: string; signUpId: string; pepper: string; now: Timestamp },
): Promise<string> {
  const code = randomCode();
  await db.raw(
    `insert into recovery_codes (account_id, signup_id, hash, expires_at, attempts)
     values (:accountId, :signUpId, :hash, :expiresAt, 0)
     on conflict (account_id) do update
       set signup_id = excluded.signup_id, hash = excluded.hash, expires_at = excluded.expires_at, attempts = 0`,
    { accountId, signUpId, hash: hashCode(code, pepper), expiresAt: expiryFrom(now) },
  );
  return code;
}

/**
 * Lets a code that is about to be mailed live from now on: the mail may have waited longer than a code lives.
 * False when a newer code has taken its place.
 */
export async function renewRecoveryCode(db: Db, signUpId: string, now: Timestamp): Promise<boolean> {
  const renewed = await db('recovery_codes')
    .where({ signup_id: signUpId })
    .update({ expires_at: expiryFrom(now) });
  return renewed > 0;
}

/** Ends the code of a sign-up, if it is still the account's. */
export async function removeRecoveryCode(db: Db, signUpId: string): Promise<void> {
  await db('recovery_codes').where({ signup_id: signUpId }).delete();
}

/**
 * Uses the code up: the account that it belongs to, or null when the address has no account, no code that lives, or another one. Each
 * call that finds a code counts as an attempt, also a wrong one: commit the transaction whatever the answer.
 */
export async function useRecoveryCode(
  db: Db,
  { email, code, pepper, now }: { email: string; code: string; pepper: string; now: Timestamp },
): Promise<{ accountId: string } | null> {
  const given = hashCode(code, pepper);
  const { rows } = await db.raw<{ rows: { accountId: string; hash: Buffer }[] }>(
    `update recovery_codes c set attempts = c.attempts + 1
     from accounts a
     where a.id = c.account_id and a.email = :email and c.expires_at > :now and c.attempts < :mostAttempts
     returning c.account_id as "accountId", c.hash`,
    { email, now, mostAttempts: MAX_RECOVERY_ATTEMPTS },
  );
  const [row] = rows;
  if (!row || !timingSafeEqual(row.hash, given)) return null;
  await db('recovery_codes').where({ account_id: row.accountId }).delete();
  return { accountId: row.accountId };
}

function expiryFrom(now: Timestamp): Timestamp {
  return addMillis(now, RECOVERY_CODE_LIFETIME_MS);
}

function hashCode(code: string, pepper: string): Buffer {
  return createHmac('sha256', pepper).update(`recovery:${code}`).digest();
}

function randomCode(): string {
  return Array.from({ length: RECOVERY_CODE_LENGTH }, () =>
    RECOVERY_CODE_ALPHABET.charAt(randomInt(RECOVERY_CODE_ALPHABET.length)),
  ).join('');
}
