import type { Job, JobVersion } from '../domain/job';
import type { JobFilter, JobSort, PageStart } from '../domain/jobFilter';
import type { ReadScope } from '../domain/readScope';

export interface SearchRequest {
  filter: JobFilter;
  sort: JobSort;
  scope: ReadScope;
  /** Rows wanted, 1 to 50. */
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
}

/**
 * A search engine behind one face. The index is derived data: `jobs` in Postgres is the truth, and an index that is lost
 * is built anew from it.
 */
export interface SearchIndex {
  readonly engine: 'postgres' | 'meilisearch';
  /** @throws AppError `invalid_parameter` for a cursor that is not ours or belongs to another sort. */
  search(request: SearchRequest): Promise<SearchResult>;
  /** Brings these jobs to their present version. Once they can be found, says which version of each that is. */
  upsert(jobIds: readonly string[]): Promise<JobVersion[]>;
  remove(jobIds: readonly string[]): Promise<void>;
  /** Builds the index anew from the jobs; reads go on meanwhile. Returns the number of jobs indexed. */
  rebuild(onProgress: (done: number) => void): Promise<number>;
}
