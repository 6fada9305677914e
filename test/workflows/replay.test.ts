import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';

/**
 * Histories of workflows as they ran once, kept by recordHistory.ts. A workflow whose steps change must either still replay
 * them, or change by `patched()`: in production such workflows may be under way.
 */
const HISTORIES = join(__dirname, 'histories');

describe('a workflow recorded earlier', () => {
  it.each(readdirSync(HISTORIES))('replays with the workflows as they are now: %s', async (name) => {
    const history = temporal.api.history.v1.History.decode(readFileSync(join(HISTORIES, name)));
    const codePath = process.env.TEST_WORKFLOW_BUNDLE ?? '';
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, name);
  });
});
