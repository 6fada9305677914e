import type { Db } from '../db/connection';
import { readStoredJobs } from '../db/jobs';
import { insertDeliveries, insertPayloads } from '../db/webhookOutbox';
import { countToldJobs, listToldJobs, type PastTelling, type ReplaySpan } from '../db/webhookReplays';
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
    await tellAnew(transaction, { accountId: caller.account.id, endpointId, slice, now });
  }
  return told.length;
}

async function tellAnew(
  transaction: Db,
  {
    accountId,
    endpointId,
    slice,
    now,
  }: { accountId: string; endpointId: string; slice: readonly PastTelling[]; now: Timestamp },
): Promise<void> {
  const jobs = await readStoredJobs(
    transaction,
    slice.map(({ jobId }) => jobId),
  );
  const payloads = [...jobs.values()].map((job) => ({
    jobId: job.id,
    jobVersion: job.version,
    body: JSON.stringify(toJobView(job, now)),
  }));
  const payloadIds = await insertPayloads(transaction, payloads, now);
  const deliveries = slice.flatMap(({ jobId, savedSearches }) => {
    const payloadId = payloadIds.get(jobId);
    if (payloadId === undefined) return [];
    const details = { saved_searches: savedSearches, replayed: true };
    return [{ endpointId, accountId, type: 'job.matched', payloadId, jobId, details, dueAt: now }];
  });
  await insertDeliveries(transaction, deliveries, now);
}

async function tooMany(db: Db, span: ReplaySpan, { matchedAt }: PastTelling): Promise<AppError> {
  const count = await countToldJobs(db, span);
  const message = `The span has ${count} jobs, and ${MAX_REPLAYED_JOBS} is the most for a call. Ask for it in parts, the first ending at ${matchedAt}.`;
  return new AppError('invalid_parameter', message, {
    faults: [{ parameter: 'to', message, received: span.to }],
  });
}
