import { heartbeat } from '@temporalio/activity';
import {
  pruneDeliveries,
  pruneMatchingChanges,
  prunePayloads,
  pruneRequestLog,
  pruneToldJobs,
  pruneUsageBatches,
} from '../db/accountRetention';
import type { Db } from '../db/connection';
import { addMillis, DAY_MS, type Timestamp } from '../domain/time';

export interface AccountRetentionServices {
  db: Db;
  now: () => Timestamp;
}

/** Rows removed. */
export interface PruneReport {
  requests: number;
  usageBatches: number;
  deliveries: number;
  payloads: number;
  toldJobs: number;
  matchingChanges: number;
}

const REQUEST_LOG_DAYS = 90;
/** A batch of usage that a process kept is brought within this time, or would count again. */
const USAGE_BATCH_DAYS = 30;
const DELIVERY_DAYS = 30;

export type AccountRetentionActivities = ReturnType<typeof createAccountRetentionActivities>;

export function createAccountRetentionActivities({ db, now }: AccountRetentionServices) {
  /** Forgets what is kept about requests and deliveries for a time only, in slices that hold nobody up. */
  async function pruneAccountRecords(): Promise<PruneReport> {
    const daysAgo = (days: number) => addMillis(now(), -days * DAY_MS);
    const logBegins = daysAgo(REQUEST_LOG_DAYS);
    const batchesBegin = daysAgo(USAGE_BATCH_DAYS);
    const deliveriesBegin = daysAgo(DELIVERY_DAYS);
    return {
      requests: await untilNoneIsLeft(() => pruneRequestLog(db, logBegins)),
      usageBatches: await untilNoneIsLeft(() => pruneUsageBatches(db, batchesBegin)),
      deliveries: await untilNoneIsLeft(() => pruneDeliveries(db, deliveriesBegin)),
      payloads: await untilNoneIsLeft(() => prunePayloads(db, deliveriesBegin)),
      toldJobs: await untilNoneIsLeft(() => pruneToldJobs(db, now())),
      matchingChanges: await untilNoneIsLeft(() => pruneMatchingChanges(db)),
    };
  }

  return { pruneAccountRecords };
}

async function untilNoneIsLeft(removeSlice: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (let slice = -1; slice !== 0;) {
    slice = await removeSlice();
    removed += slice;
    heartbeat(removed);
  }
  return removed;
}
