import { setTimeout as delay } from 'node:timers/promises';
import { printLine, printTable } from '../bin/commands/output';
import { type Latencies, stopwatch, summarise } from './measures';
import { createPostings } from './postings';
import { openPushSource, push } from './pushing';
import type { BenchStack } from './stack';

const SEED = 31;
const SOURCE = 'bench-push';
const POLL_INTERVAL_MS = 25;
const FOUND_DEADLINE_MS = 60_000;
const LETTERS = 'bcdfghjklm';

/**
 * Pushes one posting at a time and searches for a word of its title until it is found. Prints the time from the request to the
 * first answer that holds it.
 */
export async function benchFreshness(stack: BenchStack, pushes: number): Promise<void> {
  const token = await openPushSource(stack, SOURCE);
  const next = createPostings(SEED, Date.now());
  const acknowledgedMs: number[] = [];
  const foundMs: number[] = [];
  let failures = 0;
  const tookAll = stopwatch();
  for (let number = 0; number < pushes; number += 1) {
    const word = wordFor(number);
    const posting = next();
    const took = stopwatch();
    await push(stack, { token, postings: [{ ...posting, title: `${posting.title} ${word}` }] });
    acknowledgedMs.push(took() * 1_000);
    if (await isFound(stack, word)) foundMs.push(took() * 1_000);
    else failures += 1;
  }
  const seconds = tookAll();
  const line = (name: string, { p50, p95, p99, calls }: Latencies) => [
    name,
    calls,
    ...[p50, p95, p99].map((ms) => Math.round(ms)),
  ];
  printLine(`\nfreshness: ${pushes} pushes of one posting, one after another, milliseconds`);
  printTable(
    ['', 'postings', 'p50', 'p95', 'p99'],
    [
      line('push acknowledged', summarise(acknowledgedMs, seconds)),
      line('found by GET /jobs?search=', summarise(foundMs, seconds)),
    ],
  );
  if (failures > 0) printLine(`${failures} were not found within ${FOUND_DEADLINE_MS / 1_000} s.`);
}

/** A word that no other posting holds. */
function wordFor(number: number): string {
  return `zyx${String(number).replace(/\d/g, (digit) => LETTERS.charAt(Number(digit)))}`;
}

async function isFound({ file, apiKey }: BenchStack, word: string): Promise<boolean> {
  const deadline = Date.now() + FOUND_DEADLINE_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`${file.apiUrl}/jobs?search=${word}&limit=1`, {
      headers: { 'X-API-KEY': apiKey },
    });
    const { count } = (await response.json()) as { count?: number };
    if (response.ok && (count ?? 0) > 0) return true;
    await delay(POLL_INTERVAL_MS);
  }
  return false;
}
