import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

/** Something that somebody did to an account or to the platform. */
export interface Act {
  /** Who did it: `key:<id>` for an account, `operator` or `operator:<name>`, `cli`, `system` for the product itself. */
  actor: string;
  /** What was done, as `<thing>.<past participle>`: `key.created`, `account.suspended`. */
  action: string;
  /** The account concerned; null when it is none's. */
  accountId: string | null;
  /** Id of what was acted on, where that is not the account itself. */
  subject?: string | null;
  /** What changed, in a few members. No secret and nothing that identifies a person: it outlives the account. */
  details?: object;
  now: Timestamp;
}

/** Keeps that it was done, in the transaction that does it: both or neither. */
export async function recordAct(
  db: Db,
  { actor, action, accountId, subject = null, details = {}, now }: Act,
): Promise<void> {
  await db.raw(
    `insert into audit_log (occurred_at, actor, action, account_id, subject, details)
     values (:now, :actor, :action, :accountId, :subject, :details)`,
    { now, actor, action, accountId, subject, details: JSON.stringify(details) },
  );
}
