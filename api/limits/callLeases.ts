import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  drawUnits,
  removeProcess,
  reportProcess,
  returnUnits,
  type Units,
  type UnitsReturned,
} from '../../db/callLimits';
import type { Db } from '../../db/connection';
import { isDatabaseUnavailable } from '../../db/errors';
import { billingPeriodAt } from '../../domain/billingPeriod';
import { MINUTE_MS, type Timestamp } from '../../domain/time';
import { databaseAway, withPatience } from '../../db/patience';
import {
  addDrawn,
  blockOf,
  endShare,
  haveSameTerms,
  type Holder,
  holds,
  isLow,
  type Lease,
  nameOf,
  newLease,
  type Standing,
  standingOf,
  take,
  takeShare,
  unitsOf,
  type Waiter,
} from './lease';
import { quotaExceeded, rateLimited } from './refusals';

const ROUND_MS = 250;
/** Units that nobody has used for so long go back: another process may need them. */
const IDLE_MS = 5_000;
/** A lease without units is forgotten after so long. */
const FORGOTTEN_MS = 5 * MINUTE_MS;
/** Others may have given units back meanwhile. */
const ASK_AGAIN_MS = 250;
/** Postgres is left alone for so long after it was away. */
const REST_MS = 1_000;
/** Of one request that takes many calls. */
const DRAWS_AT_MOST = 3;
const REPORT_EVERY_MS = 2_000;
const ALIVE_FOR_MS = 10_000;

export interface LeaseOptions {
  db: Db;
  /** Of this process, among all that serve the API. */
  processId: string;
  logger: Logger;
}

export interface CallLeases {
  /**
   * Takes a request, and a call unless `calls` is 0, from the holder's limits.
   * @throws AppError `rate_limited`; `quota_exceeded` when the request was taken and there is no call; `unavailable`.
   */
  take: (holder: Holder, calls: 0 | 1, now: Timestamp) => Promise<void>;
  /** Takes further calls, all or none. @throws AppError `quota_exceeded`, `unavailable`. */
  takeCalls: (holder: Holder, calls: number, now: Timestamp) => Promise<void>;
  /** Calls that were taken at `now` and turned out not to count. */
  giveBack: (holder: Holder, calls: number, now: Timestamp) => void;
  standing: (holder: Holder, now: Timestamp) => Standing;
  start: () => void;
  /** Gives back everything. */
  close: () => Promise<void>;
}

/**
 * Draws units of limits from Postgres in blocks and hands them out: small plans' one by one, so that their limits are exact across processes;
 * larger ones' so that most requests wait for nothing. Units that are not used go back.
 */
export function createCallLeases({ db, processId, logger }: LeaseOptions): CallLeases {
  const leases = new Map<string, Lease>();
  const toReturn: UnitsReturned[] = [];
  const closing = new AbortController();
  let awayUntil = -Infinity;
  let running: Promise<void> | null = null;

  function leaseOf(holder: Holder, now: Timestamp): Lease {
    const name = nameOf(holder);
    const known = leases.get(name);
    if (!known) {
      const made = newLease(holder, now);
      leases.set(name, made);
      return made;
    }
    if (!haveSameTerms(known.holder, holder)) adopt(known, holder);
    // Never back: a request may still be under way that came before the period ended.
    if (now >= known.period.endsAt) enterPeriod(known, now);
    return known;
  }

  /** Other terms than before: what is at hand may be too much, and what was refused may be granted. */
  function adopt(lease: Lease, holder: Holder): void {
    const isMoved = lease.holder.periodAnchor !== holder.periodAnchor;
    if (lease.aloneSince === null) collect(lease, { withUnits: true });
    lease.holder = holder;
    lease.noRequestsUntil = -Infinity;
    lease.noCallsUntil = -Infinity;
    // A period that now holds no moment is entered anew.
    if (isMoved) lease.period = { ...lease.period, endsAt: lease.period.startsAt };
  }

  function enterPeriod(lease: Lease, now: Timestamp): void {
    if (lease.calls > 0 && lease.aloneSince === null) toReturn.push({ ...unitsOf(lease), requests: 0 });
    lease.calls = 0;
    lease.noCallsUntil = -Infinity;
    lease.callsDrawnInPeriod = 0;
    lease.period = billingPeriodAt(lease.holder.periodAnchor, now);
  }

  async function takeUnits(holder: Holder, calls: 0 | 1, now: Timestamp): Promise<void> {
    const lease = leaseOf(holder, now);
    const at = performance.now();
    lease.usedAt = at;
    if (at >= lease.requestsUntil) lease.requests = 0;
    if (!holds(lease, calls, at)) {
      if (lease.requests === 0 && at < lease.noRequestsUntil) throw rateLimited(lease, at);
      if (lease.requests > 0 && at < lease.noCallsUntil) {
        take(lease, 0);
        throw quotaExceeded(lease);
      }
      await new Promise<void>((resolve, reject) => {
        lease.waiting.push({ calls, now, resolve, reject });
        if (!lease.isDrawing) void serveWaiting(lease);
      });
      return;
    }
    take(lease, calls);
    if (isLow(lease, calls) && !lease.isDrawing && at >= awayUntil) void topUp(lease, calls);
  }

  /** Draws for all that wait, round after round: who comes while one is under way is in the next. */
  async function serveWaiting(lease: Lease): Promise<void> {
    lease.isDrawing = true;
    while (lease.waiting.length > 0) {
      const waiters = lease.waiting.splice(0);
      const { period } = lease;
      const calls = waiters.filter((waiter) => waiter.calls === 1).length;
      try {
        await draw(lease, {
          needed: { requests: waiters.length, calls },
          block: blockOf(lease, { withCalls: calls > 0 }),
        });
      } catch (error) {
        if (!goOnAlone(lease, error, waiters)) {
          for (const { reject } of waiters) reject(error);
          continue;
        }
      }
      // What was drawn is of no use to a period that began meanwhile.
      if (lease.period === period) serve(lease, waiters);
      else lease.waiting.push(...waiters);
    }
    lease.isDrawing = false;
  }

  function serve(lease: Lease, waiters: readonly Waiter[]): void {
    const at = performance.now();
    for (const waiter of waiters) {
      const { calls, resolve, reject } = waiter;
      if (at >= lease.requestsUntil) {
        // The minute ended while they were drawn.
        lease.waiting.push(waiter);
      } else if (holds(lease, calls, at)) {
        take(lease, calls);
        resolve();
      } else if (lease.requests === 0) {
        // Of a plan whose units are drawn one by one none comes back within the minute.
        lease.noRequestsUntil =
          lease.holder.limits.block === 1
            ? lease.requestsUntil
            : Math.min(lease.requestsUntil, at + ASK_AGAIN_MS);
        reject(rateLimited(lease, at));
      } else {
        lease.noCallsUntil = at + ASK_AGAIN_MS;
        take(lease, 0);
        reject(quotaExceeded(lease));
      }
    }
  }

  async function topUp(lease: Lease, calls: 0 | 1): Promise<void> {
    lease.isDrawing = true;
    try {
      await draw(lease, {
        needed: { requests: 0, calls: 0 },
        block: blockOf(lease, { withCalls: calls > 0 }),
      });
    } catch (error) {
      // Nobody waits: who finds no units will try again.
      if (!isDatabaseUnavailable(error)) logger.error({ err: error }, 'units could not be drawn ahead');
    }
    lease.isDrawing = false;
    if (lease.waiting.length > 0) await serveWaiting(lease);
  }

  async function draw(lease: Lease, { needed, block }: { needed: Units; block: Units }): Promise<void> {
    const { holder, period } = lease;
    const askedAt = performance.now();
    if (holder.isPaid && askedAt < awayUntil) throw databaseAway();
    const { accountId, keyId, limits } = holder;
    if (toReturn.some((units) => units.accountId === accountId)) await sendBack();
    const asking = drawUnits(db, { accountId, keyId, limits, period, needed, block });
    try {
      const drawn = await (holder.isPaid ? withPatience(asking) : asking);
      addDrawn(lease, lease.period === period ? drawn : { ...drawn, calls: 0 }, askedAt);
    } catch (error) {
      if (isDatabaseUnavailable(error)) awayUntil = performance.now() + REST_MS;
      throw error;
    }
  }

  /** Without Postgres, who pays goes on under this process's share of the limits; who does not is told to come back. */
  function goOnAlone(lease: Lease, error: unknown, waiters: readonly Waiter[]): boolean {
    const now = waiters.at(-1)?.now;
    if (!isDatabaseUnavailable(error) || !lease.holder.isPaid || now === undefined) return false;
    takeShare(lease, now);
    return true;
  }

  async function takeCalls(holder: Holder, calls: number, now: Timestamp): Promise<void> {
    const lease = leaseOf(holder, now);
    // Others may take some of what was drawn for this one.
    for (let attempt = 0; attempt < DRAWS_AT_MOST && lease.calls < calls; attempt += 1) {
      const needed = { requests: 0, calls: calls - lease.calls };
      await draw(lease, { needed, block: { requests: 0, calls: 0 } });
    }
    if (lease.calls < calls) throw quotaExceeded(lease, calls);
    lease.calls -= calls;
  }

  function giveBack(holder: Holder, calls: number, now: Timestamp): void {
    const lease = leases.get(nameOf(holder));
    if (!lease || now < lease.period.startsAt || now >= lease.period.endsAt) return;
    lease.calls += calls;
    if (lease.aloneSince !== null) lease.callsOwed -= calls;
  }

  async function run(): Promise<void> {
    let reportedAt = -Infinity;
    while (!closing.signal.aborted) {
      try {
        if (performance.now() - reportedAt >= REPORT_EVERY_MS) {
          await reportProcess(db, { id: processId, aliveForMs: ALIVE_FOR_MS });
          reportedAt = performance.now();
          for (const lease of leases.values()) endShare(lease);
        }
        await returnIdle();
      } catch (error) {
        if (!isDatabaseUnavailable(error)) logger.error({ err: error }, 'limits could not be looked after');
      }
      await delay(ROUND_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  async function returnIdle(): Promise<void> {
    const at = performance.now();
    for (const [name, lease] of leases) {
      if (lease.isDrawing || lease.aloneSince !== null) continue;
      const idleMs = at - lease.usedAt;
      const isIdle = idleMs >= IDLE_MS || lease.holder.limits.block === 1;
      if (isIdle || lease.callsOwed !== 0) collect(lease, { withUnits: isIdle });
      if (idleMs >= FORGOTTEN_MS) leases.delete(name);
    }
    await sendBack();
  }

  function collect(lease: Lease, { withUnits }: { withUnits: boolean }): void {
    const units = unitsOf(lease);
    const requests = withUnits && performance.now() < lease.requestsUntil ? units.requests : 0;
    const calls = (withUnits ? units.calls : 0) - lease.callsOwed;
    if (withUnits) {
      lease.requests = 0;
      lease.calls = 0;
    }
    lease.callsOwed = 0;
    if (requests !== 0 || calls !== 0) toReturn.push({ ...units, requests, calls });
  }

  /** Whether they arrived may be unknown: units are then lost rather than given back twice, while calls that are owed are told again. */
  async function sendBack(): Promise<void> {
    const sending = toReturn.splice(0);
    try {
      await returnUnits(db, sending);
    } catch (error) {
      toReturn.push(...sending.filter(({ calls }) => calls < 0));
      throw error;
    }
  }

  return {
    take: takeUnits,
    takeCalls,
    giveBack,
    standing: (holder, now) => standingOf(leaseOf(holder, now)),
    start() {
      running ??= run();
    },
    async close() {
      closing.abort();
      await running;
      try {
        for (const lease of leases.values()) collect(lease, { withUnits: true });
        await sendBack();
        await removeProcess(db, processId);
      } catch (error) {
        if (!isDatabaseUnavailable(error)) throw error;
      }
    },
  };
}
