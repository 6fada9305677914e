import Table from 'cli-table3';
import type { IngestReport } from '../../domain/outcome';

/** One line of JSON for machines: the last line of the output, whatever came before. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A table for people. */
export function printTable(head: string[], rows: (string | number)[][]): void {
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows);
  printLine(table.toString());
}

/** Name and value, one pair a line. */
export function printPairs(pairs: Readonly<Record<string, unknown>>): void {
  printTable(
    [],
    Object.entries(pairs).map(([name, value]) => [name, display(value)]),
  );
}

const MAX_CELL_LENGTH = 120;

/** A value as a person reads it in a cell. */
export function display(value: unknown): string {
  if (value === null || value === undefined) return '-';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_CELL_LENGTH ? `${text.slice(0, MAX_CELL_LENGTH - 1)}…` : text;
}

/** What a run came to: rows by outcome, then by reason. */
export function printReport({ reasons, ...counts }: IngestReport): void {
  printPairs(counts);
  if (counts.received === 0) printLine('No rows: the source is empty, has no data file, or has nothing new.');
  if (Object.keys(reasons).length === 0) return;
  printLine('\nreasons');
  printPairs(reasons);
}
