import { z } from 'zod';
import type { Job } from './job';
import { jobViewSchema, toJobView } from './jobView';
import { addMillis, DAY_MS, HOUR_MS, toMillis, type Timestamp, toTimestamp } from './time';

/** How long it is told that a job was removed: who has not asked for longer has to start afresh. */
export const TOMBSTONE_DAYS = 90;

/**
 * A place in the order of changes, which is that of transaction ids, and of numbers within a transaction. Transactions that are
 * open may still write behind it, never before it.
 */
export interface ChangePlace {
  /** An xid8: as text, for it needs 64 bits. */
  transaction: string;
  number: number;
}

/** Where a reader of changes stands: it has been told of every change up to `place`, of those before `at` in any case. */
export interface ChangeCursor {
  place: ChangePlace;
  at: Timestamp;
}

const REMOVAL_REASONS = ['folded', 'merged', 'deleted', 'out_of_scope'] as const;

/** The latest change of a job, as a caller is told of it. */
export type JobChange = { id: string; place: ChangePlace; changedAt: Timestamp } & (
  | { change: 'created' | 'updated' | 'closed'; job: Job }
  | {
      change: 'removed';
      reason: (typeof REMOVAL_REASONS)[number];
      /** The job that answers for it now; null when there is none that the caller may read. */
      replacedBy: string | null;
    }
);

/** Changes that follow a place. */
export interface ChangePage {
  changes: JobChange[];
  hasMore: boolean;
  /** The oldest transaction open: the order of changes is final up to here. */
  horizon: string;
}

export const jobChangeSchema = z
  .object({
    change: z
      .enum(['created', 'updated', 'closed', 'removed'])
      .describe(
        '`created`: shown since you last asked, `closed`: gone from open to closed since then, `updated`: anything else about it, ' +
          '`removed`: shown no more',
      ),
    id: z.string().describe('Id of the job'),
    changed_at: z.iso.datetime().describe('When the change came to be (ISO 8601, UTC)'),
    job: jobViewSchema
      .nullable()
      .describe('The job as it is now, to be put in the place of what you hold; null when removed'),
    reason: z
      .enum(REMOVAL_REASONS)
      .nullable()
      .describe(
        'Why it was removed: `folded` into a repost that is shown for it, `merged` into another id of the same posting, `deleted`, ' +
          'or by a correction `out_of_scope` of your key. Null unless removed',
      ),
    replaced_by: z
      .string()
      .nullable()
      .describe('Id of the job that answers for a folded or merged one now, where you may read it'),
  })
  .meta({ id: 'JobChange', description: 'The latest change of one job.' });

type JobChangeView = z.infer<typeof jobChangeSchema>;

/** The wire form of a change. */
export function toJobChangeView(changed: JobChange, now: Timestamp): JobChangeView {
  const { change, id, changedAt } = changed;
  if (changed.change === 'removed') {
    const { reason, replacedBy } = changed;
    return { change, id, changed_at: changedAt, job: null, reason, replaced_by: replacedBy };
  }
  const job = toJobView(changed.job, now);
  return { change, id, changed_at: changedAt, job, reason: null, replaced_by: null };
}

const CURSOR = /^c-(\d{1,19})-(\d{1,15})-(\d{1,13})$/;

/** A cursor as text that is safe in a URL; for callers it is opaque. */
export function encodeChangeCursor({ place, at }: ChangeCursor): string {
  return `c-${place.transaction}-${place.number}-${toMillis(at)}`;
}

/** Null for a text that is no cursor. */
export function parseChangeCursor(text: string): ChangeCursor | null {
  const [, transaction, number, at] = CURSOR.exec(text) ?? [];
  if (transaction === undefined) return null;
  return { place: { transaction, number: Number(number) }, at: toTimestamp(Number(at)) };
}

/** Since when it is told what was removed. */
export function tombstonesSince(now: Timestamp): Timestamp {
  return addMillis(now, -TOMBSTONE_DAYS * DAY_MS);
}

/** An idle reader's cursor stays the same for so long, and its answer with it: asked with its ETag, it is a 304. */
const RENEWED_AFTER_MS = HOUR_MS;

/** Where a reader that stood at `start` stands after the page. */
export function nextChangeCursor(
  start: ChangeCursor,
  { changes, hasMore, horizon }: ChangePage,
  now: Timestamp,
): ChangeCursor {
  const last = changes.at(-1);
  if (hasMore && last) return { place: last.place, at: latest(start.at, earliest(last.changedAt, now)) };
  if (!last && toMillis(now) - toMillis(start.at) < RENEWED_AFTER_MS) return start;
  return { place: { transaction: horizon, number: 0 }, at: latest(start.at, now) };
}

/** Whether the cursor is of another database than that whose order ends at `horizon`: of one that was lost or replaced. */
export function isBeyond({ place }: ChangeCursor, horizon: string): boolean {
  return BigInt(place.transaction) > BigInt(horizon);
}

function latest(left: Timestamp, right: Timestamp): Timestamp {
  return left > right ? left : right;
}

function earliest(left: Timestamp, right: Timestamp): Timestamp {
  return left < right ? left : right;
}
