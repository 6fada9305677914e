import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { emptyContent, type JobContent } from '../../../domain/job';
import { verifyRow } from '../../../domain/rowVerification';
import { DEFAULT_THRESHOLDS, SCREENING_MODEL, scoreOf } from '../../../domain/screening/model';
import { screen, type ScreeningVerdict } from '../../../domain/screening/screen';
import { SIGNALS } from '../../../domain/screening/signals';
import { readRows } from '../../../sources/file/fileSource';
import { shippedMappings } from '../../../sources/mappings';

const UNKNOWN_CONTEXT = { postingsOfClientLast24h: null, clientsWithSameText: null };
const NOW = '2026-11-24T12:00:00.000Z';

function screened(description: string, title = 'A title'): ScreeningVerdict {
  return screen({ content: { ...emptyContent(), title, description }, context: UNKNOWN_CONTEXT });
}

interface ScreenedRow {
  row: number;
  content: JobContent;
  verdict: ScreeningVerdict;
}

/** The rows of a file that verification lets through, screened. */
async function screenedRows(file: string): Promise<ScreenedRow[]> {
  const rows: ScreenedRow[] = [];
  let row = 0;
  for await (const received of readRows(file)) {
    row += 1;
    const verified = verifyRow(received, {
      mappings: shippedMappings,
      given: false,
      now: NOW,
      sourceId: 'screened',
      scrapedAt: '2018-12-01T12:00:00.000Z',
      seenAt: received.seenAt,
      shift: null,
      hash: (text) => createHash('sha256').update(text).digest('hex'),
    });
    if (!verified.accepted) continue;
    const { content } = verified.posting;
    rows.push({ row, content, verdict: screen({ content, context: UNKNOWN_CONTEXT }) });
  }
  return rows;
}

const rowsOf = (rows: ScreenedRow[], verdict: ScreeningVerdict['verdict']) =>
  rows.filter((row) => row.verdict.verdict === verdict).map(({ row }) => row);

describe('the verdict', () => {
  it('accepts a plain posting with no signal', () => {
    expect(screened('Fix the sticky header of our shop. It jumps on scroll in Safari.')).toEqual({
      verdict: 'accept',
      score: 0.018,
      modelVersion: SCREENING_MODEL.version,
      signals: [],
    });
  });

  it('names its signals also where they do not suffice', () => {
    const { verdict, signals } = screened('Apply here: https://forms.gle/Example123');
    expect(verdict).toBe('accept');
    expect(signals).toEqual([{ signal: 'contact_form', evidence: 'forms.gle/Example123', strength: 1 }]);
  });

  it('quarantines one way of contact outside, and never rejects for ways of contact alone', () => {
    expect(screened('Message me on Telegram @example_hr.').verdict).toBe('quarantine');
    const all = screened(
      'Message me on T e l e g r a m @example_hr, e-mail jobs.example@gmail.com, call +1-555-0101, desk [at] example [dot] com, https://forms.gle/Example123',
    );
    expect(all.signals.length).toBeGreaterThanOrEqual(4);
    expect(all.verdict).toBe('quarantine');
  });

  it('rejects when contact outside comes with a fee', () => {
    expect(
      screened('Message me on Telegram @example_hr. You must pay a registration fee of $30.').verdict,
    ).toBe('reject');
  });

  it('follows the thresholds it is given, and the score does not depend on them', () => {
    const posting = {
      content: { ...emptyContent(), title: 'A title', description: 'Message me on Telegram @example_hr.' },
      context: UNKNOWN_CONTEXT,
    };
    const { score } = screen(posting);
    expect(screen(posting, { quarantine: score, reject: 1 }).verdict).toBe('quarantine');
    expect(screen(posting, { quarantine: 0.1, reject: score }).verdict).toBe('reject');
    expect(screen(posting, { quarantine: 0.99, reject: 1 })).toMatchObject({ verdict: 'accept', score });
  });

  it('has a weight for every signal, and a higher score for every further signal that is not of the same family', () => {
    expect(Object.keys(SCREENING_MODEL.weights).sort()).toEqual(SIGNALS.map(({ id }) => id).sort());
    const hit = (signal: (typeof SIGNALS)[number]['id']) => ({ signal, evidence: 'x', strength: 0.5 });
    for (const { id } of SIGNALS) {
      expect(scoreOf([hit(id)])).toBeGreaterThan(scoreOf([]));
      const family = SCREENING_MODEL.families.find((members) => members.includes(id));
      if (!family?.includes('contact_email') && id !== 'contact_email') {
        expect(scoreOf([hit(id), hit('contact_email')])).toBeGreaterThan(scoreOf([hit(id)]));
      }
    }
    expect(DEFAULT_THRESHOLDS.quarantine).toBeLessThan(DEFAULT_THRESHOLDS.reject);
  });

  it('judges a posting without title and text', () => {
    expect(screen({ content: emptyContent(), context: UNKNOWN_CONTEXT }).verdict).toBe('accept');
  });

  it('reads the first 20,000 characters', () => {
    const padding = 'All is well. '.repeat(1_600);
    expect(screened(`${padding}Message me on Telegram @example_hr.`).signals).toEqual([]);
    expect(screened(`Message me on Telegram @example_hr. ${padding}`).verdict).toBe('quarantine');
  });
});

describe('cost', () => {
  const repeated = [
    'a',
    '1',
    ' ',
    '@',
    'a@',
    'x@x.x.x.',
    'a b ',
    'a-a-',
    '+1 ',
    '(555) 555-',
    '$5 ',
    'message us on ',
    'contact me ',
    'telegram @ ',
    'whatsapp telegram signal ',
    'pay you by ',
    'you pay make deposit ',
    'take my exam ',
    'the exam you ',
    'write a review ',
    'use your account ',
    'check account deposit your ',
    'send your passport ',
    'do not ',
    'no ',
    'е',
    'т е ',
    '🔥',
    '\u200b',
    'é ',
    'bit.ly/',
    'e-mail a.a.a.',
  ];

  it.each(repeated)('stays below half a second for 20,000 characters of %j', (piece) => {
    const description = piece.repeat(Math.ceil(20_000 / piece.length));
    const start = process.cpuUsage();
    screened(description);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(500);
  });
});

describe('the samples', () => {
  const samples = resolve(__dirname, '../../../samples');

  it.each([
    ['postings.ndjson', [12, 15, 33, 49, 90, 114, 124]],
    ['postings.csv', [12, 31]],
    ['feed.rss.xml', [3, 12]],
  ])('%s: exactly the planted spam is held back', async (file, planted) => {
    const rows = await screenedRows(resolve(samples, file));
    const held = [...rowsOf(rows, 'reject'), ...rowsOf(rows, 'quarantine')].sort((a, b) => a - b);
    expect(held).toEqual(planted);
  });
});

const DATA = resolve(__dirname, '../../../../shared/data');
const describeWithData = existsSync(DATA) ? describe : describe.skip;

// Skipped where the real postings are not beside the repository.
describeWithData('real postings', () => {
  /** Read by hand: each of these breaks the terms of service. */
  const REJECTED: Record<string, number[]> = {
    'scraper-csv-2025/artificial-intelligence.csv': [],
    'scraper-csv-2025/javascript.csv': [978],
    'rss-2024/20240514_RSS_PowerBI.txt': [],
    'rss-csv-2024/upwork.csv': [],
    'ndjson-2025/jobs.jsonl': [],
    'feed-csv-2023/1_1_2023_general.csv': [818],
    'prose-2018/jobs_feed.json': [],
  };

  it('are rejected only where a reader agrees, and less than 2 % are held for an operator', async () => {
    let count = 0;
    let quarantined = 0;
    for (const [file, rejected] of Object.entries(REJECTED)) {
      const rows = await screenedRows(resolve(DATA, file));
      expect({ file, rejected: rowsOf(rows, 'reject') }).toEqual({ file, rejected });
      count += rows.length;
      quarantined += rowsOf(rows, 'quarantine').length;
    }
    expect(count).toBeGreaterThan(7_500);
    expect(quarantined / count).toBeLessThan(0.02);
  });
});
