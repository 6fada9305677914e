import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import type { MinuteSpan } from '../domain/serviceStatus';
import type { Db } from './connection';

/** Longer than any span over which uptime is told. */
const KEPT_DAYS = 100;

/**
 * Notes how the API was found in a minute: one fact for all processes, good when any of them found it good. Minutes past keeping
 * go, but for the first one ever, since which the service is there.
 */
export async function noteProbe(
  db: Db,
  { minute, isGood }: { minute: Timestamp; isGood: boolean },
): Promise<void> {
  await db.raw(
    `with forgotten as (
       delete from probe_minutes where minute < :keptSince and minute > (select min(minute) from probe_minutes)
     )
     insert into probe_minutes (minute, is_good) values (:minute, :isGood)
     on conflict (minute) do update set is_good = true where excluded.is_good and not probe_minutes.is_good`,
    { minute, isGood, keptSince: addMillis(minute, -KEPT_DAYS * DAY_MS) },
  );
}

/** The first minute that was ever probed; null before it. */
export async function findFirstProbe(db: Db): Promise<Timestamp | null> {
  const { rows } = await db.raw<{ rows: { first: Timestamp | null }[] }>(
    `select min(minute) as first from probe_minutes`,
  );
  return rows[0]?.first ?? null;
}

/** Minutes of the span with a good probe. */
export async function countGoodMinutes(db: Db, { from, until }: MinuteSpan): Promise<number> {
  const { rows } = await db.raw<{ rows: { good: number }[] }>(
    `select count(*) as good from probe_minutes where minute >= :from and minute < :until and is_good`,
    { from, until },
  );
  return rows[0]?.good ?? 0;
}
