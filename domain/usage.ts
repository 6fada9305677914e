import type { Timestamp } from './time';

/** Percentages of the quota of which an account is told, once each a period. */
const NOTICE_PERCENTS = [50, 75, 90, 100] as const;

/** Of calls, and of answers that are no call: they say how to become one. */
const UNCOUNTED_FAILURES: ReadonlySet<number> = new Set([401, 402, 403, 429]);

/** Whether an answer of a metered route counts as a call (spec: accounts-and-billing.md): 200 and most failures of the caller's making. */
export function countsAsCall(status: number): boolean {
  if (status >= 200 && status < 300) return true;
  return status >= 400 && status < 500 && !UNCOUNTED_FAILURES.has(status);
}

/** Those percentages of a quota that are reached by going from one number of calls to another. */
export function noticesReached(before: number, after: number, quota: number): number[] {
  return NOTICE_PERCENTS.filter((percent) => {
    const calls = (quota * percent) / 100;
    return before < calls && after >= calls;
  });
}

/** What is kept of an answered request. */
export interface Usage {
  at: Timestamp;
  requestId: string;
  accountId: string;
  keyId: string;
  /** Method and declared path. */
  route: string;
  status: number;
  durationMs: number;
  /** How many calls it counts as. */
  calls: number;
  periodStartsAt: Timestamp;
  periodEndsAt: Timestamp;
  /** Calls that the plan includes; null: without limit. */
  quota: number | null;
  /** Whether the account is refused when the quota is used up. */
  isBlocked: boolean;
}
