import fc from 'fast-check';
import type { Job } from '../../domain/job';
import { holdsUntil, parseJobQuery, timelessQuery } from '../../domain/jobFilter';
import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { arbitraryJobs } from '../support/generators';

const NOW = '2026-02-01T12:00:00.000Z';
const ago = (ms: number) => addMillis(NOW, -ms);
const [anyJob] = fc.sample(arbitraryJobs(3), { numRuns: 20, seed: 1 }).flat() as [Job];
const job = (times: Partial<Job>): Job => ({
  ...anyJob,
  postedOn: ago(HOUR_MS),
  lastVisitedAt: ago(HOUR_MS),
  updatedAt: ago(HOUR_MS),
  ...times,
});
const until = (jobs: Job[], params: Record<string, string> = {}, retention_days: number | null = 7) =>
  holdsUntil(jobs, parseJobQuery(params, NOW), { retention_days }, NOW);

describe('how long an answer holds', () => {
  it('is a minute where no job comes near an edge, and where there is none', () => {
    expect(until([])).toBe(addMillis(NOW, 60_000));
    expect(until([job({}), job({})])).toBe(addMillis(NOW, 60_000));
  });

  it("is until its oldest job leaves the plan's window", () => {
    const nearEdge = job({ postedOn: ago(7 * DAY_MS - 20_000) });
    expect(until([job({}), nearEdge])).toBe(addMillis(NOW, 20_000));
    expect(until([nearEdge], {}, null)).toBe(addMillis(NOW, 60_000));
  });

  it.each([
    ['posted_after', { postedOn: ago(DAY_MS - 5_000) }],
    ['last_visited_after', { lastVisitedAt: ago(DAY_MS - 5_000) }],
    ['updated_after', { updatedAt: ago(DAY_MS - 5_000) }],
  ])('is until a job leaves a relative %s, and a fixed one never moves', (parameter, times) => {
    expect(until([job({}), job(times)], { [parameter]: '-24h' })).toBe(addMillis(NOW, 5_000));
    expect(until([job({}), job(times)], { [parameter]: ago(DAY_MS) })).toBe(addMillis(NOW, 60_000));
  });

  it('is a second where time lets jobs in', () => {
    expect(until([job({})], { posted_before: '-1h' })).toBe(addMillis(NOW, 1_000));
    expect(until([job({})], { posted_before: NOW })).toBe(addMillis(NOW, 60_000));
  });
});

describe('the timeless form of a query', () => {
  const form = (params: Record<string, string>, now = NOW) =>
    JSON.stringify(timelessQuery(parseJobQuery(params, now)));

  it('is the same at any time, in any order of parameters, under any of their names', () => {
    const first = form({ search: 'python', posted_after: '-24h', country: 'DE' });
    expect(form({ country: 'de', posted_after: '-1d', q: 'python' }, addMillis(NOW, 1_234))).toBe(first);
  });

  it('tells a relative time from the fixed one that it stands for just now', () => {
    expect(form({ posted_after: '-24h' })).not.toBe(form({ posted_after: ago(DAY_MS) }));
  });

  it('tells queries apart by what they filter, page, order and show', () => {
    const queries = [
      {},
      { posted_after: '-24h' },
      { posted_after: '-25h' },
      { posted_before: '-24h' },
      { limit: '10' },
      { offset: '20' },
      { sort: 'posted_on_asc' },
      { fields: 'id' },
      { count_only: 'true' },
    ];
    expect(new Set(queries.map((query) => form(query as Record<string, string>))).size).toBe(queries.length);
  });
});
