import type { JobMember } from '../../domain/jobShape';
import type { ChosenJobView } from '../../domain/jobView';

/** A kind of file that jobs are written as. */
export interface Format {
  contentType: string;
  /** For people. */
  description: string;
  /**
   * The file, piece by piece, of jobs that come in slices and show these members alone. A failure to read them goes through: what is
   * cut short gets no end.
   */
  write: (
    slices: AsyncIterable<readonly ChosenJobView[]>,
    members: readonly JobMember[],
  ) => AsyncIterable<string | Uint8Array>;
}

/** A member of a job, or of an object in it; null where there is none. */
export function memberOf(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null) return null;
  return (holder as Readonly<Record<string, unknown>>)[name] ?? null;
}
