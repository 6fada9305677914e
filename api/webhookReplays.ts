import type { Db } from '../db/connection';
import { readStoredJobs } from '../db/jobs';
import {
  countToldJobs,
  insertReplays,
  listToldJobs,
  type ReplaySpan,
  type ToldJob,
} from '../db/webhookReplays';
import { AppError } from '../domain/errors';
import { toJobView } from '../domain/jobView';
import type { Timestamp } from '../domain/time';
import type { WebhookCall } from './webhookCalls';

export const MAX_REPLAYED_JOBS = 10_000;
/** Whole jobs are held in memory, so many at a time. */
const JOBS_AT_ONCE = 500;

/**
 * Tells an endpoint anew of the jobs that it was told of in a span and the caller may still read. Gives how many they are.
 * @throws AppError `invalid_parameter` when there are more than 10,000.
 */
export async function replayJobs(
  transaction: Db,
  { caller, now }: WebhookCall,
  { endpointId, from, to }: { endpointId: string; from: Timestamp; to: Timestamp },
): Promise<number> {
  const span = { endpointId, from, to, scope: caller.readScope };
  const told = await listToldJobs(transaction, span, MAX_REPLAYED_JOBS + 1);
  const firstBeyond = told[MAX_REPLAYED_JOBS];
  if (firstBeyond) throw await tooMany(transaction, span, firstBeyond);
  for (let start = 0; start < told.length; start += JOBS_AT_ONCE) {
    const slice = told.slice(start, start + JOBS_AT_ONCE);
    const jobs = await readStoredJobs(
      transaction,
      slice.map(({ jobId }) => jobId),
    );
    const replays = slice.flatMap(({ jobId, savedSearches }) => {
      const job = jobs.get(jobId);
      if (!job) return [];
      const body = JSON.stringify(toJobView(job, now));
      return [{ jobId, version: job.version, body, savedSearches }];
    });
    await insertReplays(transaction, { endpointId, accountId: caller.account.id, now }, replays);
  }
  return told.length;
}

async function tooMany(db: Db, span: ReplaySpan, { matchedAt }: ToldJob): Promise<AppError> {
  const count = await countToldJobs(db, span);
  const message = `The span has ${count} jobs, and ${MAX_REPLAYED_JOBS} is the most for a call. Ask for it in parts, the first ending at ${matchedAt}.`;
  return new AppError('invalid_parameter', message, {
    faults: [{ parameter: 'to', message, received: span.to }],
  });
}
