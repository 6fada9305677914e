import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import type { rebuildIndex, RebuildProgress, RebuildReport } from '../../workflows/rebuildIndex';
import { REBUILD_WORKFLOW_ID } from '../../workflows/workflowIds';
import { withRunningStack } from '../runningStack';
import { printJson, printLine } from './output';

const PROGRESS_INTERVAL_MS = 200;

export function registerReindexCommand(program: Command): void {
  program
    .command('reindex')
    .description(
      'build the search index anew from the jobs; searches go on meanwhile, and so does the rebuild if this is stopped',
    )
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: true }) => {
      const report = await runRebuild();
      if (json) printJson(report);
      else {
        printLine(
          `${report.jobs} jobs are in the index, ${report.mended} of them changed while it was built.`,
        );
      }
    });
}

/** Starts the rebuild, or follows the one that is under way. */
async function runRebuild(): Promise<RebuildReport> {
  return withRunningStack(async (stack) => {
    const temporal = await stack.connectTemporal();
    const handle = await temporal.workflow.start<typeof rebuildIndex>('rebuildIndex', {
      workflowId: REBUILD_WORKFLOW_ID,
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue: stack.config.temporalTaskQueue,
      args: [],
    });
    const bar = new SingleBar({
      format: '{phase} {bar} {percentage}% | {value} of {total} jobs | {eta_formatted} left',
      stream: process.stderr,
      clearOnComplete: true,
      noTTYOutput: false,
    });
    bar.start(1, 0, { phase: 'opening' });
    const state = { isWatching: true };
    const watching = (async () => {
      while (state.isWatching) {
        const progress = await handle.query<RebuildProgress>('progress').catch(() => null);
        if (progress) {
          bar.setTotal(Math.max(progress.total, progress.done, 1));
          bar.update(progress.done, { phase: progress.phase });
        }
        await new Promise((resume) => setTimeout(resume, PROGRESS_INTERVAL_MS));
      }
    })();
    try {
      return await handle.result();
    } finally {
      state.isWatching = false;
      await watching;
      bar.stop();
    }
  });
}
