import {
  continueAsNew,
  defineQuery,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { beginRebuild, catchUpIndex, compareIndex, fillRebuild, finishRebuild } from './activities';

export interface RebuildProgress {
  /**
   * `swapping` brings over what changed meanwhile and puts the new index in the place of the old; `comparing` looks through all jobs
   * once more.
   */
  phase: 'opening' | 'filling' | 'swapping' | 'comparing' | 'done';
  /** ISO 8601. */
  startedAt: string;
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
  startedAt: string;
}

const progress = defineQuery<RebuildProgress>('progress');

/** Builds the search index anew beside the one that serves, puts it in its place, and catches up with what changed meanwhile. */
export async function rebuildIndex(earlier?: RebuildInput): Promise<RebuildReport> {
  const state: RebuildProgress = {
    phase: 'opening',
    startedAt: earlier?.startedAt ?? workflowInfo().startTime.toISOString(),
    done: earlier?.done ?? 0,
    total: earlier?.total ?? 0,
  };
  setHandler(progress, () => state);

  const { name, jobs } = earlier ? { name: earlier.name, jobs: earlier.total } : await beginRebuild();
  state.total = jobs;
  state.phase = 'filling';
  for (let afterId: string | null = earlier?.afterId ?? null; ;) {
    const step = await fillRebuild(name, afterId);
    state.done += step.jobs;
    setCurrentDetails(`${state.done} of ${state.total} jobs`);
    if (step.lastId === null) break;
    afterId = step.lastId;
    if (workflowInfo().continueAsNewSuggested) {
      const { done, total, startedAt } = state;
      await continueAsNew<typeof rebuildIndex>({ name, afterId, done, total, startedAt });
    }
  }
  state.phase = 'swapping';
  await finishRebuild(name);
  state.phase = 'comparing';
  const { mended } = await compareIndex();
  await catchUpIndex();
  state.phase = 'done';
  return { jobs: state.done, mended };
}
