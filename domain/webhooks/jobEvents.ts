import type { Job } from '../job';
import { sameValue } from '../merge';
import { addMillis, HOUR_MS, type Timestamp } from '../time';
import type { ToldJobField } from './events';

/** A job as it was before a publish, null for one that was not shown then, and as it is after it. */
export interface JobChange<J extends Job = Job> {
  before: J | null;
  after: J;
}

/** What `job.updated` tells of, by its name on the wire. */
const TOLD_FIELDS: Readonly<Record<ToldJobField, (job: Job) => unknown>> = {
  title: (job) => job.title,
  description: (job) => job.description,
  budget: (job) => job.budget,
  hourly_budget: (job) => job.hourlyBudget,
  skills: (job) => job.skills,
  job_type: (job) => job.jobType,
  contractor_tier: (job) => job.contractorTier,
  duration_label: (job) => job.durationLabel,
};

const CLOSED = 2;
/** An endpoint hears of changes of one job at most so often. */
const UPDATE_INTERVAL_MS = HOUR_MS;

/** Whether endpoints may be told that a job matches: it is not closed, and was posted no longer ago than the span. */
export function isNews({ status, postedOn }: Job, now: Timestamp, maxAgeMs: number): boolean {
  return status !== CLOSED && postedOn >= addMillis(now, -maxAgeMs);
}

export function wasClosed({ before, after }: JobChange): boolean {
  return before !== null && before.status !== CLOSED && after.status === CLOSED;
}

/** Names of the fields that have changed, of those that `job.updated` tells of. */
export function changedFields({ before, after }: JobChange): string[] {
  if (before === null) return [];
  return Object.entries(TOLD_FIELDS)
    .filter(([, valueOf]) => !sameValue(valueOf(before), valueOf(after)))
    .map(([name]) => name);
}

/** When an endpoint may be told of a change, having been told of the one before at `lastToldAt`. */
export function updateDueAt(lastToldAt: Timestamp | null, now: Timestamp): Timestamp {
  const soonest = lastToldAt === null ? now : addMillis(lastToldAt, UPDATE_INTERVAL_MS);
  return soonest > now ? soonest : now;
}
