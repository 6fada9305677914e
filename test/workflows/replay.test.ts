import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';

/**
 * Histories of workflows as they ran once. A workflow whose steps change must either still replay them, or change by
 * `patched()`: in production such workflows may be under way. Recorded from a running stack by
 * `temporal workflow show --workflow-id <id> --output json`.
 */
const HISTORIES = join(__dirname, 'histories');

describe('a workflow recorded earlier', () => {
  it.each(readdirSync(HISTORIES))('replays with the workflows as they are now: %s', async (name) => {
    const history = historyFromJSON(JSON.parse(readFileSync(join(HISTORIES, name), 'utf8')) as object);
    const codePath = process.env.TEST_WORKFLOW_BUNDLE ?? '';
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, name);
  });
});
