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
 * Kills a process of the stack by `kill -9`, and waits until it was started again, which does not say that it is ready yet. Gives the time of
 * the kill, in ms.
 * @throws when it does not run, or was not started again within a minute.
 */
export async function killAndAwaitRestart(dataDir: string, target: Target): Promise<number> {
  const path = join(dataDir, 'run', `${target}.json`);
  const pid = readPid(path);
  if (pid === null) throw new Error(`${target} was not running when it was to be killed.`);
  sendSignal(pid, 'SIGKILL');
  const killedAt = Date.now();
  const upBy = killedAt + UP_DEADLINE_MS;
  for (let now = readPid(path); now === null || now === pid; now = readPid(path)) {
    if (Date.now() > upBy)
      throw new Error(`${target} was not started again within ${UP_DEADLINE_MS / 1_000} s.`);
    await delay(POLL_MS);
  }
  return killedAt;
}
