import { findReadableJob } from '../db/readJobs';
import { listPlans } from '../db/plans';
import { AppError } from '../domain/errors';
import type { Job } from '../domain/job';
import { showsJobsOf, smallestPlanAbove } from '../domain/plan';
import type { KeyedCall } from './route';

type Circumstances = Pick<KeyedCall<unknown, unknown>, 'caller' | 'now' | 'services'>;

/**
 * The job that an id, alias or ciphertext stands for, if the caller may read it.
 * @throws AppError `not_found`; it says so when a larger plan would show the job.
 */
export async function readableJob(id: string, circumstances: Circumstances): Promise<Job> {
  const { caller, services } = circumstances;
  const job = await findReadableJob(services.db, id, caller.readScope);
  if (!job) throw await notReadable(id, circumstances);
  return job;
}

async function notReadable(id: string, { caller, now, services }: Circumstances): Promise<AppError> {
  const { plan, readScope } = caller;
  const job = await findReadableJob(services.db, id, { ...readScope, postedSince: null });
  const larger =
    job &&
    smallestPlanAbove(plan, await listPlans(services.db, now), (other) =>
      showsJobsOf(other, job.postedOn, now),
    );
  if (!larger) return new AppError('not_found', `There is no job ${id}.`);
  return new AppError(
    'not_found',
    `Job ${id} was posted on ${job.postedOn}, before the ${plan.retention_days ?? 0} days that the ${plan.name} plan ` +
      `shows. The ${larger.name} plan would show it.`,
  );
}
