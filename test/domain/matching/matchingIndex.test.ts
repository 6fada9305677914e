import fc from 'fast-check';
import type { Job } from '../../../domain/job';
import { type JobFilter, matchesFilter, parseJobQuery } from '../../../domain/jobFilter';
import { prepareJob } from '../../../domain/jobFilter/matchesFilter';
import { countAtoms } from '../../../domain/matching/atomShares';
import {
  createMatchingIndex,
  type MatchingIndex,
  type SearchToMatch,
} from '../../../domain/matching/matchingIndex';
import { isReadable, type ReadScope } from '../../../domain/readScope';
import { addMillis, HOUR_MS, type Timestamp } from '../../../domain/time';
import { arbitraryJobs, arbitraryQuery, arbitraryTextQuery, GENERATED_FROM } from '../../support/generators';
import { publishedJob } from '../../support/jobs';

const NOW = '2026-01-20T12:00:00.000Z';
const EVERYTHING: ReadScope = { postedSince: null, samples: 'included' };
const ACCOUNTS = ['a', 'b', 'c'];
const SEARCH_IDS = ['1', '2', '3', '4', '5'];

/** Relative times among the bounds. */
const movingQuery = fc.record({
  posted_after: fc.constantFrom('-3h', '-9h'),
  search: fc.constantFrom('python', 'run'),
});
const query = fc.oneof(
  { weight: 4, arbitrary: arbitraryQuery() },
  { weight: 4, arbitrary: arbitraryTextQuery() },
  movingQuery,
  fc.constant({}),
);

function searchOf(id: string, accountId: string, params: Record<string, string>, at = NOW): SearchToMatch {
  const { filter, movingBounds } = parseJobQuery(params, at);
  return { id, accountId, name: `${accountId}/${id}`, filter, movingBounds };
}

/** Whether a search that is asked anew at that time gives the job. */
function isFound(job: Job, params: Record<string, string>, now: Timestamp): boolean {
  return matchesFilter(job, parseJobQuery(params, now).filter);
}

function matchedIds(
  index: MatchingIndex,
  job: Job,
  now = NOW,
  scopeOf: (accountId: string) => ReadScope | null = () => EVERYTHING,
): string[] {
  return [...index.match({ job, now, scopeOf })]
    .flatMap(([accountId, searches]) => searches.map(({ id }) => `${accountId}/${id}`))
    .sort();
}

type Change =
  | { kind: 'put'; accountId: string; id: string; params: Record<string, string> }
  | { kind: 'remove'; accountId: string; id: string }
  | { kind: 'removeAccount'; accountId: string };

const accountId = fc.constantFrom(...ACCOUNTS);
const searchId = fc.constantFrom(...SEARCH_IDS);
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('put' as const), accountId, id: searchId, params: query }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), accountId, id: searchId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('removeAccount' as const), accountId }) },
);

function apply(
  index: MatchingIndex,
  known: Map<string, Extract<Change, { kind: 'put' }>>,
  made: Change,
): void {
  if (made.kind === 'put') {
    index.put(searchOf(made.id, made.accountId, made.params));
    known.set(`${made.accountId}/${made.id}`, made);
  } else if (made.kind === 'remove') {
    index.remove(made.accountId, made.id);
    known.delete(`${made.accountId}/${made.id}`);
  } else {
    index.removeAccount(made.accountId);
    for (const key of known.keys()) if (key.startsWith(`${made.accountId}/`)) known.delete(key);
  }
}

describe('the index of saved searches', () => {
  it('matches exactly what the searches find, whatever was added, replaced and removed before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(change, fc.boolean()), { maxLength: 60 }),
        arbitraryJobs(6),
        fc.boolean(),
        fc.integer({ min: 0, max: 14 }),
        (changes, jobs, countsBefore, hours) => {
          const counted = countAtoms();
          if (countsBefore) for (const job of jobs) counted.add(prepareJob(job));
          const index = createMatchingIndex(counted.shares);
          const known = new Map<string, Extract<Change, { kind: 'put' }>>();
          const now = addMillis(GENERATED_FROM, hours * HOUR_MS);
          const check = (): void => {
            for (const job of jobs) {
              const expected = [...known].filter(([, { params }]) => isFound(job, params, now));
              expect(matchedIds(index, job, now)).toEqual(expected.map(([key]) => key).sort());
            }
          };
          for (const [made, checksAfter] of changes) {
            apply(index, known, made);
            if (checksAfter) check();
          }
          check();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('leaves nothing behind when all searches are gone', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const index = createMatchingIndex();
        const known = new Map<string, Extract<Change, { kind: 'put' }>>();
        for (const made of changes) apply(index, known, made);
        expect(index.size().searches).toBe(known.size);
        for (const id of ACCOUNTS) index.removeAccount(id);
        expect(index.size()).toEqual({ searches: 0, filters: 0, conditions: 0 });
      }),
    );
  });

  it('lets the scope of its account decide what a search may find', () => {
    const scope: fc.Arbitrary<ReadScope | null> = fc.option(
      fc.record({
        postedSince: fc.option(
          fc.integer({ min: 0, max: 12 }).map((hours) => addMillis(GENERATED_FROM, hours * HOUR_MS)),
        ),
        samples: fc.constantFrom('only', 'hidden', 'included'),
      }),
    );
    fc.assert(
      fc.property(fc.tuple(scope, scope, scope), arbitraryJobs(5), (scopes, jobs) => {
        const index = createMatchingIndex();
        for (const id of ACCOUNTS) index.put(searchOf('1', id, {}));
        for (const job of jobs) {
          const expected = ACCOUNTS.filter((_id, place) => {
            const own = scopes[place];
            return own && isReadable(job, own);
          });
          const found = matchedIds(index, job, NOW, (id) => scopes[ACCOUNTS.indexOf(id)] ?? null);
          expect(found).toEqual(expected.map((id) => `${id}/1`));
        }
      }),
    );
  });

  it('asks for the scope of an account once a job, and of those alone whose filters hold', () => {
    const index = createMatchingIndex();
    index.put(searchOf('1', 'a', { search: 'python' }));
    index.put(searchOf('2', 'a', { search: 'developer' }));
    index.put(searchOf('1', 'b', { search: 'rust' }));
    const asked: string[] = [];
    const job = publishedJob({ id: '1', title: 'Python developer' });
    index.match({
      job,
      now: NOW,
      scopeOf: (id) => {
        asked.push(id);
        return EVERYTHING;
      },
    });
    expect(asked).toEqual(['a']);
  });

  it('measures spans back from the time of the match', () => {
    const index = createMatchingIndex();
    index.put(searchOf('1', 'a', { posted_after: '-24h' }));
    const job = publishedJob({ id: '1', title: 'Any', postedOn: NOW });
    expect(matchedIds(index, job, addMillis(NOW, 24 * HOUR_MS))).toEqual(['a/1']);
    expect(matchedIds(index, job, addMillis(NOW, 24 * HOUR_MS + 1))).toEqual([]);
    expect(matchedIds(index, job, NOW)).toEqual(['a/1']);
  });

  it('holds equal filters once, however their members stand and whoever asks them', () => {
    const index = createMatchingIndex();
    const filter: JobFilter = { search: { kind: 'word', token: 'python' }, budget: { min: 5, max: null } };
    const turned: JobFilter = { budget: { max: null, min: 5 }, search: { token: 'python', kind: 'word' } };
    index.put({ id: '1', accountId: 'a', name: 'x', filter, movingBounds: {} });
    index.put({ id: '2', accountId: 'a', name: 'y', filter: turned, movingBounds: {} });
    index.put({ id: '1', accountId: 'b', name: 'z', filter, movingBounds: {} });
    expect(index.size()).toEqual({ searches: 3, filters: 1, conditions: 2 });
    index.put({
      id: '3',
      accountId: 'b',
      name: 'z',
      filter: { ...filter, paymentVerified: true },
      movingBounds: {},
    });
    expect(index.size()).toEqual({ searches: 4, filters: 2, conditions: 3 });
  });

  it('gives up a condition that a filter asks twice', () => {
    const index = createMatchingIndex();
    const [python, rust] = [
      { kind: 'word' as const, token: 'python' },
      { kind: 'word' as const, token: 'rust' },
    ];
    const search = {
      kind: 'and' as const,
      parts: [python, { kind: 'and' as const, parts: [rust, python] }],
    };
    index.put({ id: '1', accountId: 'a', name: 'x', filter: { search }, movingBounds: {} });
    expect(index.size().conditions).toBe(2);
    index.remove('a', '1');
    expect(index.size().conditions).toBe(0);
  });

  it('keeps filters apart of which one moves with time', () => {
    const index = createMatchingIndex();
    const [moving, fixed] = [
      searchOf('1', 'a', { posted_after: '-24h' }),
      searchOf('2', 'a', { posted_after: '-24h' }),
    ];
    index.put(moving);
    index.put({ ...fixed, movingBounds: {} });
    expect(index.size().filters).toBe(2);
  });

  it('gives searches by id and present name', () => {
    const index = createMatchingIndex();
    index.put({ ...searchOf('1', 'a', { search: 'python' }), name: 'Before' });
    index.put({ ...searchOf('1', 'a', { search: 'python' }), name: 'After' });
    const job = publishedJob({ id: '1', title: 'Python' });
    expect(index.match({ job, now: NOW, scopeOf: () => EVERYTHING })).toEqual(
      new Map([['a', [{ id: '1', name: 'After' }]]]),
    );
  });

  it('excludes a job by the id of one that was merged into it', () => {
    const index = createMatchingIndex();
    index.put(searchOf('1', 'a', { exclude_ids: '1877245019342274561' }));
    const job = publishedJob({ id: '1877245019342274560', title: 'Any' });
    const match = (aliases?: string[]) =>
      index.match({ job, aliases, now: NOW, scopeOf: () => EVERYTHING }).size;
    expect(match()).toBe(1);
    expect(match(['~021877245019342274561'])).toBe(0);
  });
});
