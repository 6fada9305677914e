import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { toJobView } from '../../domain/jobView';
import { newJob } from '../../domain/publishing';
import { type RowVerdict, verifyRow } from '../../domain/rowVerification';
import { readRows } from '../../sources/file/fileSource';
import { shippedMappings } from '../../sources/mappings';

interface HandCheckedRow {
  file: string;
  row: number;
  /** Wire fields by path; a few are said in other words, so that no text of a posting is kept here. */
  expect?: Record<string, unknown>;
  rejected?: string[];
}

const DATA = resolve(__dirname, '../../../shared/data');
const NOW = '2026-11-24T12:00:00.000Z';
/** When the prose of 2018, whose times are relative, is taken to have been captured. */
const SCRAPED_AT = '2018-12-01T12:00:00.000Z';

const rows = JSON.parse(readFileSync(join(__dirname, 'handCheckedRows.json'), 'utf8')) as HandCheckedRow[];
const files = [...new Set(rows.map(({ file }) => file))];

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function verdictsOf(file: string): Promise<RowVerdict[]> {
  const verdicts: RowVerdict[] = [];
  for await (const row of readRows(join(DATA, file))) {
    verdicts.push(
      verifyRow(row, {
        mappings: shippedMappings,
        given: false,
        now: NOW,
        sourceId: 'hand-checked',
        scrapedAt: SCRAPED_AT,
        seenAt: row.seenAt,
        shift: null,
        hash: sha256,
      }),
    );
  }
  return verdicts;
}

function viewOf(verdict: RowVerdict & { accepted: true }): Record<string, unknown> {
  const { posting } = verdict;
  const job = newJob(
    {
      content: posting.content,
      flags: posting.flags,
      identities: posting.identities,
      textBands: [],
      observation: { sourceId: 'hand-checked', observedAt: posting.observedAt, batchId: 'b', rowNumber: 1 },
    },
    { now: NOW, isSample: false },
  );
  return toJobView(job, NOW);
}

function valueAt(view: Record<string, unknown>, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], view);
}

/** The value of the view that an expectation speaks of. */
function actual(view: Record<string, unknown>, path: string, expected: unknown): unknown {
  const text = (name: string) => (view[name] as string | null) ?? '';
  if (path === 'title_sha256') return sha256(text('title'));
  if (path === 'description_sha256') return sha256(text('description'));
  if (path === 'description_length') return Array.from(text('description')).length;
  if (path === 'description_contains_not') {
    return (expected as string[]).filter((part) => !text('description').includes(part));
  }
  return valueAt(view, path);
}

const describeWithData = existsSync(DATA) ? describe : describe.skip;

// Skipped where the real postings are not beside the repository.
describeWithData('real rows, checked by hand', () => {
  describe.each(files)('%s', (file) => {
    let verdicts: RowVerdict[];
    beforeAll(async () => {
      verdicts = await verdictsOf(file);
    });

    const accepted = rows.filter((row) => row.file === file && row.expect);
    const refused = rows.filter((row) => row.file === file && row.rejected);

    for (const { row, expect: fields } of accepted) {
      it(`row ${row} comes out field by field`, () => {
        const verdict = verdicts[row - 1];
        if (!verdict?.accepted) throw new Error(`refused: ${verdict?.rules.join(', ') ?? 'no such row'}`);
        const view = viewOf(verdict);
        const found = Object.fromEntries(
          Object.entries(fields ?? {}).map(([path, expected]) => [path, actual(view, path, expected)]),
        );
        expect(found).toEqual(fields);
      });
    }

    for (const { row, rejected } of refused) {
      it(`row ${row} is refused: ${String(rejected)}`, () => {
        const verdict = verdicts[row - 1];
        expect(verdict && !verdict.accepted ? verdict.rules : []).toEqual(rejected);
      });
    }
  });
});
