import { projectUsage, toEndOfHour, toHour } from '../../domain/accountUsage';
import { USAGE_QUERY_GRAMMAR } from '../../domain/usageQuery';
import type { AppError } from '../../domain/errors';

const period = { startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2026-01-31T00:00:00.000Z' };
const tenDaysIn = '2026-01-11T00:00:00.000Z';
const starter = { monthly_calls: 1_000, overage_cents_per_call: null };
const business = { monthly_calls: 100_000, overage_cents_per_call: 1 };
const project = (
  calls: number,
  plan: typeof business | typeof starter,
  overageCapCents: number | null = null,
) => projectUsage({ calls, period, plan, overageCapCents, now: tenDaysIn });

describe('the projection of a period', () => {
  it('goes on at the pace so far', () => {
    expect(project(20_000, business)).toEqual({ calls: 60_000, overageCents: 0 });
  });

  it("prices what goes beyond the plan's calls", () => {
    expect(project(50_000, business)).toEqual({ calls: 150_000, overageCents: 50_000 });
  });

  it("stops at the account's own cap", () => {
    expect(project(50_000, business, 1_000)).toEqual({ calls: 101_000, overageCents: 1_000 });
    expect(project(50_000, business, 0)).toEqual({ calls: 100_000, overageCents: 0 });
  });

  it('stops at the quota of a plan that blocks', () => {
    expect(project(900, starter)).toEqual({ calls: 1_000, overageCents: 0 });
    expect(project(100, starter)).toEqual({ calls: 300, overageCents: 0 });
  });

  it('is never below what was counted, though the cap was lowered since', () => {
    expect(project(102_000, business, 1_000)).toEqual({ calls: 102_000, overageCents: 2_000 });
  });

  it('knows no overage without a quota', () => {
    const plan = { monthly_calls: null, overage_cents_per_call: null };
    const projected = projectUsage({ calls: 10, period, plan, overageCapCents: null, now: tenDaysIn });
    expect(projected).toEqual({ calls: 30, overageCents: 0 });
  });

  it('says nothing in the first day', () => {
    const now = '2026-01-01T23:59:59.999Z';
    expect(projectUsage({ calls: 10, period, plan: starter, overageCapCents: null, now })).toEqual({
      calls: null,
      overageCents: null,
    });
  });
});

describe('whole hours', () => {
  it('begin before a time and end after it', () => {
    expect(toHour('2026-01-01T10:59:59.999Z')).toBe('2026-01-01T10:00:00.000Z');
    expect(toEndOfHour('2026-01-01T10:00:00.001Z')).toBe('2026-01-01T11:00:00.000Z');
    expect(toEndOfHour('2026-01-01T10:00:00.000Z')).toBe('2026-01-01T10:00:00.000Z');
  });
});

describe('the grammar of GET /account/usage', () => {
  const now = '2026-02-01T12:30:00.000Z';
  const parse = (given: Record<string, unknown>) => USAGE_QUERY_GRAMMAR.parse(given, now);
  const faultsOf = (given: Record<string, unknown>) => {
    try {
      parse(given);
    } catch (error) {
      return (error as AppError).faults;
    }
    return [];
  };

  it('takes the billing period, by day, when nothing is asked', () => {
    expect(parse({})).toEqual({ span: null, interval: 'day' });
    expect(parse({ interval: 'Hour' })).toEqual({ span: null, interval: 'hour' });
  });

  it('takes whole hours that hold the span', () => {
    expect(parse({ from: '2026-01-31T10:20:00Z' }).span).toEqual({
      from: '2026-01-31T10:00:00.000Z',
      to: '2026-02-01T13:00:00.000Z',
    });
    expect(parse({ to: '2026-01-31' }).span).toEqual({
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-31T00:00:00.000Z',
    });
  });

  it.each([
    ['hour', 31],
    ['day', 366],
    ['month', 1_830],
  ])('takes by %s a span of %i days and none that is longer', (interval, days) => {
    const span = { to: '2026-02-01', from: `-${days}d`, interval };
    expect(faultsOf({ ...span, to: '2026-02-01T12:30:00Z', from: `-${days - 1}d` })).toEqual([]);
    expect(faultsOf({ ...span, to: '2026-02-01T12:30:00Z', from: `-${days}d` })).toMatchObject([
      { parameter: 'from', expected: `at most ${days} days with interval=${interval}` },
    ]);
  });

  it('refuses a span that ends before it begins, and names every fault at once', () => {
    expect(faultsOf({ from: '2026-01-02', to: '2026-01-01' })).toMatchObject([{ parameter: 'from' }]);
    expect(faultsOf({ froms: '2026-01-02', to: 'yesterday', interval: 'days' })).toMatchObject([
      { parameter: 'froms', did_you_mean: 'from' },
      { parameter: 'to', received: 'yesterday' },
      { parameter: 'interval', did_you_mean: 'day' },
    ]);
  });
});
