import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { printLine } from '../bin/commands/output';
import { followRun, runIngestion } from '../bin/ingestion';
import { connect } from '../db/connection';
import { countJobs } from '../db/jobs';
import { AppError } from '../domain/errors';
import type { IngestReport } from '../domain/outcome';
import type { ingestSource } from '../workflows/ingestSource';
import { killAndAwaitRestart, type Target, TARGETS } from './kill';
import { stopwatch } from './measures';
import { writeMixedPostings } from './postings';
import { createRandom } from './random';
import { type BenchStack, withStack } from './stack';
import { readCount } from './readCount';

const USAGE =
  'npm run chaos -- [--runs 10] [--targets worker,temporal,postgres] [--postings 5000] [--seed 1]';
/** Shares of the undisturbed duration between which a kill falls. */
const EARLIEST = 0.05;
const LATEST = 0.9;
const RUN_DEADLINE_MS = 180_000;
const UP_DEADLINE_MS = 60_000;
const POLL_MS = 100;
const TOO_LATE = 'the run was over before the kill, which proves nothing';

interface Order {
  runs: number;
  targets: Target[];
  postings: number;
  seed: number;
}

/** What an ingestion came to. */
interface Result {
  report: IngestReport;
  /** By how many the table of jobs has grown. */
  newJobs: number;
  /** Jobs whose present version is not in the index. */
  staleInIndex: number;
  seconds: number;
  /** Whether the kill, if any, came when the run was over already. */
  killedTooLate: boolean;
}

/**
 * `npm run chaos`: ingests one set undisturbed, then sets of the same make during each of which a process is killed. Each must come
 * to the same counts. The exit code tells whether all did.
 */
async function main(): Promise<void> {
  const order = readOrder();
  const outcome = await withStack((stack) => killAndCompare(stack, order));
  printLine(`${outcome.passed} passed, ${outcome.failed} failed`);
  if (outcome.failed > 0) process.exitCode = 1;
}

async function killAndCompare(
  stack: BenchStack,
  { runs, targets, postings, seed }: Order,
): Promise<{ passed: number; failed: number }> {
  const random = createRandom(seed);
  // The first set warms up what the others find warm.
  await ingestSet(stack, { seed, name: 'warm-up', postings });
  const undisturbed = await ingestSet(stack, { seed: seed + 1, name: 'undisturbed', postings });
  printLine(
    `undisturbed: ${undisturbed.seconds.toFixed(1)} s, ${undisturbed.newJobs} jobs, ${JSON.stringify(undisturbed.report)}`,
  );
  let passed = 0;
  let failed = 0;
  for (let run = 1; run <= runs; run += 1) {
    for (const target of targets) {
      const share = EARLIEST + random.fraction() * (LATEST - EARLIEST);
      const killAfterSeconds = share * undisturbed.seconds;
      const set = { seed: seed + 2 + passed + failed, name: `run-${run}-${target}`, postings };
      const difference = await ingestSet(stack, {
        ...set,
        kill: { target, afterSeconds: killAfterSeconds },
      }).then(
        (result) => ({
          text: result.killedTooLate ? TOO_LATE : differenceOf(result, undisturbed),
          seconds: result.seconds,
        }),
        (error: unknown) => ({
          text: error instanceof Error ? error.message : String(error),
          seconds: Number.NaN,
        }),
      );
      if (difference.text === '') passed += 1;
      else failed += 1;
      printLine(
        `run ${run}: ${target} killed after ${killAfterSeconds.toFixed(2)} s (${Math.round(100 * share)} %), ` +
          `done in ${difference.seconds.toFixed(1)} s: ${difference.text === '' ? 'equal' : difference.text}`,
      );
    }
  }
  return { passed, failed };
}

interface KillPlan {
  target: Target;
  afterSeconds: number;
}

interface IngestSet {
  seed: number;
  name: string;
  postings: number;
  kill?: KillPlan;
}

async function ingestSet(stack: BenchStack, { seed, name, postings, kill }: IngestSet): Promise<Result> {
  const location = join(stack.dataDir, `${name}.ndjson`);
  const sourceId = `chaos-${name}`;
  await writeMixedPostings(location, postings, seed);
  const before = await countFresh(stack);
  const temporal = await stack.connectTemporal();
  const took = stopwatch();
  const deadline = Date.now() + RUN_DEADLINE_MS;
  let runSeconds = 0;
  let endedAt = Infinity;
  const running = ingestToTheEnd(stack, { temporal, location, sourceId, deadline }).finally(() => {
    runSeconds = took();
    endedAt = Date.now();
  });
  const killing = kill ? killDuring(stack, { temporal, sourceId, kill, deadline }) : Promise.resolve(0);
  const [report, killedAt] = await Promise.all([running, killing]);
  const after = await countFresh(stack);
  rmSync(location);
  return {
    report,
    seconds: runSeconds,
    newJobs: after.jobs - before.jobs,
    staleInIndex: after.staleInIndex,
    killedTooLate: killedAt > endedAt,
  };
}

/** Over a connection of its own, as soon as there is one: the server may have been killed a moment ago. */
async function countFresh({ file }: BenchStack): Promise<{ jobs: number; staleInIndex: number }> {
  const deadline = Date.now() + UP_DEADLINE_MS;
  for (;;) {
    const db = connect({ databaseUrl: file.databaseUrl, poolSize: 1, applicationName: 'chaos' });
    try {
      return await countJobs(db);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(POLL_MS);
    } finally {
      await db.destroy();
    }
  }
}

/** The report of the run; asked for again as often as the connection is lost. */
async function ingestToTheEnd(
  { db, config }: BenchStack,
  {
    temporal,
    location,
    sourceId,
    deadline,
  }: { temporal: Client; location: string; sourceId: string; deadline: number },
): Promise<IngestReport> {
  const handle: WorkflowHandle<typeof ingestSource> = temporal.workflow.getHandle(`ingest/${sourceId}`);
  let waiting = runIngestion({ location, sourceId }, { db, temporal, taskQueue: config.temporalTaskQueue });
  for (;;) {
    try {
      return await Promise.race([waiting, overdue(deadline)]);
    } catch (error) {
      if (error instanceof AppError || error instanceof OverdueError) throw error;
      await delay(POLL_MS);
      waiting = followRun(handle, {});
    }
  }
}

class OverdueError extends Error {
  override readonly name = 'OverdueError';
}

async function overdue(deadline: number): Promise<never> {
  await delay(Math.max(0, deadline - Date.now()), undefined, { ref: false });
  throw new OverdueError(`It was not done after ${RUN_DEADLINE_MS / 1_000} s.`);
}

/** Kills the target so long after the run was started, and waits until it was started again. Gives the time of the kill. */
async function killDuring(
  { dataDir }: BenchStack,
  {
    temporal,
    sourceId,
    kill: { target, afterSeconds },
    deadline,
  }: { temporal: Client; sourceId: string; kill: KillPlan; deadline: number },
): Promise<number> {
  const handle = temporal.workflow.getHandle(`ingest/${sourceId}`);
  while (
    !(await handle.describe().then(
      () => true,
      () => false,
    ))
  ) {
    if (Date.now() > deadline) throw new OverdueError('The run was not started.');
    await delay(POLL_MS / 10);
  }
  await delay(afterSeconds * 1_000);
  return await killAndAwaitRestart(dataDir, target);
}

/** Empty when they are equal. */
function differenceOf(result: Result, undisturbed: Result): string {
  const flatten = ({ report: { reasons, ...counts }, newJobs, staleInIndex }: Result) =>
    new Map<string, number>([
      ...Object.entries(counts),
      ...Object.entries(reasons),
      ['jobs in the table', newJobs],
      ['jobs not in the index', staleInIndex],
    ]);
  const [found, expected] = [flatten(result), flatten(undisturbed)];
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((name) => found.get(name) !== expected.get(name))
    .map((name) => `${name} ${found.get(name) ?? 0} instead of ${expected.get(name) ?? 0}`)
    .join(', ');
}

function readOrder(): Order {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '10' },
      targets: { type: 'string', default: 'worker,temporal,postgres' },
      postings: { type: 'string', default: '5000' },
      seed: { type: 'string', default: '1' },
    },
  });
  return {
    runs: readCount('--runs', values.runs, { most: 1_000, usage: USAGE }),
    targets: values.targets.split(',').map(readTarget),
    postings: readCount('--postings', values.postings, { most: 1_000_000, usage: USAGE }),
    seed: readCount('--seed', values.seed, { most: 1_000_000_000, usage: USAGE }),
  };
}

function readTarget(text: string): Target {
  const target = TARGETS.find((known) => known === text.trim());
  if (!target) throw new Error(`There is no process ${text}; there are ${TARGETS.join(', ')}. ${USAGE}`);
  return target;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
