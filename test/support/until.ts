import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 10;

/** Looks again and again until it is so. Gives how long that took in milliseconds. @throws Error at the deadline. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { deadlineMs = 10_000 } = {},
): Promise<number> {
  const startedAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAt > deadlineMs)
      throw new Error(`It was not so within ${deadlineMs} ms: ${String(isSo)}`);
    await delay(PAUSE_MS);
  }
  return performance.now() - startedAt;
}
