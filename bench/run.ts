import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { printLine } from '../bin/commands/output';
import { benchFreshness } from './freshness';
import { ingestPostings, reportIngestion } from './ingest';
import { benchPolling } from './polling';
import { benchSearch, printGrowth, type SearchFigures } from './search';
import { withStack } from './stack';

const TOPICS = ['ingest', 'search', 'polling', 'freshness'] as const;
type Topic = (typeof TOPICS)[number];

const MAX_POSTINGS = 10_000_000;
const USAGE = `npm run bench -- [ingest] [search] [polling] [freshness] [--postings 10000,100000] [--seconds 10] [--pushes 1000]`;

interface Order {
  topics: Topic[];
  sizes: number[];
  seconds: number;
  pushes: number;
}

/** `npm run bench`: brings up a stack for each size, ingests that many postings, and measures what was asked for on them. */
async function main(): Promise<void> {
  const { topics, sizes, seconds, pushes } = readOrder();
  const [processor] = cpus();
  printLine(`Node ${process.version}, ${cpus().length} x ${processor?.model ?? 'unknown processor'}`);
  const searches = new Map<number, SearchFigures[]>();
  for (const postings of sizes) {
    await withStack(async (stack) => {
      const engine = stack.file.meiliUrl === undefined ? 'Postgres' : 'Meilisearch';
      printLine(`\n== ${postings} postings, search by ${engine}`);
      const ingested = await ingestPostings(stack, postings);
      if (topics.includes('ingest')) await reportIngestion(stack, ingested);
      await stack.db.raw('vacuum analyze');
      if (topics.includes('search')) searches.set(postings, await benchSearch(stack, seconds));
      if (topics.includes('polling')) await benchPolling(stack, seconds);
      if (topics.includes('freshness')) await benchFreshness(stack, pushes);
    });
  }
  printGrowth(searches);
}

function readOrder(): Order {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      postings: { type: 'string', default: '10000,100000' },
      seconds: { type: 'string', default: '10' },
      pushes: { type: 'string', default: '1000' },
    },
  });
  const topics = positionals.length === 0 ? [...TOPICS] : positionals.map(readTopic);
  return {
    topics,
    sizes: values.postings.split(',').map((text) => readCount('--postings', text, MAX_POSTINGS)),
    seconds: readCount('--seconds', values.seconds, 3_600),
    pushes: readCount('--pushes', values.pushes, 1_000_000),
  };
}

function readTopic(text: string): Topic {
  const topic = TOPICS.find((known) => known === text);
  if (!topic) throw new Error(`There is no benchmark ${text}. ${USAGE}`);
  return topic;
}

function readCount(name: string, text: string, most: number): number {
  const count = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw new Error(`${name} takes a number from 1 to ${most}. ${USAGE}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
