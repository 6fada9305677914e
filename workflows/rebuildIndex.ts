import {
  continueAsNew,
  defineQuery,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { beginRebuild, catchUpIndex, compareIndex, fillRebuild, finishRebuild } from './activities';

export interface RebuildProgress {
  phase: 'filling' | 'comparing' | 'done';
  /** Jobs that are in. */
  done: number;
  total: number;
}

export interface RebuildReport {
  jobs: number;
  /** Of them, those that changed while the index was being built. */
  mended: number;
}

/** Where a rebuild that grew long goes on. */
export interface RebuildInput {
  name: string;
  afterId: string;
  done: number;
  total: number;
}

const progress = defineQuery<RebuildProgress>('progress');

/** Builds the search index anew beside the one that serves, puts it in its place, and catches up with what changed meanwhile. */
export async function rebuildIndex(earlier?: RebuildInput): Promise<RebuildReport> {
  const state: RebuildProgress = { phase: 'filling', done: earlier?.done ?? 0, total: earlier?.total ?? 0 };
  setHandler(progress, () => state);

  const { name, jobs } = earlier ? { name: earlier.name, jobs: earlier.total } : await beginRebuild();
  state.total = jobs;
  for (let afterId: string | null = earlier?.afterId ?? null; ;) {
    const step = await fillRebuild(name, afterId);
    state.done += step.jobs;
    setCurrentDetails(`${state.done} of ${state.total} jobs`);
    if (step.lastId === null) break;
    afterId = step.lastId;
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof rebuildIndex>({ name, afterId, done: state.done, total: state.total });
    }
  }
  await finishRebuild(name);
  state.phase = 'comparing';
  const { mended } = await compareIndex();
  await catchUpIndex();
  state.phase = 'done';
  return { jobs: state.done, mended };
}
