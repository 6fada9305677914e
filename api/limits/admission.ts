import type { Request, Response } from 'express';
import onHeaders from 'on-headers';
import type { KeyOwner } from '../../db/apiKeys';
import { callLimitsOf } from '../../domain/callLimits';
import { toMillis } from '../../domain/time';
import { countsAsCall } from '../../domain/usage';
import type { UsageRecorder } from '../metering/usageRecorder';
import type { CallLeases } from './callLeases';
import { createInFlight } from './inFlight';
import type { Holder } from './lease';
import { limitHeaders } from './limitHeaders';
import { accountSuspended, tooManyConcurrent } from './refusals';

/** What a request is charged with, until it is answered. */
export interface Charge {
  /** Reserves so many calls for it in all. @throws AppError `quota_exceeded` when there are fewer. */
  reserve: (calls: number) => Promise<void>;
  /** How many calls what was sent so far amounts to, of those reserved: for answers that may break off. */
  settle: (calls: number) => void;
}

export interface Admission {
  /**
   * Lets a request in under the limits of its account and key, tells them in headers, and keeps its usage once it is answered.
   * @throws AppError `too_many_concurrent`, `rate_limited`, `quota_exceeded`, `account_suspended`, `unavailable`.
   */
  admit: (
    exchange: { request: Request; response: Response },
    owner: KeyOwner,
    options: { isMetered: boolean },
  ) => Promise<Charge>;
}

export interface AdmissionOptions {
  leases: CallLeases;
  usage: Pick<UsageRecorder, 'record'>;
}

export function createAdmission({ leases, usage }: AdmissionOptions): Admission {
  const inFlight = createInFlight();
  const holders = new WeakMap<KeyOwner, Holder>();

  function holderOf(owner: KeyOwner): Holder {
    const known = holders.get(owner);
    if (known) return known;
    const { key, account, plan } = owner;
    const limits = callLimitsOf(plan, account, key);
    const hasOwn = limits.keyRequestsPerMinute !== null || limits.keyMaxCalls !== null;
    const holder = {
      accountId: account.id,
      keyId: hasOwn ? key.id : null,
      periodAnchor: account.periodAnchor,
      limits,
      isPaid: plan.monthly_price_cents !== 0,
    };
    holders.set(owner, holder);
    return holder;
  }

  return {
    async admit({ request, response }, owner, { isMetered }) {
      const { key, account } = owner;
      const { now, id: requestId, route } = request.context;
      const holder = holderOf(owner);
      const { limits } = holder;
      const isCounted = isMetered && key.kind === 'live';
      const startedAt = performance.now();
      const { periodStartsAt, periodEndsAt } = leases.standing(holder, now);
      let reserved = 0;
      let settled: number | null = null;

      onHeaders(response, () => {
        const standing = leases.standing(holder, now);
        const returning = countsAsCall(response.statusCode) ? 0 : reserved;
        const callsMade = standing.callsMade - returning;
        for (const [name, value] of limitHeaders(limits, { ...standing, callsMade }, toMillis(now))) {
          response.setHeader(name, value);
        }
      });
      const end = { isAnswered: false, isClosed: false };
      response.once('finish', () => {
        // Node says so, too, of a connection that was broken off with the answer still in it.
        end.isAnswered = !request.socket.destroyed;
      });
      response.once('close', () => {
        end.isClosed = true;
        const { isAnswered } = end;
        inFlight.leave(account.id);
        const status = response.statusCode;
        const calls = callsOf({ reserved, settled, counts: isAnswered && countsAsCall(status) });
        if (calls < reserved) leases.giveBack(holder, reserved - calls, now);
        if (!isAnswered && calls === 0) return;
        usage.record({
          at: now,
          requestId,
          accountId: account.id,
          keyId: key.id,
          route: `${request.method} ${route ?? ''}`,
          status,
          durationMs: Math.round(performance.now() - startedAt),
          calls,
          periodStartsAt,
          periodEndsAt,
          quota: limits.quota,
          isBlocked: limits.maxCalls === limits.quota,
        });
      });
      const underWay = inFlight.enter(account.id);
      const most = limits.requestsInFlight;
      if (most !== null && underWay > most) throw tooManyConcurrent(most);
      const isSuspended = isMetered && account.suspendedAt !== null;
      const first = isCounted && !isSuspended ? 1 : 0;
      await leases.take(holder, first, now);
      if (isMetered && account.suspendedAt !== null) throw accountSuspended(account.suspendedAt);
      // Whoever has left meanwhile is charged with nothing.
      if (end.isClosed) leases.giveBack(holder, first, now);
      else reserved = first;

      return {
        async reserve(calls) {
          if (!isCounted || calls <= reserved) return;
          const further = calls - reserved;
          await leases.takeCalls(holder, further, now);
          if (end.isClosed) leases.giveBack(holder, further, now);
          else reserved = calls;
        },
        settle(calls) {
          settled = calls;
        },
      };
    },
  };
}

/** Everybody is let in, and nothing kept: for what is measured or tested without limits. */
export const openAdmission: Admission = {
  admit: () => Promise.resolve({ reserve: () => Promise.resolve(), settle: () => undefined }),
};

/** An answer that counts is one call at least; of one that broke off, what was sent. */
function callsOf({
  reserved,
  settled,
  counts,
}: {
  reserved: number;
  settled: number | null;
  counts: boolean;
}): number {
  if (reserved === 0) return 0;
  const sent = Math.min(settled ?? (counts ? reserved : 0), reserved);
  return counts ? Math.max(1, sent) : sent;
}
