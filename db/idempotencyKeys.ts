import { AppError } from '../domain/errors';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import type { Db } from './connection';

/** How long an answer is given again. */
const KEPT_MS = DAY_MS;
/** Expired answers removed with each new one. */
const REMOVED_AT_ONCE = 100;

/** A request that its caller may repeat without doing the thing twice. */
export interface IdempotentRequest {
  /** Account or source token: keys of different owners have nothing to do with each other. */
  owner: string;
  /** As the caller named it. */
  key: string;
  /** Of route and body. */
  hash: Buffer;
}

export interface StoredAnswer {
  status: number;
  body: object;
}

/**
 * The answer that this request was given within the last 24 h; null when there is none.
 * @throws AppError `idempotency_conflict` when the key came with another request then.
 */
export async function findStoredAnswer(
  db: Db,
  { owner, key, hash }: IdempotentRequest,
  now: Timestamp,
): Promise<StoredAnswer | null> {
  const { rows } = await db.raw<{ rows: { request_hash: Buffer; status: number; answer: object }[] }>(
    `select request_hash, status, answer from idempotency_keys
     where owner = :owner and key = :key and created_at > :since`,
    { owner, key, since: addMillis(now, -KEPT_MS) },
  );
  const [row] = rows;
  if (!row) return null;
  if (!row.request_hash.equals(hash)) {
    throw new AppError(
      'idempotency_conflict',
      'This Idempotency-Key came with another request within the last 24 hours. Use a new key for a new request.',
    );
  }
  return { status: row.status, body: row.answer };
}

/**
 * Holds the key for this request until the transaction ends; then `findStoredAnswer` tells whether the request was made before.
 * @throws AppError `conflict` when a request with the key is under way.
 */
export async function claimIdempotencyKey(db: Db, { owner, key }: IdempotentRequest): Promise<void> {
  const { rows } = await db.raw<{ rows: { claimed: boolean }[] }>(
    `select pg_try_advisory_xact_lock(hashtextextended(cast(:name as text), 0)) as claimed`,
    { name: `idempotency:${owner}:${key}` },
  );
  if (rows[0]?.claimed === true) return;
  throw new AppError(
    'conflict',
    'A request with this Idempotency-Key is under way. Repeat it in a moment to get its answer.',
  );
}

/** Keeps the answer, in the transaction that did what it tells of; forgets some that have expired. */
export async function storeAnswer(
  db: Db,
  { owner, key, hash }: IdempotentRequest,
  { status, body }: StoredAnswer,
  now: Timestamp,
): Promise<void> {
  await db.raw(
    `with expired as (
       select owner, key from idempotency_keys
       where created_at <= :since and (owner, key) <> (:owner, :key)
       order by created_at limit :removedAtOnce for update skip locked
     ), removed as (
       delete from idempotency_keys k using expired e where k.owner = e.owner and k.key = e.key
     )
     insert into idempotency_keys (owner, key, request_hash, status, answer, created_at)
     values (:owner, :key, :hash, :status, :answer, :now)
     on conflict (owner, key) do update
       set request_hash = excluded.request_hash, status = excluded.status, answer = excluded.answer,
           created_at = excluded.created_at`,
    {
      owner,
      key,
      hash,
      status,
      answer: JSON.stringify(body),
      now,
      since: addMillis(now, -KEPT_MS),
      removedAtOnce: REMOVED_AT_ONCE,
    },
  );
}
