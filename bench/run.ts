import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { printLine } from '../bin/commands/output';
import { MAX_EXPORT_ROWS } from '../domain/jobExport';
import { benchAuth } from './auth';
import { loadPostings } from './bulkLoad';
import { benchExport } from './export';
import { benchFreshness } from './freshness';
import { ingestPostings, reportIngestion, SEED } from './ingest';
import { benchLimits } from './limits';
import { benchMatching } from './matching';
import { benchMetering } from './metering';
import { benchPolling } from './polling';
import { benchSearch, printGrowth, type SearchFigures } from './search';
import { type BenchStack, withStack } from './stack';
import { benchWebhookLatency } from './webhookLatency';
import { benchWebhookThroughput } from './webhookThroughput';
import { readCount } from './readCount';

const TOPICS = [
  'ingest',
  'search',
  'polling',
  'auth',
  'freshness',
  'export',
  'limits',
  'metering',
  'matching',
  'webhooks',
] as const;
type Topic = (typeof TOPICS)[number];

const MAX_POSTINGS = 10_000_000;
const USAGE = `npm run bench -- [${TOPICS.join('] [')}] [--postings 10000,100000] [--seconds 10] [--pushes 1000] [--searches 100000] [--deliveries 20000]`;

interface Order {
  topics: Topic[];
  sizes: number[];
  seconds: number;
  pushes: number;
  searches: number;
  deliveries: number;
}

/** `npm run bench`: brings up a stack for each size, puts that many postings in, and measures what was asked for on them. */
async function main(): Promise<void> {
  const { topics, sizes, seconds, pushes, searches: savedSearches, deliveries } = readOrder();
  const [processor] = cpus();
  printLine(`Node ${process.version}, ${cpus().length} x ${processor?.model ?? 'unknown processor'}`);
  if (topics.includes('matching')) await benchMatching(savedSearches);
  const searches = new Map<number, SearchFigures[]>();
  // Matching needs no stack.
  for (const postings of topics.every((topic) => topic === 'matching') ? [] : sizes) {
    await withStack(async (stack) => {
      const engine = stack.file.meiliUrl === undefined ? 'Postgres' : 'Meilisearch';
      printLine(`\n== ${postings} postings, search by ${engine}`);
      if (topics.includes('ingest')) await reportIngestion(stack, await ingestPostings(stack, postings));
      else await fill(stack, postings);
      await stack.db.raw('vacuum analyze');
      if (topics.includes('search')) searches.set(postings, await benchSearch(stack, seconds));
      if (topics.includes('polling')) await benchPolling(stack, seconds);
      if (topics.includes('auth')) await benchAuth(stack, seconds);
      if (topics.includes('limits')) await benchLimits(stack);
      if (topics.includes('metering')) await benchMetering(stack);
      if (topics.includes('export')) await benchExport(stack, Math.min(postings, MAX_EXPORT_ROWS));
      if (topics.includes('freshness')) await benchFreshness(stack, pushes);
      if (topics.includes('webhooks')) {
        await benchWebhookLatency(stack, pushes);
        await benchWebhookThroughput(stack, deliveries);
      }
    });
  }
  printGrowth(searches);
}

/** For reading, how the jobs came in does not matter; Meilisearch has its documents from the pipeline. */
async function fill(stack: BenchStack, postings: number): Promise<void> {
  if (stack.file.meiliUrl === undefined) await loadPostings(stack.db, postings, SEED);
  else await ingestPostings(stack, postings);
}

function readOrder(): Order {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      postings: { type: 'string', default: '10000,100000' },
      seconds: { type: 'string', default: '10' },
      pushes: { type: 'string', default: '1000' },
      searches: { type: 'string', default: '100000' },
      deliveries: { type: 'string', default: '20000' },
    },
  });
  const topics = positionals.length === 0 ? [...TOPICS] : positionals.map(readTopic);
  return {
    topics,
    sizes: values.postings
      .split(',')
      .map((text) => readCount('--postings', text, { most: MAX_POSTINGS, usage: USAGE })),
    seconds: readCount('--seconds', values.seconds, { most: 3_600, usage: USAGE }),
    pushes: readCount('--pushes', values.pushes, { most: 1_000_000, usage: USAGE }),
    searches: readCount('--searches', values.searches, { most: 1_000_000, usage: USAGE }),
    deliveries: readCount('--deliveries', values.deliveries, { most: 1_000_000, usage: USAGE }),
  };
}

function readTopic(text: string): Topic {
  const topic = TOPICS.find((known) => known === text);
  if (!topic) throw new Error(`There is no benchmark ${text}. ${USAGE}`);
  return topic;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
