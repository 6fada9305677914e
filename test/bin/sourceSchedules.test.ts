import { randomUUID } from 'node:crypto';
import type { ScheduleHandle } from '@temporalio/client';
import pino from 'pino';
import type { AddedSource } from '../../db/sources';
import { emptyReport } from '../../domain/outcome';
import {
  applySchedule,
  deleteSchedule,
  nextRunAt,
  restoreSchedules,
  type ScheduleContext,
  triggerRun,
} from '../../bin/sourceSchedules';
import { followRun } from '../../bin/ingestion';
import { createTestDatabase } from '../support/database';
import { addHttpSource } from '../support/sources';
import { createTestWorker, type TestWorker } from '../support/temporal';

let worker: TestWorker;
let context: ScheduleContext;
/** Lets the runs that are under way end. */
let release: () => void = () => undefined;
let mayEnd: Promise<void>;
let opened: string[];

beforeAll(async () => {
  worker = await createTestWorker({
    activities: {
      openRun: (sourceId: string, runId: string) => {
        opened.push(sourceId);
        return Promise.resolve({ runId, unpublishedBatches: [] });
      },
      receivePage: async () => {
        await mayEnd;
        return { batchId: 'none', rowCount: 0, isLast: true };
      },
      finishRun: () => Promise.resolve(emptyReport()),
    },
  });
  context = { temporal: worker.client, taskQueue: worker.taskQueue };
});

afterAll(async () => {
  await worker.stop();
});

beforeEach(() => {
  opened = [];
  hold();
  release();
});

function hold(): void {
  mayEnd = new Promise((resolve) => (release = resolve));
}

const newSource = (fields: Partial<AddedSource> = {}): AddedSource => ({
  id: `feed-${randomUUID()}`,
  kind: 'http',
  isSample: false,
  location: 'http://127.0.0.1:1/',
  intervalSeconds: 3_600,
  mapping: null,
  options: {},
  paused: false,
  addedAt: new Date().toISOString(),
  ...fields,
});

async function stateOf(schedule: ScheduleHandle) {
  const { spec, state, policies, action } = await schedule.describe();
  return {
    every: spec.intervals?.[0]?.every,
    paused: state.paused,
    overlap: policies.overlap,
    args: action.args,
    workflowId: action.workflowId,
  };
}

describe('the schedule of a source', () => {
  it('is made once, and changed to what the source says, however often', async () => {
    const source = newSource();
    const expected = {
      every: 3_600_000,
      paused: false,
      overlap: 'SKIP',
      args: [{ sourceId: source.id }],
      workflowId: `ingest/${source.id}`,
    };
    expect(await stateOf(await applySchedule(source, context))).toEqual(expected);
    expect(await stateOf(await applySchedule(source, context))).toEqual(expected);
    const changed = { ...source, intervalSeconds: 60, paused: true };
    expect(await stateOf(await applySchedule(changed, context))).toEqual({
      ...expected,
      every: 60_000,
      paused: true,
    });
    await deleteSchedule(source.id, context);
  });

  it('runs for the first time one interval after the source was added, and not while it is paused', async () => {
    const source = newSource();
    const next = await nextRunAt(await applySchedule(source, context));
    expect(Math.abs((next?.getTime() ?? 0) - Date.parse(source.addedAt) - 3_600_000)).toBeLessThan(1_500);
    expect(await nextRunAt(await applySchedule({ ...source, paused: true }, context))).toBeNull();
    await deleteSchedule(source.id, context);
  });

  it('ends as often as one likes, and can be made anew', async () => {
    const source = newSource();
    await applySchedule(source, context);
    await deleteSchedule(source.id, context);
    await deleteSchedule(source.id, context);
    await applySchedule(source, context);
    await deleteSchedule(source.id, context);
  });
});

it('gives every source the schedule that Temporal has lost', async () => {
  const { db, drop } = await createTestDatabase();
  const added = await addHttpSource(db, 'http://127.0.0.1:1/', { id: `feed-${randomUUID()}` });
  await restoreSchedules(db, context, pino({ level: 'silent' }));
  const schedule = worker.client.schedule.getHandle(`ingest/${added.id}`);
  expect(await stateOf(schedule)).toMatchObject({ every: 3_600_000, args: [{ sourceId: added.id }] });
  await deleteSchedule(added.id, context);
  await drop();
});

describe('running a source now', () => {
  it('starts a run, also of a paused source and of one whose schedule is not there, and each time another', async () => {
    const source = newSource({ paused: true });
    const first = await triggerRun(source, context);
    expect(await followRun(first.handle, {})).toEqual(emptyReport());
    const second = await triggerRun(source, context);
    await second.handle.result();
    expect(first.wasUnderWay || second.wasUnderWay).toBe(false);
    expect(opened).toEqual([source.id, source.id]);
    await deleteSchedule(source.id, context);
  });

  it('follows the run that is under way instead of starting a second', async () => {
    hold();
    const source = newSource();
    const first = await triggerRun(source, context);
    const second = await triggerRun(source, context);
    expect(second.wasUnderWay).toBe(true);
    expect(second.handle.workflowId).toBe(first.handle.workflowId);
    release();
    await second.handle.result();
    expect(opened).toEqual([source.id]);
    await deleteSchedule(source.id, context);
  });
});
