import { printLine, printTable } from '../bin/commands/output';
import type { Latencies } from './measures';
import { withProgram } from './program';
import type { ReadCall } from './readPlan';
import { CONNECTIONS, load } from './search';
import type { BenchStack } from './stack';
import { wordOfRank } from './vocabulary';

const FILTERS = 200;
const COUNTRIES = ['US', 'GB', 'DE', 'FR', 'IN', 'AU', 'CA', 'NL'];
const JOB_TYPES = ['hourly', 'fixed-price'];
const IDS_ASKED = 200;
const ROUNDS = 3;

/**
 * Callers who poll: the same filters again and again, each answered whole or with 304. Prints the throughput beside that of a bare
 * Express route, in a process of its own on the same database.
 */
export async function benchPolling(stack: BenchStack, seconds: number): Promise<void> {
  const polls = Array.from({ length: FILTERS }, (_, number) => poll(stack, number));
  // As many at a time as later: more of them would wait for one another past all patience.
  const answers: Awaited<ReturnType<typeof look>>[] = [];
  for (let from = 0; from < polls.length; from += CONNECTIONS) {
    answers.push(...(await Promise.all(polls.slice(from, from + CONNECTIONS).map(look))));
  }
  const revalidations = polls.map((call, number) => ({
    ...call,
    headers: { ...call.headers, 'If-None-Match': answers[number]?.etag ?? '' },
  }));
  const { oneByKey, page, whole, unchanged } = await withBareRoute(stack, async (bareCalls) =>
    loadInRounds(stack, seconds, {
      oneByKey: bareCalls.oneByKey,
      page: bareCalls.page,
      whole: polls,
      unchanged: revalidations,
    }),
  );

  const bytes = answers.reduce((sum, answer) => sum + answer.bytes, 0) / answers.length;
  printLine(
    `\npolling: ${FILTERS} filters again and again, ${CONNECTIONS} at a time, median of ${ROUNDS} times ${seconds} s, ${Math.round(bytes / 1_000)} kB an answer`,
  );
  const line = (name: string, { p50, p99, perSecond }: Latencies) => [
    name,
    p50.toFixed(1),
    p99.toFixed(1),
    Math.round(perSecond),
    (perSecond / oneByKey.perSecond).toFixed(2),
    (perSecond / page.perSecond).toFixed(2),
  ];
  printTable(
    ['', 'p50', 'p99', 'req/s', 'of one job', 'of a page'],
    [
      line('bare route, one job by its key', oneByKey),
      line('bare route, a page of twenty', page),
      line('GET /jobs, whole answers', whole),
      line('GET /jobs, 304', unchanged),
    ],
  );
}

/** One of the filters: a word, a country and a kind of pay, no two alike. */
function poll({ file, apiKey }: BenchStack, number: number) {
  const query = new URLSearchParams({
    search: wordOfRank(20 + number),
    country: COUNTRIES[number % COUNTRIES.length] ?? '',
    ...(number % 3 === 0 ? {} : { job_type: JOB_TYPES[number % JOB_TYPES.length] ?? '' }),
    ...(number % 5 === 0 ? { posted_after: '-30d' } : {}),
  });
  return {
    kind: 'http' as const,
    url: `${file.apiUrl}/jobs?${query.toString()}`,
    headers: { 'X-API-KEY': apiKey },
  };
}

async function look({ url, headers }: ReturnType<typeof poll>): Promise<{ etag: string; bytes: number }> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  const etag = response.headers.get('ETag');
  if (!response.ok || etag === null)
    throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`);
  return { etag, bytes: Buffer.byteLength(text) };
}

/** One load after another, several times over, so that each has its share of the machine's good and bad moments: gives the median run. */
async function loadInRounds<Name extends string>(
  stack: BenchStack,
  seconds: number,
  loads: Readonly<Record<Name, ReadCall[]>>,
): Promise<Record<Name, Latencies>> {
  const names = Object.keys(loads) as Name[];
  const runs: Record<Name, Latencies>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const run = {} as Record<Name, Latencies>;
    for (const name of names) run[name] = await load(stack, { calls: loads[name], seconds, inTurn: true });
    runs.push(run);
  }
  return Object.fromEntries(names.map((name) => [name, medianRun(runs.map((run) => run[name]))])) as Record<
    Name,
    Latencies
  >;
}

function medianRun(runs: readonly Latencies[]): Latencies | undefined {
  return [...runs].sort((left, right) => left.perSecond - right.perSecond)[Math.floor(runs.length / 2)];
}

async function withBareRoute<T>(
  stack: BenchStack,
  action: (calls: { oneByKey: ReadCall[]; page: ReadCall[] }) => Promise<T>,
): Promise<T> {
  return withProgram('bench/bareRoute.ts', [stack.file.databaseUrl], async ({ port = 0 }) => {
    const call = (path: string): ReadCall => ({
      kind: 'http',
      url: `http://127.0.0.1:${port}${path}`,
      headers: {},
    });
    const { rows } = await stack.db.raw<{ rows: { id: string }[] }>(
      'select id from jobs order by id limit ?',
      [IDS_ASKED],
    );
    const oneByKey = rows.map(({ id }) => call(`/one?id=${encodeURIComponent(id)}`));
    return await action({ oneByKey, page: [call('/page')] });
  });
}
