import { AppError } from '../domain/errors';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import { findLaterMerge, findStandingMerge, markMergeUndone } from './jobMerges';
import {
  assignIdentities,
  insertJobs,
  lockIdentities,
  readStoredJobs,
  replaceSightings,
  updateJobs,
} from './jobs';

/**
 * Takes a merge back: both jobs stand as they did before it, under versions of their own, and are not merged again. What was
 * observed since is lost to them until the sources show it again.
 * @throws AppError `not_found` when no standing merge made `mergedId` an alias; `conflict` when a later merge into the same job
 * still stands, for its state holds both.
 */
export async function unmergeJob(db: Db, mergedId: string, now: Timestamp): Promise<{ keptId: string }> {
  return await db.transaction(async (transaction) => {
    const merge = await findStandingMerge(transaction, mergedId);
    if (!merge) throw new AppError('not_found', `No merge that still stands made ${mergedId} an alias.`);
    const later = await findLaterMerge(transaction, merge);
    if (later) {
      throw new AppError(
        'conflict',
        `${later.mergedId} was merged into ${merge.keptId} later: take that merge back first.`,
      );
    }
    const { keptState, mergedState } = merge;
    await lockIdentities(transaction, [...keptState.identities, ...mergedState.identities]);
    const kept = (await readStoredJobs(transaction, [merge.keptId], { lock: true })).get(merge.keptId);
    if (!kept) throw new AppError('conflict', `Job ${merge.keptId}, into which it was merged, is no more.`);
    const restored = { verifiedAt: now, updatedAt: now, version: kept.version + 1 };
    await updateJobs(transaction, [{ ...keptState.job, ...restored }]);
    await insertJobs(transaction, [{ ...mergedState.job, ...restored }]);
    await assignIdentities(
      transaction,
      mergedState.identities.map((identity) => ({ identity, jobId: mergedState.job.id })),
    );
    await replaceSightings(transaction, keptState.job.id, keptState.sightings);
    await replaceSightings(transaction, mergedState.job.id, mergedState.sightings);
    await markMergeUndone(transaction, merge.id, now);
    return { keptId: merge.keptId };
  });
}
