import { createHmac } from 'node:crypto';
import { isIPv6, SocketAddress } from 'node:net';
import { HOUR_MS, toMillis, toTimestamp, type Timestamp } from '../domain/time';
import type { Db } from './connection';

/** Who asks, as far as is counted: what is stored of it is a keyed hash. */
export type Asker =
  { kind: 'signup-address' | 'recovery-address'; address: string } | { kind: 'signup-email'; email: string };

/**
 * Counts one more request of this asker in the clock hour, and gives how many there were with it.
 * @param pepper the server's secret under which askers are hashed.
 */
export async function countRequest(
  db: Db,
  { asker, pepper, now }: { asker: Asker; pepper: string; now: Timestamp },
): Promise<number> {
  const { rows } = await db.raw<{ rows: { asked: number }[] }>(
    `insert into signup_counts as c (asker, hour, asked) values (:asker, :hour, 1)
     on conflict (asker, hour) do update set asked = c.asked + 1
     returning asked`,
    { asker: createHmac('sha256', pepper).update(nameOf(asker)).digest(), hour: hourOf(now) },
  );
  if (!rows[0]) throw new Error('The request could not be counted.');
  return rows[0].asked;
}

/** Seconds until the next clock hour, in which counting begins anew. */
export function secondsToNextHour(now: Timestamp): number {
  return Math.ceil((HOUR_MS - (toMillis(now) % HOUR_MS)) / 1_000);
}

/** Forgets the hours that are past; at most 1,000 counts. */
export async function forgetPastHours(db: Db, now: Timestamp): Promise<void> {
  await db.raw(
    `delete from signup_counts where (asker, hour) in (
       select asker, hour from signup_counts where hour < :hour order by hour limit 1000 for update skip locked
     )`,
    { hour: hourOf(now) },
  );
}

function hourOf(now: Timestamp): Timestamp {
  const ms = toMillis(now);
  return toTimestamp(ms - (ms % HOUR_MS));
}

function nameOf(asker: Asker): string {
  if (asker.kind === 'signup-email') return `${asker.kind}:${asker.email.toLowerCase()}`;
  return `${asker.kind}:${networkOf(asker.address)}`;
}

/** Of IPv6 the first four groups: a household has that many addresses, and may choose among them. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const short = new SocketAddress({ address, family: 'ipv6' }).address;
  const [head = '', tail = ''] = short.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
