import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CATEGORY_TABLE } from '../domain/categoryTable';
import {
  CONTRACTOR_TIER_LABELS,
  DURATION_LABELS,
  JOB_TYPE_LABELS,
  PROPOSALS_TIERS,
  WORKLOADS,
} from '../domain/job';
import { DAY_MS, HOUR_MS, MINUTE_MS, toMillis, toTimestamp } from '../domain/time';
import { createRandom, type Random } from './random';
import { drawWord, SKILLS } from './vocabulary';

/** A posting in the shape of a job as the API returns it. */
export interface Posting {
  id: string;
  title: string;
  description: string;
  posted_on: string;
  updated_at: string;
  client_id: string;
  client_activity: { total_applicants: number; [field: string]: unknown };
  [field: string]: unknown;
}

/** A phrase that one description in twenty holds. */
export const COMMON_PHRASE = 'clear milestones';
const PHRASE_SHARE = 0.05;

const DAYS = 180;
const DESCRIPTION_LENGTH = 1_200;
const UPWORK_EPOCH_MS = 1_288_834_974_657n;
const UID_SEQUENCE_BITS = 22n;

const CATEGORIES = CATEGORY_TABLE.flatMap((group) =>
  group.categories.flatMap((category) =>
    category.subcategories.map(({ name }) => ({ name, group: group.name })),
  ),
);

/** Country, city, time zone. */
const PLACES =
  `US Boston America/New_York|GB Leeds Europe/London|DE Hamburg Europe/Berlin|FR Lyon Europe/Paris
|IT Turin Europe/Rome|ES Valencia Europe/Madrid|NL Utrecht Europe/Amsterdam|BE Ghent Europe/Brussels
|CH Bern Europe/Zurich|AT Graz Europe/Vienna|SE Malmo Europe/Stockholm|NO Bergen Europe/Oslo
|DK Aarhus Europe/Copenhagen|FI Tampere Europe/Helsinki|PL Gdansk Europe/Warsaw|CZ Brno Europe/Prague
|PT Porto Europe/Lisbon|IE Cork Europe/Dublin|GR Patras Europe/Athens|RO Cluj Europe/Bucharest
|UA Lviv Europe/Kyiv|TR Izmir Europe/Istanbul|IL Haifa Asia/Jerusalem|AE Dubai Asia/Dubai
|SA Jeddah Asia/Riyadh|IN Pune Asia/Kolkata|PK Lahore Asia/Karachi|BD Sylhet Asia/Dhaka
|PH Cebu Asia/Manila|ID Bandung Asia/Jakarta|SG Singapore Asia/Singapore|JP Osaka Asia/Tokyo
|AU Perth Australia/Perth|NZ Wellington Pacific/Auckland|CA Calgary America/Edmonton|MX Puebla America/Mexico_City
|BR Recife America/Recife|AR Rosario America/Argentina/Cordoba|ZA Durban Africa/Johannesburg|EG Giza Africa/Cairo`
    .split('|')
    .map((line) => line.trim().split(' '))
    .map(([country = '', city = '', timezone = '']) => ({ country, city, timezone }));

const CURRENCIES = ['USD', 'USD', 'USD', 'USD', 'EUR', 'GBP'];

/** The codes of a table of labels. */
function codesOf(labels: Readonly<Record<number, string>>): number[] {
  return Object.keys(labels).map(Number);
}

/** Makes postings one after the other. The same seed and time give the same postings. */
export function createPostings(seed: number, until: number): () => Posting {
  const random = createRandom(seed);
  let made = 0;
  return () => {
    made += 1;
    return makePosting(random, { until, hasBudget: made % 2 === 0 });
  };
}

const OPEN = 1;

/** Makes open postings that are a minute old when they are asked for: news, for whoever has saved a search for the word in their titles. */
export function createFreshPostings(seed: number, word: string): () => Posting {
  const next = createPostings(seed, Date.now());
  const random = createRandom(seed);
  return () => {
    const posting = postedAnew(next(), Date.now() - MINUTE_MS, random);
    return {
      ...posting,
      title: `${posting.title} ${word}`,
      status: OPEN,
      updated_at: posting.posted_on,
    };
  };
}

/** Whether there is a budget is not left to chance: a missing one is counted among the reasons of rows that are not taken. */
function makePosting(random: Random, { until, hasBudget }: { until: number; hasBudget: boolean }): Posting {
  // Early enough that later looks at it do not lie in the future.
  const createdMs = until - 2 * HOUR_MS - Math.floor(random.fraction() * (DAYS * DAY_MS - 2 * HOUR_MS));
  const postedMs = createdMs + random.between(1_000, 60_000);
  const seenMs = postedMs + random.between(60_000, HOUR_MS);
  const uid = uidOf(createdMs, random);
  const isFixed = random.chance(0.5);
  const currency = random.pick(CURRENCIES);
  const fixed = random.between(4, 400) * 25;
  const hourly = random.between(8, 60);
  const hires = random.between(0, 40);
  const place = random.pick(PLACES);
  const skills = distinct(random, SKILLS, random.between(2, 6));
  return {
    id: uid,
    ciphertext: `~02${uid}`,
    url: `https://www.upwork.com/jobs/~02${uid}`,
    title: titleOf(random, skills),
    description: descriptionOf(random, skills),
    job_type: isFixed ? jobTypeOf('fixed-price') : jobTypeOf('hourly'),
    status: random.chance(0.9) ? 1 : 2,
    contractor_tier: random.pick(codesOf(CONTRACTOR_TIER_LABELS)),
    category: random.pick(CATEGORIES),
    budget: isFixed && hasBudget ? { fixed_amount: fixed, currency } : null,
    hourly_budget:
      !isFixed && hasBudget ? { min: hourly, max: hourly + random.between(5, 40), currency } : null,
    buyer: {
      payment_verified: random.chance(0.8),
      ...place,
      total_spent: hires * random.between(100, 3_000) + random.between(0, 99) / 100,
      total_assignments: hires + random.between(0, 5),
      total_jobs_with_hires: hires,
      feedback_count: random.between(0, hires),
      score: random.between(30, 50) / 10,
      open_jobs_count: random.between(1, 5),
      contract_date: toTimestamp(createdMs - random.between(1, 3_000) * DAY_MS),
    },
    skills,
    client_activity: {
      total_applicants: random.between(0, 60),
      total_hired: random.between(0, 1),
      total_invited_to_interview: random.between(0, 8),
      last_buyer_activity: toTimestamp(seenMs),
    },
    duration_label: random.pick(DURATION_LABELS),
    workload: random.pick(WORKLOADS),
    is_contract_to_hire: random.chance(0.1),
    proposals_tier: random.pick(PROPOSALS_TIERS),
    client_id: `client-${random.between(0, 0xffffffff).toString(36)}`,
    posted_on: toTimestamp(postedMs),
    created_on: toTimestamp(createdMs),
    updated_at: toTimestamp(seenMs),
  };
}

/** An id that carries its time of creation, as Upwork's do. */
function uidOf(createdMs: number, random: Random): string {
  const sequence = BigInt(random.between(0, 2 ** Number(UID_SEQUENCE_BITS) - 1));
  return String(((BigInt(createdMs) - UPWORK_EPOCH_MS) << UID_SEQUENCE_BITS) | sequence);
}

function jobTypeOf(label: string): number {
  return Number(Object.entries(JOB_TYPE_LABELS).find(([, name]) => name === label)?.[0]);
}

function distinct<T>(random: Random, items: readonly T[], count: number): T[] {
  const chosen = new Set<T>();
  while (chosen.size < Math.min(count, items.length)) chosen.add(random.pick(items));
  return [...chosen];
}

function words(random: Random, count: number): string {
  return Array.from({ length: count }, () => drawWord(random)).join(' ');
}

function titleOf(random: Random, skills: readonly string[]): string {
  return capitalise(`${random.pick(skills)} ${words(random, random.between(3, 7))}`);
}

function descriptionOf(random: Random, skills: readonly string[]): string {
  const sentences: string[] = [];
  for (let length = 0; length < DESCRIPTION_LENGTH;) {
    const parts = [words(random, random.between(6, 16))];
    if (random.chance(0.2)) parts.push('with', random.pick(skills));
    if (random.chance(0.2)) parts.push(words(random, random.between(2, 5)));
    const sentence = `${capitalise(parts.join(' '))}.`;
    sentences.push(sentence);
    length += sentence.length + 1;
  }
  if (random.chance(PHRASE_SHARE)) sentences.push(`We set ${COMMON_PHRASE}.`);
  const middle = sentences.length >> 1;
  return `${sentences.slice(0, middle).join(' ')}\n\n${sentences.slice(middle).join(' ')}`;
}

function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Writes clean postings as NDJSON, about 2 kB each; hardly any are alike. */
export async function writePostings(
  path: string,
  count: number,
  seed: number,
  until = Date.now(),
): Promise<void> {
  await writeLines(path, cleanLines(count, seed, until));
}

function* cleanLines(count: number, seed: number, until: number): Generator<string> {
  const next = createPostings(seed, until);
  for (let written = 0; written < count; written += 1) yield JSON.stringify(next());
}

/** Where in a hundred rows something else than a new, clean posting stands. */
const BROKEN_ROWS = new Set([13, 47, 81]);
const REPEATED_ROWS = new Set([22, 55, 90]);
const REPOSTED_ROWS = new Set([34, 68]);
const UPDATED_ROWS = new Set([73]);
const DOUBTFUL_ROWS = new Set([96]);

/**
 * Writes postings among which every outcome occurs: of a hundred rows three are broken, three repeat an earlier row, two are a
 * client's reposts, one is a newer look at an earlier posting, one asks for a messenger. What stands where does not depend on the
 * seed: sets of one size come to the same counts.
 */
export async function writeMixedPostings(
  path: string,
  count: number,
  seed: number,
  until = Date.now(),
): Promise<void> {
  await writeLines(path, mixedLines(count, seed, until));
}

function* mixedLines(count: number, seed: number, until: number): Generator<string> {
  const next = createPostings(seed, until);
  let clean: Posting | undefined;
  for (let row = 0; row < count; row += 1) {
    const place = row % 100;
    const posting = next();
    if (BROKEN_ROWS.has(place)) yield brokenLine(posting, place);
    else if (clean && REPEATED_ROWS.has(place)) yield JSON.stringify(clean);
    else if (clean && REPOSTED_ROWS.has(place)) yield JSON.stringify(repostOf(clean, seed + row));
    else if (clean && UPDATED_ROWS.has(place)) yield JSON.stringify(newerLookAt(clean));
    else if (DOUBTFUL_ROWS.has(place)) yield JSON.stringify(askingForMessenger(posting));
    else {
      yield JSON.stringify(posting);
      clean = posting;
    }
  }
}

function brokenLine(posting: Posting, place: number): string {
  if (place === 13) return JSON.stringify(posting).slice(0, 300);
  if (place === 47) return JSON.stringify({ ...posting, title: '' });
  return JSON.stringify({ ...posting, budget: { fixed_amount: -50, currency: 'USD' } });
}

/** The same text of the same client under another id, half an hour later. */
function repostOf(posting: Posting, seed: number): Posting {
  return postedAnew(posting, toMillis(posting.posted_on) + 30 * MINUTE_MS, createRandom(seed));
}

/** The same under another id, made at that time and posted a second later. */
function postedAnew(posting: Posting, createdMs: number, random: Random): Posting {
  const uid = uidOf(createdMs, random);
  return {
    ...posting,
    id: uid,
    ciphertext: `~02${uid}`,
    url: `https://www.upwork.com/jobs/~02${uid}`,
    posted_on: toTimestamp(createdMs + 1_000),
    created_on: toTimestamp(createdMs),
  };
}

function newerLookAt(posting: Posting): Posting {
  return {
    ...posting,
    client_activity: {
      ...posting.client_activity,
      total_applicants: posting.client_activity.total_applicants + 5,
    },
    updated_at: toTimestamp(toMillis(posting.updated_at) + 10 * 60_000),
  };
}

function askingForMessenger(posting: Posting): Posting {
  return {
    ...posting,
    description: `${posting.description}\n\nContact me on Telegram @projects_desk to begin.`,
  };
}

async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const text = function* () {
    for (const line of lines) yield `${line}\n`;
  };
  await pipeline(Readable.from(text()), createWriteStream(path));
}
