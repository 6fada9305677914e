import type { Plan } from '../plan';
import type { Timestamp } from '../time';

export const ENDPOINT_STATUSES = ['active', 'failing', 'resting', 'held', 'paused', 'disabled'] as const;
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];

/** Who or what has disabled an endpoint: its owner, an answer of 410, or days of failures. */
export type DisabledReason = 'owner' | 'gone' | 'failing';

/** What is kept of how an endpoint does. */
export interface EndpointState {
  disabledAt: Timestamp | null;
  disabledReason: DisabledReason | null;
  failuresInARow: number;
  restingUntil: Timestamp | null;
  heldUntil: Timestamp | null;
}

/** What an endpoint owes to its account. */
export interface AccountStanding {
  suspendedAt: Timestamp | null;
  plan: Pick<Plan, 'name' | 'webhook_endpoints'>;
  /** The smallest plan that has webhooks, where the account's has none. */
  planWithWebhooks: string | null;
}

/** How an endpoint stands, and in a sentence or two why, with the way out; null where all is well. */
export function endpointStatus(
  state: EndpointState,
  standing: AccountStanding,
  now: Timestamp,
): { status: EndpointStatus; reason: string | null } {
  if (state.disabledAt !== null) return { status: 'disabled', reason: whyDisabled(state) };
  const pause = whyPaused(standing);
  if (pause !== null) return { status: 'paused', reason: pause };
  const { heldUntil, restingUntil, failuresInARow } = state;
  if (heldUntil !== null && heldUntil > now) {
    return { status: 'held', reason: `It has asked to be left alone until ${heldUntil}.` };
  }
  if (failuresInARow === 0) return { status: 'active', reason: null };
  const failures = `It has failed ${failuresInARow} ${failuresInARow === 1 ? 'time' : 'times'} in a row.`;
  if (restingUntil === null) {
    return { status: 'failing', reason: `${failures} What failed is tried again later.` };
  }
  return {
    status: 'resting',
    reason:
      `${failures} Its oldest event is tried again after ${restingUntil}; the first success wakes the others. ` +
      'Once it is mended, a PATCH with "enabled": true has them sent at once.',
  };
}

/** Whether an account may have endpoints at all. */
export function hasWebhooks(plan: Pick<Plan, 'webhook_endpoints'>): boolean {
  return plan.webhook_endpoints !== 0;
}

const ENABLING =
  'PATCH it with "enabled": true to have events sent again; what failed meanwhile can be recovered.';

function whyDisabled({ disabledAt, disabledReason }: EndpointState): string {
  const since = disabledAt ?? '';
  switch (disabledReason) {
    case 'gone':
      return `It answered 410 on ${since}, which says that it wants no more. ${ENABLING}`;
    case 'failing':
      return `It had failed for days without a success by ${since}. ${ENABLING}`;
    default:
      return `You have disabled it on ${since}; events since then are not kept for it. PATCH it with "enabled": true to go on.`;
  }
}

function whyPaused({ suspendedAt, plan, planWithWebhooks }: AccountStanding): string | null {
  if (suspendedAt !== null) {
    return (
      `The account has been suspended since ${suspendedAt}; see GET /account for whom to write to. ` +
      'What comes due meanwhile is kept to be recovered.'
    );
  }
  if (hasWebhooks(plan)) return null;
  const way =
    planWithWebhooks === null ? 'a plan that has them' : `the ${planWithWebhooks} plan or a larger one`;
  return `The ${plan.name} plan has no webhooks: ${way} resumes it. What comes due meanwhile is kept to be recovered.`;
}
