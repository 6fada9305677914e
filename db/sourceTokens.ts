import { randomUUID } from 'node:crypto';
import { formatSourceToken } from '../domain/apiKey';
import { AppError } from '../domain/errors';
import type { Timestamp } from '../domain/time';
import { hashApiKey, randomBody } from './apiKeys';
import type { Db } from './connection';

/** A source that pushes, as its token shows it. */
export interface PushSource {
  id: string;
  /** Its own mapping document; null when each posting's is picked from those shipped. */
  mapping: unknown;
  paused: boolean;
}

/** A token with the source it is for. */
export interface TokenOwner {
  token: { id: string; revokedAt: Timestamp | null };
  source: PushSource;
}

interface NewSourceToken {
  sourceId: string;
  /** End the source's other tokens with the same stroke. */
  revokeOthers?: boolean;
  /** The server's secret under which tokens are hashed. */
  pepper: string;
  now: Timestamp;
}

/**
 * Makes a token with which a source pushes. The secret is returned here and never again.
 * @throws AppError `not_found` when there is no such source; `conflict` when it does not push.
 */
export async function issueSourceToken(
  db: Db,
  { sourceId, revokeOthers = false, pepper, now }: NewSourceToken,
): Promise<{ id: string; secret: string; lastFour: string }> {
  return await db.transaction(async (transaction) => {
    await refuseOtherKinds(transaction, sourceId);
    if (revokeOthers) await revokeSourceTokens(transaction, sourceId, now);
    const id = randomUUID();
    const secret = formatSourceToken(randomBody());
    const lastFour = secret.slice(-4);
    await transaction.raw(
      `insert into source_tokens (id, source_id, hash, last_four, created_at)
       values (:id, :sourceId, :hash, :lastFour, :now)`,
      { id, sourceId, hash: hashApiKey(secret, pepper), lastFour, now },
    );
    return { id, secret, lastFour };
  });
}

/** Ends all tokens of a source at `now`. */
export async function revokeSourceTokens(db: Db, sourceId: string, now: Timestamp): Promise<void> {
  await db.raw(
    `update source_tokens set revoked_at = :now where source_id = :sourceId and revoked_at is null`,
    { sourceId, now },
  );
}

/** Whether the source has a token that is not revoked. */
export async function hasSourceToken(db: Db, sourceId: string): Promise<boolean> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `select from source_tokens where source_id = :sourceId and revoked_at is null limit 1`,
    { sourceId },
  );
  return rows.length > 0;
}

async function refuseOtherKinds(db: Db, sourceId: string): Promise<void> {
  const { rows } = await db.raw<{ rows: { kind: string }[] }>(
    `select kind from sources where id = :sourceId and removed_at is null for update`,
    { sourceId },
  );
  const [source] = rows;
  if (!source) throw new AppError('not_found', `There is no source ${sourceId.slice(0, 100)}.`);
  if (source.kind !== 'push') {
    throw new AppError(
      'conflict',
      `Source ${sourceId} is of kind ${source.kind}; tokens are for sources that push.`,
    );
  }
}

interface TokenRow {
  id: string;
  revoked_at: Timestamp | null;
  source_id: string;
  mapping: unknown;
  paused: boolean;
}

/** The token of that hash (`hashApiKey`) with its source; also when it is revoked. Null when there is none, or its source is removed. */
export async function findSourceToken(db: Db, hash: Buffer): Promise<TokenOwner | null> {
  const { rows } = await db.raw<{ rows: TokenRow[] }>(
    `select t.id, t.revoked_at, s.id as source_id, s.mapping, s.paused
     from source_tokens t join sources s on s.id = t.source_id
     where t.hash = :hash and s.kind = 'push' and s.removed_at is null`,
    { hash },
  );
  const [row] = rows;
  if (!row) return null;
  return {
    token: { id: row.id, revokedAt: row.revoked_at },
    source: { id: row.source_id, mapping: row.mapping, paused: row.paused },
  };
}
