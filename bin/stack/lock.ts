import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { identify, isRunning, type ProcessIdentity } from './processes';

/** A lock file without content this long after it was made belongs to a process that was killed in between. */
const UNFINISHED_AFTER_MS = 2_000;
const RETRY_MS = 50;
const ATTEMPTS = 100;

const lockSchema = z.object({ pid: z.number().int().positive(), startTime: z.string().max(200) });

/** The data folder is in use by a process that runs. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';

  constructor(readonly pid: number) {
    super(`process ${pid} uses this data folder already`);
  }
}

export interface Lock {
  /** The process the lock was taken over from, dead by now; undefined when there was none. */
  readonly takenOverFrom: number | undefined;
  release: () => void;
}

/**
 * Makes this process the only one on the data folder (`start.lock`). A lock whose process is gone is taken over, be its
 * pid in use by another program or not.
 * @throws AlreadyRunningError while the holder runs.
 */
export async function acquireLock(dataDir: string): Promise<Lock> {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, 'start.lock');
  const content = JSON.stringify(identify(process.pid));
  let takenOverFrom: number | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (createExclusively(path, content)) {
      const release = () => {
        if (readText(path) === content) rmSync(path, { force: true });
      };
      return { takenOverFrom, release };
    }
    const found = readText(path);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (holder && isRunning(holder)) throw new AlreadyRunningError(holder.pid);
    if (!holder && ageMs(path) < UNFINISHED_AFTER_MS) {
      await delay(RETRY_MS);
      continue;
    }
    if (removeStale(path, found)) takenOverFrom = holder?.pid;
  }
  throw new Error(`The lock ${path} could not be taken.`);
}

function createExclusively(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parseHolder(text: string): ProcessIdentity | undefined {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function ageMs(path: string): number {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modified === undefined ? 0 : Date.now() - modified;
}

/** Removes the stale lock, and it alone: another start may have put its own in its place a moment ago. */
function removeStale(path: string, stale: string): boolean {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return false;
  }
  const moved = readText(aside);
  if (moved !== undefined && moved !== stale) createExclusively(path, moved);
  rmSync(aside, { force: true });
  return moved === stale;
}
