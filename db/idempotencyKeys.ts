import { AppError } from '../domain/errors';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import type { Db } from './connection';
import type { SecretBox } from './secretBox';

/** How long an answer is given again. */
const KEPT_MS = DAY_MS;
/** Expired answers removed with each new one: they do not pile up while nothing else removes them. */
const REMOVED_WITH_EACH = 100;

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

interface AnswerRow {
  request_hash: Buffer;
  status: number;
  answer: object | null;
  sealed_answer: Buffer | null;
}

/**
 * The answer that this request was given within the last 24 h; null when there is none.
 * @param secretBox with which it was stored, if it holds a secret.
 * @throws AppError `idempotency_conflict` when the key came with another request then.
 */
export async function findStoredAnswer(
  db: Db,
  request: IdempotentRequest,
  now: Timestamp,
  secretBox?: SecretBox,
): Promise<StoredAnswer | null> {
  const { owner, key, hash } = request;
  const { rows } = await db.raw<{ rows: AnswerRow[] }>(
    `select request_hash, status, answer, sealed_answer from idempotency_keys
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
  return { status: row.status, body: row.answer ?? unsealed(row.sealed_answer, request, secretBox) };
}

function unsealed(sealed: Buffer | null, request: IdempotentRequest, secretBox?: SecretBox): object {
  if (!sealed || !secretBox) throw new AppError('internal', 'The answer cannot be had without its key.');
  return JSON.parse(secretBox.open(sealed, boxContext(request))) as object;
}

/** What the box of an answer is bound to. */
function boxContext({ owner, key }: IdempotentRequest): string {
  return `idempotency:${owner}:${key}`;
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

/**
 * Keeps the answer, in the transaction that did what it tells of; forgets some that have expired.
 * @param secretBox in which to keep it, if it holds a secret.
 */
export async function storeAnswer(
  db: Db,
  request: IdempotentRequest,
  { status, body }: StoredAnswer,
  now: Timestamp,
  secretBox?: SecretBox,
): Promise<void> {
  const { owner, key, hash } = request;
  const text = JSON.stringify(body);
  await db.raw(
    `with expired as (
       select owner, key from idempotency_keys
       where created_at <= :since and (owner, key) <> (:owner, :key)
       order by created_at limit :removedWithEach for update skip locked
     ), removed as (
       delete from idempotency_keys k using expired e where k.owner = e.owner and k.key = e.key
     )
     insert into idempotency_keys (owner, key, request_hash, status, answer, sealed_answer, created_at)
     values (:owner, :key, :hash, :status, :answer, :sealed, :now)
     on conflict (owner, key) do update
       set request_hash = excluded.request_hash, status = excluded.status, answer = excluded.answer,
           sealed_answer = excluded.sealed_answer, created_at = excluded.created_at`,
    {
      owner,
      key,
      hash,
      status,
      answer: secretBox ? null : text,
      sealed: secretBox?.seal(text, boxContext(request)) ?? null,
      now,
      since: addMillis(now, -KEPT_MS),
      removedWithEach: REMOVED_WITH_EACH,
    },
  );
}

/** Removes up to `most` answers that are no longer given again, secrets among them. Gives how many they were. */
export async function removeExpiredAnswers(
  db: Db,
  { now, most }: { now: Timestamp; most: number },
): Promise<number> {
  const { rowCount } = await db.raw<{ rowCount: number }>(
    `with expired as (
       select owner, key from idempotency_keys where created_at <= :since
       order by created_at limit :most for update skip locked
     )
     delete from idempotency_keys k using expired e where k.owner = e.owner and k.key = e.key`,
    { since: addMillis(now, -KEPT_MS), most },
  );
  return rowCount;
}
