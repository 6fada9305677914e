import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

/** One thing that was done. */
export interface AuditEntry {
  /** Later entries have larger ids. */
  id: number;
  occurredAt: Timestamp;
  actor: string;
  action: string;
  accountId: string | null;
  subject: string | null;
  details: object;
}

export interface AuditSearch {
  accountId?: string;
  /** The whole of it, or what stands before its colon: `operator` finds `operator:anna`, too. */
  actor?: string;
  action?: string;
  /** At or after. */
  from?: Timestamp;
  /** Before. */
  to?: Timestamp;
  /** Id of the last entry of the page before. */
  after?: number;
  limit: number;
}

/**
 * Entries of the audit log, latest first. Walks the index of the account, or of all entries, back from the latest: a page of long
 * ago costs the entries since.
 */
export async function listAuditEntries(db: Db, search: AuditSearch): Promise<AuditEntry[]> {
  const { accountId, actor, action, from, to, after, limit } = search;
  const query = db('audit_log')
    .select<AuditEntry[]>({
      id: 'id',
      occurredAt: 'occurred_at',
      actor: 'actor',
      action: 'action',
      accountId: 'account_id',
      subject: 'subject',
      details: 'details',
    })
    .orderBy('id', 'desc')
    .limit(limit);
  if (accountId !== undefined) void query.where('account_id', accountId);
  if (actor !== undefined) void query.whereRaw(`? in (actor, split_part(actor, ':', 1))`, [actor]);
  if (action !== undefined) void query.where('action', action);
  if (from !== undefined) void query.where('occurred_at', '>=', from);
  if (to !== undefined) void query.where('occurred_at', '<', to);
  if (after !== undefined) void query.where('id', '<', after);
  return await query;
}
