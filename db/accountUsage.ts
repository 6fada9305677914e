import type { UsageInterval } from '../domain/accountUsage';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

/** Of which usage is told: whole hours of a span, or a billing period. */
export type UsageScope = { from: Timestamp; to: Timestamp } | { periodStartsAt: Timestamp };

export interface UsageRow {
  intervalStart: Timestamp;
  /** Method and declared path. */
  route: string;
  keyId: string;
  /** Null when the key is not kept any more. */
  keyLastFour: string | null;
  keyName: string | null;
  /** 2 for 200 to 299 and so on. */
  statusClass: number;
  requests: number;
  /** Calls that count against the quota. */
  calls: number;
}

/** An account's usage by time, route, key and class of status, the oldest first; at most `most` rows. Intervals begin in UTC. */
export async function readUsage(
  db: Db,
  {
    accountId,
    scope,
    interval,
    most,
  }: { accountId: string; scope: UsageScope; interval: UsageInterval; most: number },
): Promise<UsageRow[]> {
  const within =
    'periodStartsAt' in scope ? 'u.period_starts_at = :periodStartsAt' : 'u.hour >= :from and u.hour < :to';
  const { rows } = await db.raw<{ rows: UsageRow[] }>(
    `select s.interval_start as "intervalStart", s.route, s.key_id as "keyId", k.last_four as "keyLastFour",
            k.name as "keyName", s.status_class as "statusClass", s.requests, s.calls
     from (
       select date_trunc(:interval, u.hour) as interval_start, u.route, u.key_id, u.status_class,
              sum(u.requests)::bigint as requests, sum(u.calls)::bigint as calls
       from usage_hours u where u.account_id = :accountId and ${within}
       group by 1, 2, 3, 4 order by 1, 2, 3, 4 limit :most
     ) s
     left join api_keys k on k.id = s.key_id
     order by s.interval_start, s.route, s.key_id, s.status_class`,
    { accountId, interval, most, ...scope },
  );
  return rows;
}
