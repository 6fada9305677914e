import { readFileSync } from 'node:fs';
import { Pool } from 'pg';
import { printJson } from '../bin/commands/output';
import { summarise } from './measures';
import { type ReadCall, type ReadPlan, readPlanSchema } from './readPlan';

/**
 * A process of its own: makes the calls of a plan again and again in concurrent loops over as many connections. Takes the path of
 * the plan; prints latencies as one line of JSON.
 */
async function main(path: string): Promise<void> {
  const plan = readPlanSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const pool = new Pool({
    connectionString: plan.databaseUrl,
    max: plan.concurrency,
    application_name: 'bench reads',
    options: '-c timezone=UTC',
  });
  try {
    await load(pool, plan, plan.warmUpSeconds);
    printJson(summarise(await load(pool, plan, plan.seconds), plan.seconds));
  } finally {
    await pool.end();
  }
}

/** Milliseconds that each measure took. */
async function load(
  pool: Pool,
  { calls, inTurn, concurrency }: ReadPlan,
  seconds: number,
): Promise<number[]> {
  const rounds = inTurn ? calls.map((call) => [call]) : [calls];
  const timesMs: number[] = [];
  const end = performance.now() + seconds * 1_000;
  const loop = async (_: unknown, number: number) => {
    let turn = Math.floor((number * rounds.length) / concurrency);
    while (performance.now() < end) {
      const startedAt = performance.now();
      for (const call of rounds[turn % rounds.length] ?? []) await make(pool, call);
      timesMs.push(performance.now() - startedAt);
      turn += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return timesMs;
}

async function make(pool: Pool, call: ReadCall): Promise<void> {
  if (call.kind === 'sql') {
    await pool.query(call.sql, call.bindings);
    return;
  }
  const { url, headers, body } = call;
  const response = await fetch(url, { method: body === undefined ? 'GET' : 'POST', headers, body });
  const text = await response.text();
  if (!response.ok && response.status !== 304)
    throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`);
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
