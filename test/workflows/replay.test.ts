import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { createTestDatabase } from '../support/database';
import { canonicalRecord, createRun, ingestionActivities, recordRow } from '../support/ingest';
import { createTestWorker } from '../support/temporal';

const HISTORIES = join(__dirname, 'histories');

/**
 * Histories of workflows as they ran once. A workflow that changes its steps must either still replay them, or be changed with
 * `patched()`: in production such workflows may be under way. Recorded anew by RECORD_HISTORIES=true npx jest test/workflows/replay
 */
async function recordHistories(): Promise<void> {
  const { db, drop } = await createTestDatabase();
  const rows = Array.from({ length: 1_700 }, (_, index) =>
    recordRow(canonicalRecord({ id: String(2_013_625_432_109_875_200n + BigInt(index)) })),
  );
  const { client, taskQueue, stop } = await createTestWorker({ activities: ingestionActivities(db, rows) });
  const { runId, sourceId } = await createRun(db, { sourceId: `recorded-${randomUUID()}` });
  const handle = await client.workflow.start('ingestSource', {
    taskQueue,
    workflowId: `ingest/${sourceId}`,
    args: [{ runId, sourceId }],
  });
  await handle.result();
  mkdirSync(HISTORIES, { recursive: true });
  const record = async (workflowId: string, name: string) => {
    const history = historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory());
    writeFileSync(join(HISTORIES, `${name}.json`), JSON.stringify(JSON.parse(history)));
  };
  await record(`ingest/${sourceId}`, 'ingestSource-four-batches');
  await record(`batch/${runId}-00002`, 'processBatch-third-of-four');
  await stop();
  await drop();
}

describe('recorded histories', () => {
  if (process.env.RECORD_HISTORIES === 'true') {
    it('are recorded', async () => {
      await recordHistories();
      expect(existsSync(HISTORIES)).toBe(true);
    });
  }

  it.each(existsSync(HISTORIES) ? readdirSync(HISTORIES) : ['none'])('%s replays with the workflows as they are now', async (name) => {
    const history = historyFromJSON(JSON.parse(readFileSync(join(HISTORIES, name), 'utf8')) as object);
    const codePath = process.env.TEST_WORKFLOW_BUNDLE ?? '';
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history, name);
  });
});
