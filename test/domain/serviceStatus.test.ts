import { fillDays, minutesBefore, shareOf, uptimeOf } from '../../domain/serviceStatus';

const NOW = '2026-02-01T12:00:30.500Z';

describe('uptime', () => {
  it('is counted over whole minutes, without the one that is not over', () => {
    expect(minutesBefore(NOW, 1)).toEqual({
      from: '2026-01-31T12:00:00.000Z',
      until: '2026-02-01T12:00:00.000Z',
    });
  });

  it('takes a minute without a good probe for down', () => {
    const uptime = uptimeOf(minutesBefore(NOW, 1), {
      firstProbeAt: '2025-12-01T00:00:00.000Z',
      goodMinutes: 1_439,
    });
    expect(uptime).toEqual({
      since: '2026-01-31T12:00:00.000Z',
      minutes: 1_440,
      goodMinutes: 1_439,
      share: 0.9993,
      meetsTarget: true,
    });
  });

  it.each([
    [999, true],
    [998, false],
  ])('of %i minutes in a thousand meets the target: %s', (goodMinutes, meetsTarget) => {
    const until = '2026-02-01T12:00:00.000Z';
    const from = '2026-01-31T19:20:00.000Z';
    expect(uptimeOf({ from, until }, { firstProbeAt: from, goodMinutes })).toMatchObject({
      minutes: 1_000,
      meetsTarget,
    });
  });

  it('counts no minute before the first probe', () => {
    const firstProbeAt = '2026-02-01T11:50:00.000Z';
    expect(uptimeOf(minutesBefore(NOW, 90), { firstProbeAt, goodMinutes: 10 })).toEqual({
      since: firstProbeAt,
      minutes: 10,
      goodMinutes: 10,
      share: 1,
      meetsTarget: true,
    });
  });

  it.each([null, '2026-02-01T12:00:00.000Z'])(
    'is not known while no probed minute is over (first probe: %s)',
    (firstProbeAt) => {
      expect(uptimeOf(minutesBefore(NOW, 1), { firstProbeAt, goodMinutes: 0 })).toEqual({
        since: null,
        minutes: 0,
        goodMinutes: 0,
        share: null,
        meetsTarget: null,
      });
    },
  );
});

describe('a share', () => {
  it('is rounded down, so that only the whole is one', () => {
    expect(shareOf(129_599, 129_600)).toBe(0.99999);
    expect(shareOf(129_600, 129_600)).toBe(1);
  });

  it('of nothing is not known', () => {
    expect(shareOf(0, 0)).toBeNull();
  });
});

describe('the days counted', () => {
  it('are the last thirty, today at the end, with none where there are no jobs', () => {
    const days = fillDays(NOW, new Map([['2026-01-31', 7]]));
    expect(days).toHaveLength(30);
    expect(days[0]).toEqual({ day: '2026-01-03', jobs: 0 });
    expect(days.slice(-2)).toEqual([
      { day: '2026-01-31', jobs: 7 },
      { day: '2026-02-01', jobs: 0 },
    ]);
  });
});
