import type { Batch } from '../db/batches';
import type { Db } from '../db/connection';
import type { PostingOutcome } from '../db/postings';
import type { Identity } from '../domain/identity';
import type { Sightings } from '../domain/merge';
import type { StoredJob } from '../domain/publishing';
import type { Timestamp } from '../domain/time';

/** Where the near duplicates of new postings are looked for: in the tables, and among the jobs that this batch makes. */
export interface DuplicateIndex {
  /** Jobs of the tables that share a band with a posting, by row number. */
  candidates: Map<number, string[]>;
  /** All of these, and the jobs shown for them. */
  jobIds: string[];
  /** Jobs that this batch has made, by band. */
  madeHere: Map<string, string[]>;
}

/** A batch being published: the jobs it touches as they stand now, and what is to be written at the end. */
export interface PublishSession {
  db: Db;
  batch: Batch;
  isSample: boolean;
  now: Timestamp;
  jobIds: Map<string, string>;
  jobs: Map<string, StoredJob>;
  /** As they stood before. */
  before: ReadonlyMap<string, StoredJob>;
  sightings: Map<string, Sightings>;
  inserted: Set<string>;
  updated: Set<string>;
  assignments: { identity: Identity; jobId: string }[];
  looks: { jobId: string; observedAt: Timestamp }[];
  outcomes: PostingOutcome[];
  duplicates: DuplicateIndex;
  /** Jobs that were shown for others and are now shown by another: id -> the one shown now. */
  repointed: Map<string, string>;
  /** Jobs whose opening or closing may change which of their group is shown. */
  regrouped: Set<string>;
}

/** @throws Error when the job is not among those the session has read or made. */
export function jobOf(session: PublishSession, id: string): StoredJob {
  const job = session.jobs.get(id);
  if (!job) throw new Error(`Job ${id} is known by its identity but is not there.`);
  return job;
}
