import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { printLine, printTable } from '../bin/commands/output';
import { createLogger } from '../bin/logger';
import { createSearchIndex } from '../bin/searchEngine';
import { parseJobQuery } from '../domain/jobFilter';
import { readScopeOf } from '../domain/plan';
import { toTimestamp } from '../domain/time';
import type { Latencies } from './measures';
import { COMMON_PHRASE } from './postings';
import type { ReadCall, ReadPlan } from './readPlan';
import { type BenchStack, nodeArguments } from './stack';
import { wordOfRank } from './vocabulary';

const execute = promisify(execFile);

/** Calls under way at once. */
export const CONNECTIONS = 16;
const WARM_UP_SECONDS = 2;
/** Of the plan that the demo account is on. */
const RETENTION_DAYS = 183;

/** What callers ask for, from cheap to dear. */
const QUERIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no text': {},
  'rare word': { search: wordOfRank(3_500) },
  'two words': { search: `${wordOfRank(150)} ${wordOfRank(200)}` },
  phrase: { search: `"${COMMON_PHRASE}"` },
  'three filters': { job_type: 'hourly', country: 'DE,FR,US', payment_verified: 'true' },
  'frequent word': { search: wordOfRank(20) },
};

export interface SearchFigures {
  name: string;
  api: Latencies;
  bare: Latencies;
}

/** Puts load on `GET /jobs`, query by query, and on the bare calls to the engine behind it. Prints both. */
export async function benchSearch(stack: BenchStack, seconds: number): Promise<SearchFigures[]> {
  const figures: SearchFigures[] = [];
  const rows: (string | number)[][] = [];
  for (const [name, query] of Object.entries(QUERIES)) {
    const url = `${stack.file.apiUrl}/jobs?${new URLSearchParams(query).toString()}`;
    const { total, engine } = await look(url, stack.apiKey);
    const request: ReadCall = { kind: 'http', url, headers: { 'X-API-KEY': stack.apiKey } };
    const bareCalls = await captureCalls(stack, query);
    const api = await load(stack, { calls: [request], seconds });
    const bare = await load(stack, { calls: bareCalls, seconds });
    figures.push({ name, api, bare });
    rows.push([
      name,
      total,
      engine,
      ...[api, bare].flatMap(({ p50, p99, perSecond }) => [
        p50.toFixed(1),
        p99.toFixed(1),
        Math.round(perSecond),
      ]),
      (api.p50 / bare.p50).toFixed(2),
      (api.perSecond / bare.perSecond).toFixed(2),
    ]);
  }
  printLine(`\nsearch: ${CONNECTIONS} at a time, ${seconds} s a query, milliseconds`);
  printTable(
    [
      'query',
      'matches',
      'engine',
      'API p50',
      'p99',
      'req/s',
      'bare p50',
      'p99',
      'calls/s',
      'p50 ratio',
      'req/s ratio',
    ],
    rows,
  );
  return figures;
}

/** Prints how the figures of the largest set compare with those of the smallest. */
export function printGrowth(bySize: ReadonlyMap<number, SearchFigures[]>): void {
  const sizes = [...bySize.keys()].sort((left, right) => left - right);
  const [smallest, largest] = [sizes[0], sizes.at(-1)];
  if (smallest === undefined || largest === undefined || smallest === largest) return;
  printLine(`\nfrom ${smallest} to ${largest} postings, factors`);
  const former = new Map(bySize.get(smallest)?.map((figures) => [figures.name, figures]));
  printTable(
    ['query', 'API p50', 'p99', 'req/s', 'bare p50', 'p99', 'calls/s'],
    (bySize.get(largest) ?? []).map(({ name, api, bare }) => {
      const before = former.get(name);
      const factors = (now: Latencies, then: Latencies | undefined) =>
        (['p50', 'p99', 'perSecond'] as const).map((figure) =>
          (now[figure] / (then?.[figure] ?? Number.NaN)).toFixed(2),
        );
      return [name, ...factors(api, before?.api), ...factors(bare, before?.bare)];
    }),
  );
}

async function look(url: string, apiKey: string): Promise<{ total: string; engine: string }> {
  const response = await fetch(url, { headers: { 'X-API-KEY': apiKey } });
  const body = (await response.json()) as { total?: number; total_is_exact?: boolean };
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${JSON.stringify(body)}`);
  return {
    total: `${body.total_is_exact === false ? 'over ' : ''}${body.total ?? '?'}`,
    engine: response.headers.get('X-Search-Engine') ?? '?',
  };
}

/** What the search adapter sends for a query: it is run once, and listened to. */
async function captureCalls(
  { db, config, file, secrets }: BenchStack,
  params: Readonly<Record<string, string>>,
): Promise<ReadCall[]> {
  const calls: ReadCall[] = [];
  const hearQuery = ({ sql, bindings }: { sql: string; bindings?: unknown[] }) => {
    calls.push({ kind: 'sql', sql, bindings: bindings ?? [] });
  };
  const originalFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    calls.push({
      kind: 'http',
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: await request.clone().text(),
    });
    return originalFetch(request);
  };
  db.on('query', hearQuery);
  try {
    const now = toTimestamp(Date.now());
    const { filter, sort, limit, start } = parseJobQuery(params, now);
    const scope = readScopeOf('live', { retention_days: RETENTION_DAYS }, { samplesForLiveKeys: true, now });
    const meiliMasterKey = config.meiliMasterKey ?? secrets.meiliMasterKey;
    const index = createSearchIndex(
      db,
      { ...config, meiliUrl: file.meiliUrl, meiliMasterKey },
      createLogger('bench', 'silent'),
    );
    await index.search({ filter, sort, scope, limit, start });
  } finally {
    db.removeListener('query', hearQuery);
    globalThis.fetch = originalFetch;
  }
  return calls;
}

/** Sixteen loops in a process of their own, the same for the API and for what is behind it. */
export async function load(
  { file, dataDir }: BenchStack,
  { calls, seconds, inTurn = false }: { calls: ReadCall[]; seconds: number; inTurn?: boolean },
): Promise<Latencies> {
  const plan: ReadPlan = {
    databaseUrl: file.databaseUrl,
    calls,
    inTurn,
    concurrency: CONNECTIONS,
    warmUpSeconds: WARM_UP_SECONDS,
    seconds,
  };
  const path = join(dataDir, 'read-plan.json');
  writeFileSync(path, JSON.stringify(plan), { mode: 0o600 });
  const { stdout } = await execute(process.execPath, [...nodeArguments('bench/reads.ts'), path]);
  return JSON.parse(stdout) as Latencies;
}
