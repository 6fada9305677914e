import type { Job, JobVersion } from '../domain/job';
import type { FacetCount, JobFacet, JobFilter, JobSort, PageStart } from '../domain/jobFilter';
import type { ReadScope } from '../domain/readScope';

export type SearchEngine = 'postgres' | 'meilisearch';

export interface SearchRequest {
  filter: JobFilter;
  sort: JobSort;
  scope: ReadScope;
  /** Rows wanted, 0 to 50: with 0 only the total is asked for. */
  limit: number;
  start: PageStart;
}

export interface SearchResult {
  jobs: Job[];
  /** Jobs that match, counted up to a bound; exact when `totalIsExact`. */
  total: number;
  totalIsExact: boolean;
  /** Opaque; null on the last page. */
  nextCursor: string | null;
  /** Which engine answered: one alone answers one request. */
  engine: SearchEngine;
}

/** Matches are counted up to here; beyond, the total is a lower bound. */
export const MAX_EXACT_TOTAL = 10_000;

export interface FacetRequest {
  filter: JobFilter;
  scope: ReadScope;
  /** At least one. */
  facets: readonly JobFacet[];
}

export interface FacetResult {
  counts: Partial<Record<JobFacet, FacetCount[]>>;
  /** False when only the newest of the jobs that match were counted. */
  isExact: boolean;
}

/** What readers need of an index. */
export interface JobSearch {
  /** @throws AppError `invalid_parameter` for a cursor that is not ours or belongs to another sort. */
  search(request: SearchRequest): Promise<SearchResult>;
  /** How many of the jobs that match have each value. */
  facets(request: FacetRequest): Promise<FacetResult>;
}

/** A rebuild that was opened. */
export interface OpenedRebuild {
  name: string;
  /** How many jobs are to go in, for the sake of progress. */
  jobs: number;
}

/** One step of a rebuild. */
export interface RebuildStep {
  /** Jobs looked at in this step. */
  jobs: number;
  /** Where the next step begins; null when every job is in. */
  lastId: string | null;
}

/**
 * How an index stands: `missing` needs a rebuild, `behind` a comparison with the jobs; `whole` as far as a quick look tells.
 */
export type IndexState = 'missing' | 'behind' | 'whole';

/**
 * A search engine behind one face. The index is derived data: `jobs` in Postgres is the truth, and an index that is lost
 * is built anew from it.
 */
export interface SearchIndex extends JobSearch {
  /**
   * Brings these jobs to their present version. Once they can be found, says which version of each that is; those that are no
   * more are taken out and left out.
   */
  upsert(jobIds: readonly string[]): Promise<JobVersion[]>;
  remove(jobIds: readonly string[]): Promise<void>;

  // A rebuild goes in steps, each of which can be repeated; reads go on meanwhile and see the index as it was until the end.
  // One rebuild at a time. Afterwards `compare` catches up with what changed meanwhile.
  /** Drops what an earlier rebuild left behind. */
  beginRebuild(): Promise<OpenedRebuild>;
  fillRebuild(name: string, afterId: string | null): Promise<RebuildStep>;
  /** Puts what was built in the place of the index. */
  finishRebuild(name: string): Promise<void>;

  /** A quick look at the index; also brings its settings up to date and drops what it need not hold. */
  check(): Promise<IndexState>;
  /** Compares the whole index with the jobs and mends what differs. Gives the number of jobs mended. */
  compare(onProgress: (jobs: number) => void): Promise<number>;
}

/** A rebuild from begin to end in one go. Gives the number of jobs looked at. */
export async function rebuild(
  index: SearchIndex,
  onProgress: (done: number) => void = () => undefined,
): Promise<number> {
  const { name } = await index.beginRebuild();
  let done = 0;
  for (let afterId: string | null = null; ;) {
    const step: RebuildStep = await index.fillRebuild(name, afterId);
    done += step.jobs;
    if (step.jobs > 0) onProgress(done);
    if (step.lastId === null) break;
    afterId = step.lastId;
  }
  await index.finishRebuild(name);
  await index.compare(() => undefined);
  return done;
}
