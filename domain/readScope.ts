import type { Timestamp } from './time';

/** What a caller may read, whatever the filter: part of every read predicate. */
export interface ReadScope {
  /** Jobs posted before this are outside the plan's window; null reads everything. */
  postedSince: Timestamp | null;
  /** Test keys read samples only; live keys never see them, except under `npm start`. */
  samples: 'only' | 'hidden' | 'included';
}

export function isReadable(job: { postedOn: Timestamp; isSample: boolean }, scope: ReadScope): boolean {
  if (scope.postedSince !== null && job.postedOn < scope.postedSince) return false;
  if (scope.samples === 'only') return job.isSample;
  return scope.samples === 'included' || !job.isSample;
}
