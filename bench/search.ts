import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createApp } from '../api/app';
import { openAdmission } from '../api/limits/admission';
import { createStatusReader } from '../api/serviceStatus';
import { findApiKey } from '../db/apiKeys';
import { createSecretBox } from '../db/secretBox';
import { printLine, printTable } from '../bin/commands/output';
import { createLogger } from '../bin/logger';
import { createSearchIndex } from '../bin/searchEngine';
import { toTimestamp } from '../domain/time';
import { createPostingReader } from '../sources/push/pushedPostings';
import { withApis } from './apis';
import type { Latencies } from './measures';
import { COMMON_PHRASE } from './postings';
import type { ReadCall, ReadPlan } from './readPlan';
import { type BenchStack, nodeArguments } from './stack';
import { wordOfRank } from './vocabulary';

const execute = promisify(execFile);

/** Calls under way at once. */
export const CONNECTIONS = 16;
const WARM_UP_SECONDS = 2;
/** What callers ask for; the addresses of the API, without the host. */
const QUERIES: Readonly<Record<string, (stack: BenchStack) => Promise<string> | string>> = {
  newest: () => jobs({}),
  'frequent word': () => jobs({ search: wordOfRank(20) }),
  'two words': () => jobs({ search: `${wordOfRank(150)} ${wordOfRank(200)}` }),
  'rare word': () => jobs({ search: wordOfRank(3_500) }),
  'two rare words': () => jobs({ search: `${wordOfRank(1_000)} ${wordOfRank(3_500)}` }),
  phrase: () => jobs({ search: `"${COMMON_PHRASE}"` }),
  boolean: () => jobs({ search: `(${wordOfRank(1_000)} OR ${wordOfRank(3_500)}) -${wordOfRank(20)}` }),
  'five filters': () =>
    jobs({
      job_type: 'hourly',
      country: 'DE,FR,US',
      payment_verified: 'true',
      contractor_tier: '2,3',
      hourly_min: '30',
    }),
  facets: () => jobs({ search: wordOfRank(1_000), facets: 'category_group,skills,country,job_type' }),
  relevance: () => jobs({ search: wordOfRank(1_000), sort: 'relevance' }),
  'deep cursor': async (stack) => {
    const page = (await ask(stack, jobs({ offset: '10000', limit: '20' }))) as { next_cursor: string | null };
    return jobs({ cursor: page.next_cursor ?? '', limit: '20' });
  },
  similar: async (stack) => {
    const page = (await ask(stack, jobs({ limit: '1' }))) as { data: { id: string }[] };
    return `/jobs/${page.data[0]?.id ?? ''}/similar`;
  },
  trends: () => '/jobs/trends?posted_after=-30d&interval=day',
};

function jobs(query: Readonly<Record<string, string>>): string {
  return `/jobs?${new URLSearchParams(query).toString()}`;
}

export interface SearchFigures {
  name: string;
  api: Latencies;
  bare: Latencies;
}

/**
 * Puts load on the API, query by query, and on the bare calls to the engine behind it. No answer is given twice: an API process without
 * a cache answers. Prints both.
 */
export async function benchSearch(stack: BenchStack, seconds: number): Promise<SearchFigures[]> {
  // Each request is answered anew.
  const settings = { RESPONSE_CACHE_MIB: '0' };
  return await withApis(stack, { names: ['uncached'], settings }, async ([api]) => {
    const uncached = api?.origin ?? '';
    const figures: SearchFigures[] = [];
    const rows: (string | number)[][] = [];
    for (const [name, query] of Object.entries(QUERIES)) {
      const path = await query(stack);
      const { total, engine } = await look(uncached, path);
      const request: ReadCall = {
        kind: 'http',
        url: uncached + path,
        headers: { 'X-API-KEY': stack.apiKey },
      };
      const bareCalls = await captureCalls(stack, path);
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
    print(rows, seconds);
    return figures;
  });

  async function look(origin: string, path: string): Promise<{ total: string; engine: string }> {
    const response = await fetch(origin + path, { headers: { 'X-API-KEY': stack.apiKey } });
    const body = (await response.json()) as { total?: number; total_is_exact?: boolean };
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(body)}`);
    return {
      total: `${body.total_is_exact === false ? 'about ' : ''}${body.total ?? '-'}`,
      engine: response.headers.get('X-Search-Engine') ?? '-',
    };
  }
}

function print(rows: (string | number)[][], seconds: number): void {
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

async function ask({ file, apiKey }: BenchStack, path: string): Promise<unknown> {
  const response = await fetch(file.apiUrl + path, { headers: { 'X-API-KEY': apiKey } });
  return await response.json();
}

/** What the API sends to the engines for a request, but for the look-up of the key: it is served once here, and listened to. */
async function captureCalls(
  { db, config, file, secrets, apiKey }: BenchStack,
  path: string,
): Promise<ReadCall[]> {
  let calls: ReadCall[] = [];
  const hearQuery = ({ sql, bindings }: { sql: string; bindings?: unknown[] }) => {
    if (!/ from api_keys /.test(sql)) calls.push({ kind: 'sql', sql, bindings: bindings ?? [] });
  };
  const originalFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const headers = Object.fromEntries(request.headers);
    calls.push({ kind: 'http', url: request.url, headers, body: await request.clone().text() });
    return originalFetch(request);
  };
  const logger = createLogger('bench', 'silent');
  const meiliMasterKey = config.meiliMasterKey ?? secrets.meiliMasterKey;
  const now = () => toTimestamp(Date.now());
  const app = createApp({
    db,
    search: createSearchIndex(db, { ...config, meiliUrl: file.meiliUrl, meiliMasterKey }, logger),
    keys: {
      pepper: secrets.keyPepper,
      secretBox: createSecretBox(secrets.keyEncryptionKey),
      findOwner: (hash, at) => findApiKey(db, hash, at),
      forgetOwners: () => undefined,
    },
    admission: openAdmission,
    samplesForLiveKeys: true,
    push: { createReader: createPostingReader, startBatch: () => Promise.resolve(), backlogLimit: 1 },
    signUps: {
      start: () => Promise.resolve(),
      isRefusedAddress: () => false,
      limits: { perAddressAndHour: 1, perEmailAndHour: 1, recoveriesPerAddressAndHour: 1 },
    },
    webhooks: {
      check: () => Promise.resolve('There are no webhooks here.'),
      send: () => Promise.reject(new Error('There are no webhooks here.')),
      wake: () => Promise.resolve(),
      newSecret: () => '',
    },
    startErasure: () => Promise.resolve(),
    supportEmail: config.supportEmail,
    probes: { temporal: () => Promise.resolve(true) },
    readStatus: createStatusReader({ db, now }),
    metrics: { countRequest: () => undefined },
    logger,
    now,
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const serve = () =>
    originalFetch(`http://127.0.0.1:${port}${path}`, { headers: { 'X-API-KEY': apiKey } }).then((response) =>
      response.text(),
    );
  try {
    // What is estimated once a minute is not part of it.
    await serve();
    db.on('query', hearQuery);
    calls = [];
    await serve();
  } finally {
    db.removeListener('query', hearQuery);
    globalThis.fetch = originalFetch;
    server.close();
    server.closeAllConnections();
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
