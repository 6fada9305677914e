import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sendSignal } from '../bin/stack/processes';
import { readPid } from './measures';

/** The processes of a stack that are started again when they die. */
export const TARGETS = ['worker', 'temporal', 'postgres', 'api', 'meilisearch'] as const;
export type Target = (typeof TARGETS)[number];

const UP_DEADLINE_MS = 60_000;
const POLL_MS = 100;

/**
 * Kills a process of the stack by `kill -9`, once it runs, and waits until it was started again, which does not say that it is ready yet. Gives
 * the time of the kill, in ms.
 * @throws when it is not started within a minute, before or after.
 */
export async function killAndAwaitRestart(dataDir: string, target: Target): Promise<number> {
  const pid = await runningPid(dataDir, target, null);
  sendSignal(pid, 'SIGKILL');
  const killedAt = Date.now();
  await runningPid(dataDir, target, pid);
  return killedAt;
}

/** Of the process, once it is another than the one before. */
async function runningPid(dataDir: string, target: Target, before: number | null): Promise<number> {
  const deadline = Date.now() + UP_DEADLINE_MS;
  for (;;) {
    const pid = readPid(join(dataDir, 'run', `${target}.json`));
    if (pid !== null && pid !== before) return pid;
    if (Date.now() > deadline)
      throw new Error(`${target} was not started again within ${UP_DEADLINE_MS / 1_000} s.`);
    await delay(POLL_MS);
  }
}
