import {
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { Logger } from 'pino';
import type { Db } from '../db/connection';
import { type AddedSource, listAddedSources } from '../db/sources';
import { AppError } from '../domain/errors';
import { toMillis } from '../domain/time';
import type { ingestSource } from '../workflows/ingestSource';
import { SOURCE_ID } from '../workflows/searchAttributes';

export interface ScheduleContext {
  temporal: Client;
  taskQueue: string;
}

/** Missed while Temporal was away: one interval is soon made up for, so what is older is let go. */
const CATCH_UP_WINDOW = '1 minute';
const START_DEADLINE_MS = 60_000;
const LOOK_INTERVAL_MS = 200;

function scheduleId(sourceId: string): string {
  return `ingest/${sourceId}`;
}

/** Makes Temporal's schedule what the stored source says, whatever it was: the same however often it is done. */
export async function applySchedule(
  source: AddedSource,
  { temporal, taskQueue }: ScheduleContext,
): Promise<ScheduleHandle> {
  const { id, intervalSeconds, paused } = source;
  const schedule = {
    spec: { intervals: [{ every: intervalSeconds * 1_000, offset: offsetMillis(source) }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'ingestSource',
      // Temporal adds the time.
      workflowId: scheduleId(id),
      taskQueue,
      args: [{ sourceId: id }] as Parameters<typeof ingestSource>,
      typedSearchAttributes: [{ key: SOURCE_ID, value: id }],
      staticSummary: `${id}, by its schedule`,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP_WINDOW },
    state: { paused, note: paused ? 'Paused by an operator' : 'Set by the command line' },
  };
  const handle = temporal.schedule.getHandle(scheduleId(id));
  try {
    return await temporal.schedule.create({ scheduleId: scheduleId(id), ...schedule });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  await handle.update(() => schedule);
  return handle;
}

/**
 * Gives every source that operators have added its schedule, should Temporal have lost it: Postgres is what is backed up. That it
 * cannot be done is told, and no reason not to work.
 */
export async function restoreSchedules(db: Db, context: ScheduleContext, logger: Logger): Promise<void> {
  try {
    for (const source of await listAddedSources(db)) {
      if (source.location !== null) await applySchedule(source, context);
    }
  } catch (error) {
    logger.warn({ err: error }, 'the schedules of the sources could not be restored');
  }
}

/** The first run comes one interval after the source was added; so sources are spread, too. */
function offsetMillis({ addedAt, intervalSeconds }: AddedSource): number {
  return toMillis(addedAt) % (intervalSeconds * 1_000);
}

/** Ends the schedule, if there is one. A run that is under way goes to its end. */
export async function deleteSchedule(sourceId: string, { temporal }: ScheduleContext): Promise<void> {
  try {
    await temporal.schedule.getHandle(scheduleId(sourceId)).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

/** When the schedule starts its next run; null while it is paused. */
export async function nextRunAt(schedule: ScheduleHandle): Promise<Date | null> {
  const { state, info } = await schedule.describe();
  return state.paused ? null : (info.nextActionTimes[0] ?? null);
}

export interface StartedRun {
  handle: WorkflowHandle<typeof ingestSource>;
  /** The run was under way before it was asked for. */
  wasUnderWay: boolean;
}

/**
 * Lets the schedule of a source start a run now, also when it is paused; where one is under way, that is the one.
 * @throws AppError `unavailable` when Temporal starts none within a minute
 */
export async function triggerRun(source: AddedSource, context: ScheduleContext): Promise<StartedRun> {
  const schedule = await applySchedule(source, context);
  const before = await schedule.describe();
  const underWay = await findRunUnderWay(before, context.temporal);
  if (underWay) return { handle: underWay, wasUnderWay: true };

  const known = new Set(runsOf(before).map(({ firstExecutionRunId }) => firstExecutionRunId));
  // The scheduler may take a run that has just ended for one under way, and skip: then it is asked again.
  let skipped = before.info.numActionsSkippedOverlap;
  await schedule.trigger(ScheduleOverlapPolicy.SKIP);
  for (const deadline = Date.now() + START_DEADLINE_MS; Date.now() < deadline;) {
    const now = await schedule.describe();
    const run = runsOf(now).find(({ firstExecutionRunId }) => !known.has(firstExecutionRunId));
    if (run) return { handle: handleOf(run, context.temporal), wasUnderWay: false };
    if (now.info.numActionsSkippedOverlap > skipped) {
      skipped = now.info.numActionsSkippedOverlap;
      await schedule.trigger(ScheduleOverlapPolicy.SKIP);
    }
    await new Promise((resume) => setTimeout(resume, LOOK_INTERVAL_MS));
  }
  throw new AppError(
    'unavailable',
    `Temporal has started no run of ${source.id} within a minute; see schedule ${scheduleId(source.id)} in its UI.`,
  );
}

interface ScheduledWorkflow {
  workflowId: string;
  firstExecutionRunId: string;
}

function runsOf({ info }: ScheduleDescription): ScheduledWorkflow[] {
  return info.recentActions.map(({ action }) => action.workflow);
}

function handleOf({ workflowId, firstExecutionRunId }: ScheduledWorkflow, temporal: Client) {
  return temporal.workflow.getHandle<typeof ingestSource>(workflowId, undefined, { firstExecutionRunId });
}

/** What the scheduler holds for running may have ended since. */
async function findRunUnderWay({ info }: ScheduleDescription, temporal: Client) {
  for (const { workflow } of info.runningActions) {
    const handle = handleOf(workflow, temporal);
    try {
      if ((await handle.describe()).status.name === 'RUNNING') return handle;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  return null;
}
