import { Command } from 'commander';
import { AppError } from '../domain/errors';
import { emptyContent, type JobContent } from '../domain/job';
import {
  type LabelledVerdict,
  type Measures,
  qualityReport,
  type QualityReport,
} from '../domain/screening/quality';
import { screen } from '../domain/screening/screen';
import { htmlToText, normaliseText } from '../domain/text';
import { readRows } from '../sources/file/fileSource';
import { display, printJson, printLine, printTable } from './commands/output';

interface QualityOptions {
  text: string;
  label: string;
  json?: true;
}

const MAX_TEXT_COLUMNS = 20;
const MAX_ROWS = 1_000_000;
const BAD: ReadonlySet<string> = new Set('1 true t yes y spam scam fraud fraudulent bad'.split(' '));
const GOOD: ReadonlySet<string> = new Set('0 false f no n ham legit genuine good ok'.split(' '));

const program = new Command('quality')
  .description('Score the screening on a labelled file. The file must not be one that weights were set on.')
  .argument('<file>', 'CSV (or NDJSON, JSON) of labelled postings')
  .requiredOption('--text <columns>', 'columns that make up the text, in order, with commas between')
  .requiredOption(
    '--label <column>',
    'column of the label: 1, true, spam, fraud; or 0, false, ham, legit; empty rows are skipped',
  )
  .option('--json', 'print one line of JSON')
  .action(async (file: string, options: QualityOptions) => {
    const report = qualityReport(await judgeFile(file, options));
    if (options.json) printJson(report);
    else printReport(report);
  });

program.parseAsync(process.argv).catch((error: unknown) => {
  const text =
    error instanceof AppError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text ?? ''}\n`);
  process.exit(1);
});

async function judgeFile(file: string, { text, label }: QualityOptions): Promise<LabelledVerdict[]> {
  const columns = text
    .split(',')
    .map((column) => column.trim())
    .filter((column) => column !== '');
  if (columns.length === 0 || columns.length > MAX_TEXT_COLUMNS) {
    throw new AppError('invalid_parameter', `--text takes 1 to ${MAX_TEXT_COLUMNS} columns.`);
  }
  const labelled: LabelledVerdict[] = [];
  let rowNumber = 0;
  for await (const { record } of readRows(file)) {
    rowNumber += 1;
    if (rowNumber > MAX_ROWS)
      throw new AppError('invalid_parameter', `The file has more than ${MAX_ROWS} rows.`);
    if (record === null) continue;
    requireColumns(record, [...columns, label], rowNumber);
    const isBad = readLabel(record[label], rowNumber);
    if (isBad === null) continue;
    const content = contentOf(columns.map((column) => cell(record[column])));
    const context = { postingsOfClientLast24h: null, clientsWithSameText: null };
    labelled.push({ isBad, verdict: screen({ content, context }) });
  }
  return labelled;
}

function requireColumns(record: Record<string, unknown>, columns: string[], rowNumber: number): void {
  // Rows of a CSV have all columns alike; in NDJSON a missing field is an empty one.
  if (rowNumber > 1) return;
  const missing = columns.filter((column) => !(column in record));
  if (missing.length === 0) return;
  const known = Object.keys(record).slice(0, 50).join(', ');
  throw new AppError('invalid_parameter', `The file has no column ${missing.join(', ')}; it has ${known}.`);
}

/** The first column is the title where there are several, the others the description. */
function contentOf(texts: string[]): JobContent {
  const [first = '', ...rest] = texts;
  const isTitled = rest.length > 0;
  return {
    ...emptyContent(),
    title: isTitled ? first : null,
    description: isTitled ? rest.filter((text) => text !== '').join('\n') : first,
  };
}

function cell(value: unknown): string {
  if (typeof value !== 'string') return value === null || value === undefined ? '' : display(value);
  return normaliseText(htmlToText(value));
}

/** Whether the label says bad; null where there is none. */
function readLabel(value: unknown, rowNumber: number): boolean | null {
  const label = (
    typeof value === 'string' ? value : value === null || value === undefined ? '' : display(value)
  )
    .trim()
    .toLowerCase();
  if (label === '') return null;
  if (BAD.has(label)) return true;
  if (GOOD.has(label)) return false;
  throw new AppError(
    'invalid_parameter',
    `Row ${rowNumber}: the label ${display(label)} is neither good nor bad.`,
  );
}

function printReport({ rows, signals, ...verdicts }: QualityReport): void {
  printLine(`${rows} labelled rows`);
  printTable(
    ['verdict', 'precision', 'recall', 'f1', 'true pos.', 'false pos.', 'true neg.', 'false neg.'],
    Object.entries(verdicts).map(([verdict, measures]) => [
      verdict.replaceAll('_', ' '),
      ...cellsOf(measures),
    ]),
  );
  printTable(
    ['signal', 'hits', 'true pos.', 'false pos.', 'precision'],
    Object.entries(signals).map(([signal, quality]) => [
      signal,
      quality.hits,
      quality.true_positives,
      quality.false_positives,
      display(quality.precision),
    ]),
  );
}

function cellsOf({ precision, recall, f1, confusion }: Measures): (string | number)[] {
  return [
    display(precision),
    display(recall),
    display(f1),
    confusion.true_positives,
    confusion.false_positives,
    confusion.true_negatives,
    confusion.false_negatives,
  ];
}
