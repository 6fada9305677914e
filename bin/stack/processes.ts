import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that a later run can recognise: its pid alone may have been given to another one since. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque; equal for the same process only, across reboots too. */
  startTime: string;
}

/** One step on the way to end a process: the signal, and how long it has to work before the next step. */
export interface StopStep {
  signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL';
  waitMs: number;
}

/** Field 22 of /proc/<pid>/stat, counted after the command, which may contain spaces and brackets. */
const START_TIME_FIELD = 19;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    const output = execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * When the process with this pid started; undefined when there is none. A zombie counts as none: where nothing
 * collects orphans (process 1 of many containers does not) it stays in the table for ever.
 */
function processStartTime(pid: number): string | undefined {
  const bootId = readText('/proc/sys/kernel/random/boot_id')?.trim();
  if (bootId !== undefined) {
    const stat = readText(`/proc/${pid}/stat`);
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${bootId}/${fields[START_TIME_FIELD] ?? ''}`;
  }
  if (ps(pid, 'state')?.startsWith('Z')) return undefined;
  return ps(pid, 'lstart');
}

/** The process's identity; undefined when it is gone already. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = processStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  return processStartTime(pid) === startTime;
}

/** Program and arguments of a process, as far as the system tells. */
export function commandLine(pid: number): string | undefined {
  return readText(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? ps(pid, 'command');
}

/** Sends a signal; a process that is gone already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends a process that is not our child (an orphan of an earlier run). Resolves to whether it is gone. */
export async function stopForeignProcess(
  identity: ProcessIdentity,
  steps: readonly StopStep[],
): Promise<boolean> {
  for (const { signal, waitMs } of steps) {
    if (!isRunning(identity)) return true;
    sendSignal(identity.pid, signal);
    const deadline = Date.now() + waitMs;
    while (isRunning(identity) && Date.now() < deadline) await delay(50);
  }
  return !isRunning(identity);
}
