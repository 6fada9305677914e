import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { Db } from '../db/connection';
import {
  claimIdempotencyKey,
  findStoredAnswer,
  type IdempotentRequest,
  storeAnswer,
  type StoredAnswer,
} from '../db/idempotencyKeys';
import type { SecretBox } from '../db/secretBox';
import { AppError } from '../domain/errors';
import type { Timestamp } from '../domain/time';

const KEY = /^[\x20-\x7e]{1,255}$/;

/** On an answer that was given before and is given again. */
export const REPLAYED_HEADERS = { 'Idempotent-Replayed': 'true' } as const;

/** What documentation says of it. */
export const REPLAYED_MEANING = {
  'Idempotent-Replayed': '`true` on the answer to a request that was answered before.',
} as const;

/**
 * The request under the key that its Idempotency-Key header names; null when there is none.
 * @param digest of the body. @throws AppError `invalid_parameter` for a key that is empty, too long or not printable ASCII.
 */
export function readIdempotency(request: Request, owner: string, digest: Buffer): IdempotentRequest | null {
  const key = request.get('Idempotency-Key');
  if (key === undefined) return null;
  if (!KEY.test(key)) {
    const message = 'The Idempotency-Key is not 1 to 255 printable characters.';
    throw new AppError('invalid_parameter', message, { faults: [{ parameter: 'Idempotency-Key', message }] });
  }
  const route = `${request.method} ${request.context.route ?? ''} ${JSON.stringify(request.params)}\n`;
  return { owner, key, hash: createHash('sha256').update(route).update(digest).digest() };
}

/**
 * Does what the request asks in one transaction with keeping the answer: all of it or nothing, and once, however often the request
 * comes. Without an Idempotency-Key it is done each time.
 * @param secretBox in which the answer is kept, if it holds a secret.
 * @throws AppError `conflict` while the same request is under way, `idempotency_conflict` when the key came with another.
 */
export async function answerOnce<Answer extends StoredAnswer>(
  db: Db,
  request: IdempotentRequest | null,
  now: Timestamp,
  act: (transaction: Db) => Promise<Answer>,
  secretBox?: SecretBox,
): Promise<{ answer: Answer; isReplay: false } | { answer: StoredAnswer; isReplay: true }> {
  return await db.transaction(async (transaction) => {
    if (request) {
      await claimIdempotencyKey(transaction, request);
      const earlier = await findStoredAnswer(transaction, request, now, secretBox);
      if (earlier) return { answer: earlier, isReplay: true };
    }
    const answer = await act(transaction);
    if (request) await storeAnswer(transaction, request, answer, now, secretBox);
    return { answer, isReplay: false };
  });
}
