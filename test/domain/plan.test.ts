import { applyOverrides, readScopeOf, showsJobsOf, smallestPlanAbove, type Plan } from '../../domain/plan';

const NOW = '2026-02-01T12:00:00.000Z';

const starter: Plan = {
  id: 'starter',
  name: 'Starter',
  rank: 1,
  monthly_price_cents: 0,
  annual_discount_percent: null,
  monthly_calls: 1_000,
  overage_cents_per_call: null,
  requests_per_minute: 10,
  requests_in_flight: 5,
  retention_days: 7,
  saved_searches: 0,
  webhook_endpoints: 0,
  advanced_filters: false,
  exports: false,
  support_target_hours: 24,
};
const middle: Plan = { ...starter, id: 'middle', rank: 2, retention_days: 30 };
const largest: Plan = { ...starter, id: 'largest', rank: 3, retention_days: null };

describe('plans', () => {
  it("keeps the plan's terms where the contract says nothing", () => {
    expect(applyOverrides(starter, {})).toEqual(starter);
    expect(applyOverrides(starter, { monthly_calls: null, exports: true })).toEqual({
      ...starter,
      monthly_calls: null,
      exports: true,
    });
  });

  it.each([{ retention: 30 }, { retention_days: -1 }, { exports: 'yes' }, { rank: 9 }, null, []])(
    'refuses a contract with terms it does not know: %j',
    (overrides) => expect(() => applyOverrides(starter, overrides)).toThrow(/malformed/),
  );

  it('finds the smallest larger plan, in whatever order plans come', () => {
    const has = (plan: Plan) => plan.retention_days !== 7;
    expect(smallestPlanAbove(starter, [largest, starter, middle], has)).toBe(middle);
    expect(smallestPlanAbove(starter, [middle, largest], has)).toBe(middle);
    expect(smallestPlanAbove(largest, [starter, middle, largest], () => true)).toBeNull();
  });

  it('ends the window to the second', () => {
    expect(readScopeOf('live', starter, { samplesForLiveKeys: false, now: NOW })).toEqual({
      postedSince: '2026-01-25T12:00:00.000Z',
      samples: 'hidden',
    });
    expect(showsJobsOf(starter, '2026-01-25T12:00:00.000Z', NOW)).toBe(true);
    expect(showsJobsOf(starter, '2026-01-25T11:59:59.000Z', NOW)).toBe(false);
    expect(showsJobsOf(largest, '2001-01-01T00:00:00.000Z', NOW)).toBe(true);
  });

  it('shows test keys samples only, whatever live keys see', () => {
    const samplesOf = (kind: 'live' | 'test', samplesForLiveKeys: boolean) =>
      readScopeOf(kind, largest, { samplesForLiveKeys, now: NOW }).samples;
    expect(samplesOf('test', true)).toBe('only');
    expect(samplesOf('test', false)).toBe('only');
    expect(samplesOf('live', true)).toBe('included');
    expect(samplesOf('live', false)).toBe('hidden');
  });
});
