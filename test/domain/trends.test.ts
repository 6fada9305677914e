import { AppError } from '../../domain/errors';
import { type AskedSpan, trendSpan } from '../../domain/trends';

const NOW = '2026-02-01T12:00:00.000Z';

const spanOf = (asked: Partial<AskedSpan>, postedSince: string | null = null) =>
  trendSpan({ interval: null, isGrouped: false, ...asked }, { postedSince, now: NOW });

describe('the span of trends', () => {
  it('is the last thirty days by day unless the caller says', () => {
    const { interval, from, until, starts } = spanOf({});
    expect({ interval, from, until }).toEqual({
      interval: 'day',
      from: '2026-01-02T12:00:00.000Z',
      until: null,
    });
    expect(starts).toHaveLength(31);
    expect([starts[0], starts.at(-1)]).toEqual(['2026-01-02T00:00:00.000Z', '2026-02-01T00:00:00.000Z']);
  });

  it('goes back thirty days from its end, too', () => {
    const { from, starts } = spanOf({ postedBefore: '2026-01-15T00:00:00.000Z' });
    expect(from).toBe('2025-12-16T00:00:00.000Z');
    expect(starts.at(-1)).toBe('2026-01-14T00:00:00.000Z');
  });

  it('never begins before what the caller may read', () => {
    const { from } = spanOf({ postedAfter: '2020-01-01T00:00:00.000Z' }, '2026-01-25T12:00:00.000Z');
    expect(from).toBe('2026-01-25T12:00:00.000Z');
  });

  it('is empty when it ends before what the caller may read', () => {
    const { starts } = spanOf({ postedBefore: '2026-01-01T00:00:00.000Z' }, '2026-01-25T12:00:00.000Z');
    expect(starts).toEqual([]);
  });

  it.each([
    ['2026-01-30T00:00:00.000Z', 'hour'],
    ['2026-01-01T00:00:00.000Z', 'day'],
    ['2025-08-01T00:00:00.000Z', 'week'],
    ['2023-01-01T00:00:00.000Z', 'month'],
    ['1995-01-01T00:00:00.000Z', 'month'],
  ])('from %s is cut by %s', (postedAfter, interval) => {
    expect(spanOf({ postedAfter }).interval).toBe(interval);
  });

  it('begins weeks on Monday and months on their first day', () => {
    expect(spanOf({ postedAfter: '2026-01-15T08:00:00.000Z', interval: 'week' }).starts).toEqual([
      '2026-01-12T00:00:00.000Z',
      '2026-01-19T00:00:00.000Z',
      '2026-01-26T00:00:00.000Z',
    ]);
    expect(spanOf({ postedAfter: '2025-12-31T23:59:59.999Z', interval: 'month' }).starts).toEqual([
      '2025-12-01T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
    ]);
  });

  it('ends before an interval in which nothing can be', () => {
    const postedBefore = '2026-01-20T02:00:00.000Z';
    const { starts } = spanOf({ postedAfter: '2026-01-20T00:30:00.000Z', postedBefore, interval: 'hour' });
    expect(starts).toEqual(['2026-01-20T00:00:00.000Z', '2026-01-20T01:00:00.000Z']);
  });

  it('has no interval after the present one, however late it ends', () => {
    const { starts } = spanOf({ postedBefore: '2999-01-01T00:00:00.000Z' });
    expect(starts.at(-1)).toBe('2026-02-01T00:00:00.000Z');
    expect(spanOf({ postedAfter: '2026-03-01T00:00:00.000Z' }).starts).toHaveLength(1);
  });

  it.each([
    [false, '2025-08-01T00:00:00.000Z', 'hour', 'day, week, month'],
    [true, '2025-08-01T00:00:00.000Z', 'day', 'week, month'],
    [false, '1980-01-01T00:00:00.000Z', null, 'at most 400 intervals'],
  ] as const)(
    'with too many intervals (grouped: %s, from %s, %s) is refused with what fits: %s',
    (isGrouped, postedAfter, interval, expected) => {
      expect.assertions(2);
      try {
        spanOf({ isGrouped, postedAfter, interval });
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect(error).toMatchObject({
          code: 'invalid_parameter',
          faults: [{ parameter: 'interval', expected }],
        });
      }
    },
  );
});
