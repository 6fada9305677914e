import { API_KEY_SCOPES, type ApiKeyKind, type ApiKeyScope } from './apiKey';
import type { FieldFault } from './errors';
import type { Plan } from './plan';
import { DAY_MS, toMillis, type Timestamp } from './time';

/** Keys of an account that work and are not replaced, whatever its plan. */
export const MAX_KEYS_IN_EFFECT = 20;
/** Keys that an account makes itself within 24 hours: what is revoked is kept, and must not pile up. */
export const MAX_KEYS_MADE_IN_A_DAY = 100;
export const MAX_KEY_NAME_LENGTH = 100;
export const MAX_ALLOWED_NETWORKS = 50;
/** How long a key works on beside the one that replaces it. */
export const DEFAULT_OVERLAP_HOURS = 24;
export const MAX_OVERLAP_HOURS = 168;

const MAX_LIFE_DAYS = 3_650;
/** A test key reads; it changes nothing, whatever scopes it was given. */
const SCOPES_OF_TEST_KEYS: readonly ApiKeyScope[] = ['jobs:read', 'account:read'];

export const API_KEY_STATUSES = ['active', 'expired', 'revoked'] as const;
export type ApiKeyStatus = (typeof API_KEY_STATUSES)[number];

/** How a key stands at `now`. It expires at the moment of `expiresAt`, and is revoked for good, whatever clock says when. */
export function apiKeyStatus(
  { revokedAt, expiresAt }: { revokedAt: Timestamp | null; expiresAt: Timestamp | null },
  now: Timestamp,
): ApiKeyStatus {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

/** Whether a key may do what the scope is for. */
export function hasScope(
  { kind, scopes }: { kind: ApiKeyKind; scopes: readonly ApiKeyScope[] },
  scope: ApiKeyScope,
): boolean {
  return scopes.includes(scope) && scopesOfKind(kind).includes(scope);
}

/** The scopes that keys of the kind may have. */
function scopesOfKind(kind: ApiKeyKind): readonly ApiKeyScope[] {
  return kind === 'test' ? SCOPES_OF_TEST_KEYS : API_KEY_SCOPES;
}

/** Terms that a key is to get; those left out stay, or are none. */
export interface ApiKeyTerms {
  kind?: ApiKeyKind;
  scopes?: readonly ApiKeyScope[];
  expiresAt?: Timestamp | null;
  requestsPerMinute?: number | null;
  monthlyCalls?: number | null;
}

/** What is wrong with the terms under the account's plan, by the names that the API gives them. */
export function faultsOfTerms(
  { kind = 'live', scopes = [], expiresAt, requestsPerMinute, monthlyCalls }: ApiKeyTerms,
  { plan, now }: { plan: Pick<Plan, 'requests_per_minute' | 'monthly_calls'>; now: Timestamp },
): FieldFault[] {
  const possible = scopesOfKind(kind);
  const impossible = scopes.filter((scope) => !possible.includes(scope));
  return [
    ...impossible.map((scope) => ({
      parameter: 'scopes',
      message: `A ${kind} key cannot have this scope.`,
      received: scope,
      expected: possible.join(', '),
    })),
    ...faultsOfExpiry(expiresAt ?? null, now),
    ...faultsOfLimit('requests_per_minute', requestsPerMinute ?? null, plan.requests_per_minute),
    ...faultsOfLimit('monthly_calls', monthlyCalls ?? null, plan.monthly_calls),
  ];
}

function faultsOfExpiry(expiresAt: Timestamp | null, now: Timestamp): FieldFault[] {
  if (expiresAt === null) return [];
  const lifeMs = toMillis(expiresAt) - toMillis(now);
  if (lifeMs > 0 && lifeMs <= MAX_LIFE_DAYS * DAY_MS) return [];
  return [
    {
      parameter: 'expires_at',
      message: lifeMs > 0 ? 'It is too far in the future.' : 'It has passed.',
      received: expiresAt,
      expected: `a time within the next ${MAX_LIFE_DAYS} days; without one the key does not expire`,
    },
  ];
}

function faultsOfLimit(parameter: string, limit: number | null, ofPlan: number | null): FieldFault[] {
  if (limit === null || ofPlan === null || limit <= ofPlan) return [];
  return [
    {
      parameter,
      message: "A key's own limit is lower than the account's, or the same.",
      received: String(limit),
      expected: `at most ${ofPlan}`,
    },
  ];
}
