import { spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { identify, isRunning, sendSignal, stopForeignProcess, type StopStep } from './processes';

const MAX_LOG_BYTES = 10 * 1024 * 1024;
const LOG_TAIL_BYTES = 8 * 1024;
const LOG_TAIL_LINES = 30;
const PROBE_INTERVAL_MS = 50;
const FIRST_RESTART_DELAY_MS = 500;
const MAX_RESTART_DELAY_MS = 15_000;
/** A child that lived this long has earned a quick restart. */
const STABLE_AFTER_MS = 60_000;

/** What to run, and how to end it. */
export interface ChildSpec {
  /** Names its log (logs/<name>.log) and its pid file (run/<name>.json). */
  name: string;
  command: string;
  args: readonly string[];
  /** The whole environment of the child. */
  environment: NodeJS.ProcessEnv;
  cwd?: string;
  /** Runs it as this user; only root can. */
  user?: { uid: number; gid: number };
  /** Opens an IPC channel to a Node process: it can say 'ready', and notices when this process dies. */
  ipc?: boolean;
  stopSteps: readonly StopStep[];
}

/** Every child that runs, for the moment when there is no time left to end them one by one. */
const liveChildren = new Set<Child>();

export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** How it ended, in words: `exit code 1`, `signal SIGKILL`. Never rejects. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** The last lines it wrote since it was started. */
  logTail(): string;
}

/** A child that could not be brought up, told with the end of its log. */
export class ChildError extends Error {
  override readonly name = 'ChildError';
}

const pidFileSchema = z.object({
  pid: z.number().int().positive(),
  startTime: z.string().max(200),
  name: z.string().max(100),
  stopSteps: z
    .array(
      z.object({
        signal: z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGKILL']),
        waitMs: z.number().min(0).max(600_000),
      }),
    )
    .max(10),
});

const logPath = (dataDir: string, name: string) => join(dataDir, 'logs', `${name}.log`);
const pidPath = (dataDir: string, name: string) => join(dataDir, 'run', `${name}.json`);

/** Opens the log to append to; one that has grown large becomes `<name>.log.1`, in place of the one before. */
function openLog(dataDir: string, name: string): number {
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  const path = logPath(dataDir, name);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

function readTail(path: string, from: number): string {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const size = fstatSync(file).size;
    const start = Math.max(from, size - LOG_TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    readSync(file, buffer, 0, buffer.length, start);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  } catch {
    return '';
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Starts one process in a group of its own, so that a terminal's Ctrl-C reaches this process alone, which then ends
 * the others in order. Its output goes straight into its log: it can go on writing if this process is killed.
 */
function spawnChild(dataDir: string, spec: ChildSpec): Child {
  const log = openLog(dataDir, spec.name);
  const logStart = fstatSync(log).size;
  let child: ChildProcess;
  try {
    child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.environment,
      detached: true,
      stdio: ['ignore', log, log, ...(spec.ipc ? (['ipc'] as const) : [])],
      ...(spec.user ? { uid: spec.user.uid, gid: spec.user.gid } : {}),
    });
  } finally {
    closeSync(log);
  }
  // A program that is not there never starts; the error comes a moment later.
  let hasEnded = child.pid === undefined;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code ?? 0}`));
  }).then((how) => {
    hasEnded = true;
    liveChildren.delete(started);
    rmSync(pidPath(dataDir, spec.name), { force: true });
    return how;
  });

  const pid = child.pid ?? 0;
  const identity = pid === 0 ? undefined : identify(pid);
  if (identity) {
    mkdirSync(join(dataDir, 'run'), { recursive: true });
    const record: z.infer<typeof pidFileSchema> = {
      ...identity,
      name: spec.name,
      stopSteps: [...spec.stopSteps],
    };
    writeFileSync(pidPath(dataDir, spec.name), JSON.stringify(record), { mode: 0o600 });
  }
  const started: Child = {
    pid,
    process: child,
    ended,
    hasEnded: () => hasEnded,
    logTail: () => readTail(logPath(dataDir, spec.name), logStart),
  };
  liveChildren.add(started);
  return started;
}

/** Ends a child by its steps; the last resort is SIGKILL for its whole group. Resolves when it is gone. */
async function stopChild(child: Child, steps: readonly StopStep[]): Promise<void> {
  for (const { signal, waitMs } of steps) {
    if (child.hasEnded()) return;
    sendSignal(child.pid, signal);
    const deadline = new AbortController();
    const timeout = delay(waitMs, undefined, { signal: deadline.signal }).catch(() => undefined);
    await Promise.race([child.ended, timeout]);
    deadline.abort();
  }
  if (child.hasEnded()) return;
  killChild(child);
  await child.ended;
}

/** Ends a child and its group at once. */
function killChild(child: Child): void {
  if (!child.hasEnded() && child.pid > 0) sendSignal(-child.pid, 'SIGKILL');
}

/** Ends every child of this process at once. */
export function killAllChildren(): void {
  for (const child of liveChildren) killChild(child);
}

/**
 * Waits until the probe resolves; it is asked again while it rejects, unless with a ChildError.
 * @throws ChildError when the child ends first or the deadline passes; the message carries the end of its log.
 */
async function waitUntilReady(
  child: Child,
  probe: () => Promise<unknown>,
  deadlineMs: number,
): Promise<void> {
  let fault = '';
  const ask = async () => {
    try {
      await probe();
      return 'ready';
    } catch (error) {
      if (error instanceof ChildError) throw error;
      fault = ` (${messageOf(error)})`;
      return 'not yet';
    }
  };
  const clock = new AbortController();
  const overdue = delay(deadlineMs, 'overdue', { signal: clock.signal }).catch(() => 'overdue');
  try {
    for (;;) {
      const outcome = await Promise.race([ask(), child.ended, overdue]);
      // Asked first: what said it was ready may be another program on the same port.
      if (child.hasEnded()) throw new ChildError(withLog(`it ended with ${await child.ended}`, child));
      if (outcome === 'ready') return;
      if (outcome === 'overdue') {
        throw new ChildError(withLog(`it was not ready after ${deadlineMs / 1_000} s${fault}`, child));
      }
      await delay(PROBE_INTERVAL_MS);
    }
  } finally {
    clock.abort();
  }
}

function withLog(sentence: string, child: Child): string {
  const tail = child.logTail();
  return tail === '' ? sentence : `${sentence}; the end of its log:\n${tail.replace(/^/gm, '  ')}`;
}

export interface SupervisedChild {
  /** The process that runs now; undefined between a crash and the restart. */
  pid(): number | undefined;
  /** Ends it for good. Resolves when it is gone; may be called several times. */
  stop(): Promise<void>;
}

export interface Supervision {
  dataDir: string;
  spec: ChildSpec;
  /** Resolves when the child can do its work; called at every start, asked again while it rejects. */
  probe: (child: Child) => Promise<unknown>;
  readyDeadlineMs: number;
  /** Takes a sentence about what happened to the child. */
  report: (sentence: string) => void;
  /** Ends the wait for the first start. */
  signal?: AbortSignal;
}

/**
 * Starts a child and keeps it running: once it was up, an unexpected end is reported and followed by another start,
 * after a pause that grows from half a second to a quarter of a minute, for as long as it takes.
 * @throws ChildError when it does not come up the first time; nothing of it is left then.
 */
export async function supervise(supervision: Supervision): Promise<SupervisedChild> {
  const { dataDir, spec, probe, readyDeadlineMs, report, signal } = supervision;
  const stopRequest = new AbortController();
  const isStopping = () => stopRequest.signal.aborted;
  let child = spawnChild(dataDir, spec);
  const untilReady = (started: Child) => waitUntilReady(started, () => probe(started), readyDeadlineMs);
  const stopCurrent = () => stopChild(child, spec.stopSteps);

  try {
    await Promise.race([untilReady(child), rejectOnAbort(signal)]);
  } catch (error) {
    await stopCurrent();
    throw error;
  }

  const keepRunning = async () => {
    let pauseMs = FIRST_RESTART_DELAY_MS;
    let startedAt = Date.now();
    for (;;) {
      const how = await child.ended;
      if (isStopping()) return;
      if (Date.now() - startedAt > STABLE_AFTER_MS) pauseMs = FIRST_RESTART_DELAY_MS;
      report(`${spec.name} ended unexpectedly (${how}); starting it again in ${pauseMs / 1_000} s`);
      await delay(pauseMs, undefined, { signal: stopRequest.signal }).catch(() => undefined);
      if (isStopping()) return;
      pauseMs = Math.min(pauseMs * 2, MAX_RESTART_DELAY_MS);
      startedAt = Date.now();
      child = spawnChild(dataDir, spec);
      try {
        await untilReady(child);
        report(`${spec.name} is up again (process ${child.pid})`);
      } catch (error) {
        if (isStopping()) return;
        report(`${spec.name} did not come up: ${messageOf(error)}`);
        await stopCurrent();
      }
    }
  };
  const ended = keepRunning();

  return {
    pid: () => (child.hasEnded() ? undefined : child.pid),
    stop: async () => {
      stopRequest.abort();
      await stopCurrent();
      await ended;
    },
  };
}

function rejectOnAbort(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = () => reject(new ChildError('it was told to stop before it was ready'));
    if (signal?.aborted) fail();
    else signal?.addEventListener('abort', fail, { once: true });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Ends what an earlier run on this data folder left running (it was killed and could not do so itself), in the order
 * given; names not listed come last. Each is recognised by pid and start time. Resolves to sentences about what was done.
 */
export async function stopOrphans(dataDir: string, order: readonly string[]): Promise<string[]> {
  const sentences: string[] = [];
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const records = readPidFiles(dataDir).sort((a, b) => rank(a.name) - rank(b.name));
  for (const record of records) {
    if (isRunning(record)) {
      const gone = await stopForeignProcess(record, [
        ...record.stopSteps,
        { signal: 'SIGKILL', waitMs: 5_000 },
      ]);
      sentences.push(
        gone
          ? `stopped ${record.name} (process ${record.pid}), left over from a run that was killed`
          : `could not stop ${record.name} (process ${record.pid}), left over from a run that was killed`,
      );
      if (!gone) continue;
    }
    rmSync(pidPath(dataDir, record.name), { force: true });
  }
  return sentences;
}

function readPidFiles(dataDir: string): z.infer<typeof pidFileSchema>[] {
  const folder = join(dataDir, 'run');
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.slice(0, 100).flatMap((name) => {
    try {
      return [pidFileSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')))];
    } catch {
      // Cut off while it was written: it tells nothing.
      rmSync(join(folder, name), { force: true });
      return [];
    }
  });
}
