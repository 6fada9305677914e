import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** What a load of calls came to; times in milliseconds. */
export interface Latencies {
  p50: number;
  p95: number;
  p99: number;
  perSecond: number;
  calls: number;
}

/** Of the times of single calls, taken over so many seconds. */
export function summarise(timesMs: readonly number[], seconds: number): Latencies {
  const sorted = Float64Array.from(timesMs).sort();
  const percentile = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return {
    p50: percentile(0.5),
    p95: percentile(0.95),
    p99: percentile(0.99),
    perSecond: sorted.length / seconds,
    calls: sorted.length,
  };
}

/** Seconds since it was made. */
export function stopwatch(): () => number {
  const startedAt = performance.now();
  return () => (performance.now() - startedAt) / 1_000;
}

const MIB = 1_024 * 1_024;
const SAMPLE_INTERVAL_MS = 2_000;

/** What a process of the stack took, with its children. */
export interface ProcessUse {
  /**
   * Most memory. Shared pages are shared out where the system tells (Linux); elsewhere they count once a process, which makes
   * Postgres look larger than it is.
   */
  peakMiB: number;
  /** Processor time; null where the system does not tell. */
  cpuSeconds: number | null;
}

/** Memory and processor time of the stack's processes by now, by name. */
function usesOf(dataDir: string): Map<string, ProcessUse> {
  const folder = join(dataDir, 'run');
  const processes = listProcesses();
  const uses = new Map<string, ProcessUse>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const pid = readPid(join(folder, file));
    if (pid === null) continue;
    const family = familyOf(pid, processes);
    const bytes = family.reduce(
      (sum, member) => sum + (proportionalBytes(member.pid) ?? member.residentBytes),
      0,
    );
    const ticks = family.map((member) => processorTicks(member.pid));
    uses.set(file.replace(/\.json$/, ''), {
      peakMiB: bytes / MIB,
      cpuSeconds: ticks.includes(null)
        ? null
        : ticks.reduce<number>((sum, some) => sum + (some ?? 0), 0) / TICKS_PER_SECOND,
    });
  }
  return uses;
}

/** The process that a pid file names; null while it is being written, or when it is gone. */
export function readPid(path: string): number | null {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { pid: number }).pid;
  } catch {
    return null;
  }
}

interface ListedProcess {
  pid: number;
  parent: number;
  residentBytes: number;
}

function listProcesses(): ListedProcess[] {
  const output = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' });
  return output
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, kibibytes = 0]) => ({ pid, parent, residentBytes: kibibytes * 1_024 }));
}

function familyOf(pid: number, processes: readonly ListedProcess[]): ListedProcess[] {
  const members = processes.filter((candidate) => candidate.pid === pid);
  for (let seen = 0; seen < members.length; seen += 1) {
    members.push(...processes.filter(({ parent }) => parent === members[seen]?.pid));
  }
  return members;
}

function proportionalBytes(pid: number): number | null {
  try {
    const kibibytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1_024;
  } catch {
    return null;
  }
}

/** The unit of /proc on every Linux. */
const TICKS_PER_SECOND = 100;
/** Fields 14 to 17 of /proc/<pid>/stat, counted after the command: its own time, and that of the children it has outlived. */
const TIME_FIELDS = { from: 11, to: 15 };

function processorTicks(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(TIME_FIELDS.from, TIME_FIELDS.to).reduce((sum, field) => sum + Number(field), 0);
  } catch {
    return null;
  }
}

/** What each process took while something went on, by name. */
export async function processUseDuring<T>(
  dataDir: string,
  action: () => Promise<T>,
): Promise<{ result: T; uses: Map<string, ProcessUse> }> {
  const uses = new Map<string, ProcessUse>();
  const before = usesOf(dataDir);
  const look = () => {
    for (const [name, { peakMiB, cpuSeconds }] of usesOf(dataDir)) {
      const earlier = before.get(name)?.cpuSeconds ?? 0;
      uses.set(name, {
        peakMiB: Math.max(peakMiB, uses.get(name)?.peakMiB ?? 0),
        cpuSeconds: cpuSeconds === null ? null : cpuSeconds - earlier,
      });
    }
  };
  const end = new AbortController();
  const watching = (async () => {
    while (!end.signal.aborted) {
      look();
      await delay(SAMPLE_INTERVAL_MS, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();
  try {
    const result = await action();
    look();
    return { result, uses };
  } finally {
    end.abort();
    await watching;
  }
}
