import type { Db } from '../db/connection';
import { countJobsByDay, measureFreshness } from '../db/freshness';
import { countGoodMinutes, findFirstProbe } from '../db/probeMinutes';
import { readWithin } from '../db/timedReads';
import {
  type Accuracy,
  COUNTED_DAYS,
  fillDays,
  minutesBefore,
  type ServiceStatus,
  UPTIME_DAYS,
  uptimeOf,
} from '../domain/serviceStatus';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';
import { remembered } from './remembered';

const MAX_AGE_MS = 60_000;
/** Of one statement, and of all. */
const TIMEOUT_MS = 5_000;
const DEADLINE_MS = 10_000;

/** Nothing compares jobs with their source yet, so nobody knows: neither all of them agree nor none. */
const NOTHING_COMPARED: Accuracy = { share: null, jobs: 0 };

/**
 * What the service tells of itself, measured once a minute at most, however many ask.
 * @throws AppError `unavailable` when the database takes too long.
 */
export function createStatusReader({
  db,
  now,
}: {
  db: Db;
  now: () => Timestamp;
}): () => Promise<ServiceStatus> {
  return remembered(() => readWithin(db, TIMEOUT_MS, (transaction) => measure(transaction, now())), {
    maxAgeMs: MAX_AGE_MS,
    deadlineMs: DEADLINE_MS,
    now,
  });
}

async function measure(db: Db, now: Timestamp): Promise<ServiceStatus> {
  const firstProbeAt = await findFirstProbe(db);
  const uptimeWithin = async (days: number) => {
    const span = minutesBefore(now, days);
    return uptimeOf(span, { firstProbeAt, goodMinutes: await countGoodMinutes(db, span) });
  };
  const firstDay = addMillis(now, -(COUNTED_DAYS - 1) * DAY_MS).slice(0, 10);
  return {
    measuredAt: now,
    uptime: {
      last24h: await uptimeWithin(UPTIME_DAYS.last24h),
      last30d: await uptimeWithin(UPTIME_DAYS.last30d),
      last90d: await uptimeWithin(UPTIME_DAYS.last90d),
    },
    freshness: await measureFreshness(db, now),
    accuracy: NOTHING_COMPARED,
    jobsPerDay: fillDays(now, await countJobsByDay(db, firstDay)),
  };
}
