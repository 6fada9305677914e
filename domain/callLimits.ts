import type { Plan } from './plan';

/** What may be asked by an account, or by one of its keys. Null: without limit. */
export interface CallLimits {
  requestsPerMinute: number | null;
  requestsInFlight: number | null;
  /** Calls of the period that the plan includes. */
  quota: number | null;
  /** Calls of the period after which the account is refused: those included, and those it has agreed to pay for. */
  maxCalls: number | null;
  /** The key's own, where it has any. */
  keyRequestsPerMinute: number | null;
  keyMaxCalls: number | null;
  /** Units that a process takes at a time; 1 makes a limit exact whatever happens to the process. */
  block: number;
}

/** Of a minute's requests, the part that a process takes at a time. */
const BLOCKS_PER_MINUTE = 10;
/** Of those that may ask as often as they like. */
const BLOCK_WITHOUT_LIMIT = 100;
/** With so few requests a minute every unit is drawn by itself. */
const FEW_REQUESTS = 20;

/** The limits of a plan, with the account's own cap on what it pays beyond the plan, and a key's own limits. */
export function callLimitsOf(
  plan: Pick<Plan, 'monthly_calls' | 'overage_cents_per_call' | 'requests_per_minute' | 'requests_in_flight'>,
  account: { monthlyOverageCapCents: number | null },
  key: { requestsPerMinute: number | null; monthlyCalls: number | null },
): CallLimits {
  const {
    monthly_calls: quota,
    overage_cents_per_call: callCents,
    requests_per_minute: requestsPerMinute,
  } = plan;
  const maxCalls = quota === null ? null : lastCall(quota, callCents, account.monthlyOverageCapCents);
  const endsAtQuota = quota !== null && callCents === null;
  return {
    requestsPerMinute,
    requestsInFlight: plan.requests_in_flight,
    quota,
    maxCalls,
    keyRequestsPerMinute: key.requestsPerMinute,
    keyMaxCalls: key.monthlyCalls,
    block: endsAtQuota ? 1 : blockOf(requestsPerMinute),
  };
}

/** Calls of a period after which an account is refused. Null where calls beyond the quota are paid without a cap. */
export function lastCall(quota: number, callCents: number | null, capCents: number | null): number | null {
  if (callCents === null) return quota;
  if (capCents === null || callCents === 0) return null;
  return quota + Math.floor(capCents / callCents);
}

function blockOf(requestsPerMinute: number | null): number {
  if (requestsPerMinute === null) return BLOCK_WITHOUT_LIMIT;
  return requestsPerMinute <= FEW_REQUESTS ? 1 : Math.floor(requestsPerMinute / BLOCKS_PER_MINUTE);
}
