import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { printLine, printTable } from '../bin/commands/output';
import { openAccount } from './accounts';
import { withApis } from './apis';
import type { Latencies } from './measures';
import type { ReadCall } from './readPlan';
import { CONNECTIONS, load } from './search';
import { type BenchStack, nodeArguments } from './stack';

const ROUNDS = 3;
const PATHS = ['/categories', '/jobs?limit=1', '/jobs'];

/**
 * What it costs to know who asks, to hold them to their limits and to count their calls: the same routes with all of it and without. Both
 * have their answers at hand, so that little else is left of a request. Prints the throughputs.
 */
export async function benchAuth(stack: BenchStack, seconds: number): Promise<void> {
  const terms = { requests_per_minute: 1_000_000 };
  const { secret } = await openAccount(stack.db, {
    planId: 'business',
    pepper: stack.secrets.keyPepper,
    terms,
  });
  await withApis(stack, { names: ['limited'] }, async ([limited]) =>
    withOpenApi(stack, async (open) => {
      const rows: (string | number)[][] = [];
      for (const path of PATHS) {
        const callTo = (origin: string): ReadCall => ({
          kind: 'http',
          url: origin + path,
          headers: { 'X-API-KEY': secret },
        });
        const runs: { guarded: Latencies; bare: Latencies }[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const bare = await load(stack, { calls: [callTo(open)], seconds });
          const guarded = await load(stack, { calls: [callTo(limited?.origin ?? '')], seconds });
          runs.push({ guarded, bare });
        }
        const ratios = runs.map(({ guarded, bare }) => guarded.perSecond / bare.perSecond);
        const [best] = runs;
        if (!best) continue;
        rows.push([
          path,
          Math.round(best.guarded.perSecond),
          Math.round(best.bare.perSecond),
          ratios.map((ratio) => ratio.toFixed(2)).join(' '),
          (ratios.sort((left, right) => left - right)[Math.floor(ROUNDS / 2)] ?? 0).toFixed(2),
        ]);
      }
      printLine(`\nauth: ${CONNECTIONS} at a time, ${ROUNDS} times ${seconds} s, requests a second`);
      printTable(['route', 'key, limits, metering', 'without', 'ratios', 'median ratio'], rows);
    }),
  );
}

async function withOpenApi<T>(stack: BenchStack, action: (origin: string) => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, nodeArguments('bench/openApi.ts'), {
    env: {
      ...process.env,
      DATABASE_URL: stack.file.databaseUrl,
      KEY_PEPPER: stack.secrets.keyPepper,
      KEY_ENCRYPTION_KEY: stack.secrets.keyEncryptionKey,
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return await action(`http://127.0.0.1:${(JSON.parse(line) as { port: number }).port}`);
  } finally {
    child.kill();
  }
}
