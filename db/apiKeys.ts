import { createHmac, randomInt, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import {
  API_KEY_BODY_LENGTH,
  BASE62_ALPHABET,
  formatApiKey,
  type ApiKeyKind,
  type ApiKeyScope,
} from '../domain/apiKey';
import { MAX_KEY_NAME_LENGTH } from '../domain/apiKeyTerms';
import { AppError } from '../domain/errors';
import { applyOverrides, type Plan } from '../domain/plan';
import type { Timestamp } from '../domain/time';
import type { Account } from './accounts';
import type { Db } from './connection';

/** What is kept of a key: everything but the key. */
export interface ApiKey {
  id: string;
  accountId: string;
  kind: ApiKeyKind;
  lastFour: string;
  name: string | null;
  scopes: ApiKeyScope[];
  createdAt: Timestamp;
  expiresAt: Timestamp | null;
  revokedAt: Timestamp | null;
  /** Addresses and networks in CIDR notation that may use it; none: all. */
  allowedIps: string[];
  /** Lower limits than the account's; null: the account's. */
  requestsPerMinute: number | null;
  monthlyCalls: number | null;
}

/** A key as those see it who look after it. */
export interface ListedApiKey extends ApiKey {
  /** To the second or so; null when it never was. */
  lastUsedAt: Timestamp | null;
  /** The key that was made to take its place. */
  replacedBy: string | null;
}

/** A key with whose it is and what it may do. */
export interface KeyOwner {
  key: ApiKey;
  account: Account;
  /** The account's plan in force, its own terms applied. */
  plan: Plan;
}

export interface NewApiKey {
  accountId: string;
  kind: ApiKeyKind;
  scopes: readonly ApiKeyScope[];
  expiresAt: Timestamp | null;
  name: string | null;
  /** Addresses and networks in CIDR notation; host bits are cleared. None unless given. */
  allowedIps?: readonly string[];
  requestsPerMinute?: number | null;
  monthlyCalls?: number | null;
  /** The server's secret under which keys are hashed. */
  pepper: string;
  now: Timestamp;
}

const KEY_COLUMNS = `k.id, k.account_id as "accountId", k.kind, k.last_four as "lastFour", k.name, k.scopes,
  k.created_at as "createdAt", k.expires_at as "expiresAt", k.revoked_at as "revokedAt",
  k.allowed_ips as "allowedIps", k.requests_per_minute as "requestsPerMinute", k.monthly_calls as "monthlyCalls"`;

const LISTED_COLUMNS = `${KEY_COLUMNS}, k.replaced_by as "replacedBy", u.last_used_at as "lastUsedAt"`;
const LISTED_TABLES = 'api_keys k left join api_key_uses u on u.key_id = k.id';

interface OwnerColumns extends Omit<Account, 'id' | 'name'> {
  accountName: string | null;
  erasingSince: Timestamp | null;
  planOverrides: unknown;
  planInForce: Plan | null;
}

/** HMAC-SHA-256 under the pepper: the form in which a key or a source token is stored and looked up. */
export function hashApiKey(secret: string, pepper: string): Buffer {
  return createHmac('sha256', pepper).update(secret).digest();
}

/**
 * Makes a key for an account. The secret is returned here and never again.
 * @throws AppError `invalid_parameter` for a name that is too long.
 */
export async function issueApiKey(
  db: Db,
  { pepper, now, ...key }: NewApiKey,
): Promise<{ id: string; secret: string; lastFour: string }> {
  if ((key.name ?? '').length > MAX_KEY_NAME_LENGTH) {
    const message = `The name of a key has at most ${MAX_KEY_NAME_LENGTH} characters.`;
    throw new AppError('invalid_parameter', message, { faults: [{ parameter: 'name', message }] });
  }
  const id = randomUUID();
  const secret = formatApiKey(key.kind, randomBody());
  const lastFour = secret.slice(-4);
  await insertApiKey(db, { ...key, id, lastFour, hash: hashApiKey(secret, pepper), createdAt: now });
  return { id, secret, lastFour };
}

interface ApiKeyRecord extends Omit<NewApiKey, 'pepper' | 'now'> {
  id: string;
  hash: Buffer;
  lastFour: string;
  createdAt: Timestamp;
}

/** @throws when the account does not exist, or the same key does. */
async function insertApiKey(db: Db, key: ApiKeyRecord): Promise<void> {
  await db('api_keys').insert({
    id: key.id,
    account_id: key.accountId,
    hash: key.hash,
    kind: key.kind,
    last_four: key.lastFour,
    name: key.name,
    scopes: [...key.scopes],
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    allowed_ips: networks(db, key.allowedIps ?? []),
    requests_per_minute: key.requestsPerMinute ?? null,
    monthly_calls: key.monthlyCalls ?? null,
  });
}

/** Addresses and networks as the column holds them: each once, and without the bits that are the hosts'. */
export function networks(db: Db, given: readonly string[]): Knex.Raw {
  return db.raw(
    `array(select distinct network(cast(one as inet)) from unnest(cast(? as text[])) as given (one) order by 1)`,
    [[...given]],
  );
}

/**
 * The key of that hash with its account and the account's plan in force at `now`; also when it has expired or is
 * revoked. Null when there is none.
 * @throws AppError `internal` when the account has no plan in force, or its own terms are malformed.
 */
export async function findApiKey(db: Db, hash: Buffer, now: Timestamp): Promise<KeyOwner | null> {
  const { rows } = await db.raw<{ rows: (ApiKey & OwnerColumns)[] }>(
    `select ${KEY_COLUMNS}, a.email, a.name as "accountName", a.plan_id as "planId", a.period_anchor as "periodAnchor",
            a.suspended_at as "suspendedAt", a.monthly_overage_cap_cents as "monthlyOverageCapCents",
            a.erasing_since as "erasingSince", a.plan_overrides as "planOverrides", to_jsonb(p) - 'effective_from' as "planInForce"
     from api_keys k
     join accounts a on a.id = k.account_id
     left join lateral (
       select * from plans where plans.id = a.plan_id and plans.effective_from <= :now
       order by plans.effective_from desc limit 1
     ) p on true
     where k.hash = :hash`,
    { hash, now },
  );
  const [row] = rows;
  if (!row) return null;
  const {
    email,
    accountName,
    planId,
    periodAnchor,
    suspendedAt,
    monthlyOverageCapCents,
    erasingSince,
    planOverrides,
    planInForce,
    ...key
  } = row;
  if (!planInForce)
    throw new AppError('internal', `The plan ${planId} of account ${key.accountId} is not in force.`);
  return {
    // An account that is being erased has no key that works, whenever it was made.
    key: { ...key, revokedAt: erasingSince ?? key.revokedAt },
    account: {
      id: key.accountId,
      email,
      name: accountName,
      planId,
      periodAnchor,
      suspendedAt,
      monthlyOverageCapCents,
    },
    plan: applyOverrides(planInForce, planOverrides),
  };
}

/** Ends a key at `now`; false when the account has no such key. A key that is revoked stays revoked as of then. */
export async function revokeApiKey(
  db: Db,
  { accountId, id, now }: { accountId: string; id: string; now: Timestamp },
): Promise<boolean> {
  const changed = await db('api_keys')
    .where({ id, account_id: accountId })
    .update({ revoked_at: db.raw('coalesce(revoked_at, ?)', [now]) });
  return changed > 0;
}

/** The account's keys: first those that are not revoked, each kind newest first; at most 1,000. */
export async function listApiKeys(db: Db, accountId: string): Promise<ListedApiKey[]> {
  const { rows } = await db.raw<{ rows: ListedApiKey[] }>(
    `select ${LISTED_COLUMNS} from ${LISTED_TABLES} where k.account_id = :accountId
     order by k.revoked_at is not null, k.created_at desc, k.id limit 1000`,
    { accountId },
  );
  return rows;
}

/** A key of the account; null when it has none of this id. */
export async function findAccountKey(
  db: Db,
  { accountId, id }: { accountId: string; id: string },
): Promise<ListedApiKey | null> {
  const { rows } = await db.raw<{ rows: ListedApiKey[] }>(
    `select ${LISTED_COLUMNS} from ${LISTED_TABLES} where k.account_id = :accountId and k.id = :id`,
    { accountId, id },
  );
  return rows[0] ?? null;
}

/** Keys of any account that end in these four characters; at most 100. */
export async function findApiKeysByLastFour(db: Db, lastFour: string): Promise<ListedApiKey[]> {
  const { rows } = await db.raw<{ rows: ListedApiKey[] }>(
    `select ${LISTED_COLUMNS} from ${LISTED_TABLES} where k.last_four = :lastFour order by k.created_at desc, k.id limit 100`,
    { lastFour },
  );
  return rows;
}

/** The random part of a key or a source token. */
export function randomBody(): string {
  return Array.from({ length: API_KEY_BODY_LENGTH }, () =>
    BASE62_ALPHABET.charAt(randomInt(BASE62_ALPHABET.length)),
  ).join('');
}
