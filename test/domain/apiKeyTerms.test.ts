import { API_KEY_SCOPES } from '../../domain/apiKey';
import { apiKeyStatus, faultsOfTerms, hasScope } from '../../domain/apiKeyTerms';

const NOW = '2026-02-01T12:00:00.000Z';
const UNLIMITED = { requests_per_minute: null, monthly_calls: null };

describe('terms of a key', () => {
  it('let it work until the moment at which it expires, or until it is revoked', () => {
    const statusOf = (expiresAt: string | null, revokedAt: string | null = null) =>
      apiKeyStatus({ expiresAt, revokedAt }, NOW);
    expect(statusOf(null)).toBe('active');
    expect(statusOf('2026-02-01T12:00:00.001Z')).toBe('active');
    expect(statusOf(NOW)).toBe('expired');
    expect(statusOf(null, NOW)).toBe('revoked');
    expect(statusOf(NOW, '2026-03-01T12:00:00.000Z')).toBe('revoked');
  });

  it('let a live key do all that its scopes say, and a test key none of what changes something', () => {
    const allowed = (kind: 'live' | 'test') =>
      API_KEY_SCOPES.filter((scope) => hasScope({ kind, scopes: API_KEY_SCOPES }, scope));
    expect(allowed('live')).toEqual(API_KEY_SCOPES);
    expect(allowed('test')).toEqual(['jobs:read', 'account:read']);
    expect(hasScope({ kind: 'live', scopes: ['jobs:read'] }, 'account:read')).toBe(false);
  });

  it('have no limits to keep where the account has none', () => {
    const terms = { requestsPerMinute: 1_000_000, monthlyCalls: 1_000_000_000 };
    expect(faultsOfTerms(terms, { plan: UNLIMITED, now: NOW })).toEqual([]);
    const plan = { requests_per_minute: 500, monthly_calls: 100_000 };
    expect(faultsOfTerms(terms, { plan, now: NOW })).toMatchObject([
      { parameter: 'requests_per_minute', received: '1000000', expected: 'at most 500' },
      { parameter: 'monthly_calls', expected: 'at most 100000' },
    ]);
    expect(faultsOfTerms({ requestsPerMinute: 500, monthlyCalls: 100_000 }, { plan, now: NOW })).toEqual([]);
  });

  it('end within ten years, or never', () => {
    const faultsOf = (expiresAt: string | null) =>
      faultsOfTerms({ expiresAt }, { plan: UNLIMITED, now: NOW });
    expect(faultsOf(null)).toEqual([]);
    expect(faultsOf('2026-02-01T12:00:00.001Z')).toEqual([]);
    expect(faultsOf('2036-01-30T12:00:00.000Z')).toEqual([]);
    for (const moment of [NOW, '2036-01-30T12:00:00.001Z', '+010000-01-01T00:00:00.000Z']) {
      expect(faultsOf(moment)).toMatchObject([{ parameter: 'expires_at' }]);
    }
  });
});
