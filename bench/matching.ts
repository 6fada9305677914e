import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { printLine, printTable } from '../bin/commands/output';
import type { Job } from '../domain/job';
import { matchesPrepared, prepareJob } from '../domain/jobFilter';
import { countAtoms } from '../domain/matching/atomShares';
import {
  createMatchingIndex,
  type MatchingIndex,
  type SearchToMatch,
} from '../domain/matching/matchingIndex';
import type { ReadScope } from '../domain/readScope';
import { toTimestamp } from '../domain/time';
import { verifiedJobs } from './bulkLoad';
import { stopwatch } from './measures';
import { makeSearches, type Mix, MIXES } from './savedSearches';

const JOBS = 5_000;
/** Other jobs, by which the index learns what is common. */
const SAMPLE = 500;
/** Jobs that are held against every filter one by one: enough to compare, few enough to wait for. */
const COMPARED_JOBS = 20;
const JOB_SEED = 11;
const SAMPLE_SEED = 12;
const SEARCH_SEED = 13;

const EVERYTHING: ReadScope = { postedSince: null, samples: 'included' };
const now = toTimestamp(Date.now());

/** Matches jobs against saved searches, each mix at each size up to the largest: 1,000, 10,000, 100,000 ... */
export async function benchMatching(largest: number): Promise<void> {
  const jobs = jobsOf(JOBS, JOB_SEED);
  const sample = jobsOf(SAMPLE, SAMPLE_SEED);
  const tokenising = stopwatch();
  for (const job of jobs) prepareJob(job).terms();
  printLine(
    `\n== matching, ${jobs.length} jobs; their words alone: ${perSecond(jobs.length, tokenising())}/s`,
  );
  const rows: (string | number)[][] = [];
  for (const mix of MIXES) {
    for (const size of sizesUpTo(largest)) {
      rows.push(measure(mix, size, jobs, sample));
      // Then nothing refers to what was measured, and it does not count as freed while the next is.
      await nextTurn();
    }
  }
  printTable(
    [
      ...['mix', 'searches', 'filters', 'ready s', 'bytes/search', 'matches/job', 'jobs/s', 'matches/s'],
      ...['brute force jobs/s', 'ratio'],
    ],
    rows,
  );
}

function measure(mix: Mix, size: number, jobs: readonly Job[], sample: readonly Job[]): (string | number)[] {
  const rows = rowsOf(mix, size);
  const bytesBefore = liveBytes();
  const building = stopwatch();
  const index = build(rows, sample);
  const readySeconds = building();
  const bytes = liveBytes() - bytesBefore;
  compare(index, rows, jobs.slice(0, 2));
  const matching = stopwatch();
  let matches = 0;
  for (const job of jobs) for (const found of matchesOf(index, job).values()) matches += found.length;
  const seconds = matching();
  const alone = compare(index, rows, jobs.slice(0, COMPARED_JOBS));
  return [
    mix,
    size,
    index.size().filters,
    readySeconds.toFixed(2),
    Math.round(bytes / size),
    (matches / jobs.length).toFixed(1),
    perSecond(jobs.length, seconds),
    perSecond(matches, seconds),
    (1 / alone).toFixed(1),
    ((alone * jobs.length) / seconds).toFixed(0),
  ];
}

/** As text, so that nothing that the index keeps is there before. */
function rowsOf(mix: Mix, size: number): string[] {
  const rows: string[] = [];
  for (const search of makeSearches(mix, size, SEARCH_SEED, now)) rows.push(JSON.stringify(search));
  return rows;
}

function build(rows: readonly string[], sample: readonly Job[]): MatchingIndex {
  const atoms = countAtoms();
  for (const job of sample) atoms.add(prepareJob(job));
  const index = createMatchingIndex(atoms.shares);
  for (const row of rows) index.put(JSON.parse(row) as SearchToMatch);
  return index;
}

function matchesOf(index: MatchingIndex, job: Job): ReturnType<MatchingIndex['match']> {
  return index.match({ job, now, scopeOf: () => EVERYTHING });
}

/**
 * Holds every filter against each of the jobs: the predicate alone, on jobs made ready once. Gives seconds a job.
 * @throws Error when the index says otherwise.
 */
function compare(index: MatchingIndex, rows: readonly string[], jobs: readonly Job[]): number {
  const searches = rows.map((row) => JSON.parse(row) as SearchToMatch);
  let seconds = 0;
  for (const job of jobs) {
    const watch = stopwatch();
    const prepared = prepareJob(job);
    const expected = searches.filter(({ filter }) => matchesPrepared(prepared, filter)).map(({ id }) => id);
    seconds += watch();
    const found = [...matchesOf(index, job).values()].flatMap((some) => some.map(({ id }) => id));
    if (expected.sort().join() !== found.sort().join()) {
      throw new Error(`Job ${job.id}: ${found.length} found, ${expected.length} match.`);
    }
  }
  return seconds / jobs.length;
}

function jobsOf(count: number, seed: number): Job[] {
  return [...verifiedJobs(count, seed)].map(({ job }) => job);
}

function sizesUpTo(largest: number): number[] {
  const sizes = [];
  for (let size = 1_000; size < largest; size *= 10) sizes.push(size);
  return [...sizes, largest];
}

function perSecond(count: number, seconds: number): string {
  return Math.round(count / seconds).toLocaleString('en');
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Memory in use after the garbage is gone. */
function liveBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
