import { recordAct } from '../db/auditLog';
import type { Db } from '../db/connection';
import { type AddedSource, findAddedSource, setSourcePaused } from '../db/sources';
import { AppError } from '../domain/errors';
import type { Timestamp } from '../domain/time';
import { applySchedule, type ScheduleContext, type StartedRun, triggerRun } from './sourceSchedules';

/** On what an operator acts, who that is, and when. */
interface SourceActing {
  db: Db;
  schedules: ScheduleContext;
  /** As the audit log names them. */
  actor: string;
  now: Timestamp;
}

/**
 * Pauses a source or lets it go on, and tells its schedule. What is stored counts: when Temporal cannot be told, the act is given
 * again. One that changes nothing leaves no entry in the audit log.
 * @throws AppError `not_found`.
 */
export async function pauseSource(
  name: string,
  paused: boolean,
  { db, schedules, actor, now }: SourceActing,
): Promise<AddedSource> {
  const source = await db.transaction(async (transaction) => {
    const before = await findAddedSource(transaction, name);
    const after = await setSourcePaused(transaction, name, paused);
    if (!before || !after) throw noSource(name);
    if (before.paused !== paused) {
      await recordSourceAct(transaction, paused ? 'source.paused' : 'source.resumed', name, { actor, now });
    }
    return after;
  });
  if (source.location !== null) await applySchedule(source, schedules);
  return source;
}

/**
 * Begins to read a source now. That it was asked for is in the audit log first: no run is unaccounted for.
 * @throws AppError `not_found`; `conflict` for a source that is pushed to; as `triggerRun`.
 */
export async function runSourceNow(
  name: string,
  { db, schedules, actor, now }: SourceActing,
): Promise<StartedRun> {
  const source = await findAddedSource(db, name);
  if (!source) throw noSource(name);
  if (source.location === null) {
    throw new AppError('conflict', `Source ${name} is pushed to; there is nothing to read.`);
  }
  await recordSourceAct(db, 'source.triggered', name, { actor, now });
  return await triggerRun(source, schedules);
}

/** Keeps in the audit log what is done to a source; no account is concerned. */
export async function recordSourceAct(
  db: Db,
  action: `${'source' | 'source_token'}.${string}`,
  name: string,
  acting: { actor: string; now: Timestamp; details?: object },
): Promise<void> {
  await recordAct(db, { ...acting, action, accountId: null, subject: name });
}

export function noSource(name: string): AppError {
  return new AppError('not_found', `There is no source ${name}.`);
}
