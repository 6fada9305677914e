import { apiKeyStatus } from '../domain/apiKeyTerms';
import { AppError } from '../domain/errors';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import { issueApiKey, networks, type ListedApiKey } from './apiKeys';
import type { Db } from './connection';

/** How many keys an account has, by which it may make more. */
export interface KeyCount {
  /** Neither ended nor replaced. */
  inEffect: number;
  madeInADay: number;
  /** When the first of those made within a day was made; null when none was. */
  firstMadeAt: Timestamp | null;
}

export async function countKeys(db: Db, accountId: string, now: Timestamp): Promise<KeyCount> {
  const { rows } = await db.raw<{ rows: [KeyCount] }>(
    `select count(*) filter (
              where revoked_at is null and (expires_at is null or expires_at > :now) and replaced_by is null
            ) as "inEffect",
            count(*) filter (where created_at > :dayAgo) as "madeInADay",
            min(created_at) filter (where created_at > :dayAgo) as "firstMadeAt"
     from api_keys where account_id = :accountId`,
    { accountId, now, dayAgo: addMillis(now, -DAY_MS) },
  );
  return rows[0];
}

/** What may be changed of a key that there is. */
export interface ApiKeyChanges {
  name?: string | null;
  /** Addresses and networks in CIDR notation; host bits are cleared. */
  allowedIps?: readonly string[];
  requestsPerMinute?: number | null;
  monthlyCalls?: number | null;
}

/** Changes what is given, of one thing at least; the rest stays. */
export async function changeApiKey(
  db: Db,
  id: string,
  { name, allowedIps, requestsPerMinute, monthlyCalls }: ApiKeyChanges,
): Promise<void> {
  await db('api_keys')
    .where({ id })
    .update({
      name,
      allowed_ips: allowedIps && networks(db, allowedIps),
      requests_per_minute: requestsPerMinute,
      monthly_calls: monthlyCalls,
    });
}

interface Replacement {
  /** How long the old key works on, unless it expires before. */
  overlapMs: number;
  pepper: string;
  now: Timestamp;
}

/**
 * Makes a key of the same terms that takes the place of this one. The secret is returned here and never again. To be called with the
 * keys of the account locked.
 * @throws AppError `conflict` for a key that does not work any more, or was replaced.
 */
export async function replaceApiKey(
  db: Db,
  key: ListedApiKey,
  { overlapMs, pepper, now }: Replacement,
): Promise<{ id: string; secret: string; lastFour: string }> {
  refuseUnlessReplaceable(key, now);
  const issued = await issueApiKey(db, { ...key, pepper, now });
  await db.raw(
    `update api_keys set replaced_by = :replacedBy, expires_at = least(expires_at, cast(:until as timestamptz))
     where id = :id`,
    { id: key.id, replacedBy: issued.id, until: addMillis(now, overlapMs) },
  );
  return issued;
}

function refuseUnlessReplaceable(key: ListedApiKey, now: Timestamp): void {
  const status = apiKeyStatus(key, now);
  if (status !== 'active')
    throw new AppError('conflict', `Key ${key.id} is ${status}, and is not replaced. Make a new key.`);
  if (key.replacedBy !== null) {
    throw new AppError('conflict', `Key ${key.id} was replaced already, by key ${key.replacedBy}.`);
  }
}
