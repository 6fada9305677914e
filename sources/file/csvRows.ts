import { scanCsvRecord } from './csvRecord';
import { brokenRow, goodRow, MAX_FIELD_LENGTH, MAX_ROW_LENGTH, type ParsedRow } from './rows';
import type { TextInput } from './textInput';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const MAX_COLUMNS = 1_000;
const LINE_END = /\r\n|\n|\r/g;
/** What Excel writes above the header to name the delimiter. */
const SEPARATOR_LINE = /^sep=[,;\t|]$/;

interface Table {
  delimiter: string;
  columns: string[];
}

interface Reading {
  /** Text not yet read; begins anywhere, goes on at `position`. */
  buffer: string;
  position: number;
  /** Line at `position`, from 1. */
  line: number;
  /** Null until the header has been read. */
  table: Table | null;
  /** Inside a line too long to keep: its rest is passed over. */
  isPassingOver: boolean;
  /** Without a header nothing more can be read. */
  isOver: boolean;
}

/** The delimiter that splits the header line into most columns; a comma where none does. */
function sniffDelimiter(headerLine: string): string {
  let best: string = DELIMITERS[0];
  let mostColumns = 1;
  for (const delimiter of DELIMITERS) {
    const scan = scanCsvRecord(headerLine, 0, delimiter, true);
    if (scan.kind === 'record' && scan.fields.length > mostColumns) {
      best = delimiter;
      mostColumns = scan.fields.length;
    }
  }
  return best;
}

/** Names trimmed; a column without one is `column_3`; a name that comes again is `name_2`. */
function columnNames(fields: string[]): string[] {
  const taken = new Set<string>();
  return fields.map((field, index) => {
    const base = field.trim() === '' ? `column_${index + 1}` : field.trim();
    let name = base;
    for (let count = 2; taken.has(name); count += 1) name = `${base}_${count}`;
    taken.add(name);
    return name;
  });
}

/** End of the line that begins at `start`, and where the next one begins; null when its end is not in the text. */
function lineAt(text: string, start: number): { end: number; next: number } | null {
  LINE_END.lastIndex = start;
  const match = LINE_END.exec(text);
  return match === null ? null : { end: match.index, next: match.index + match[0].length };
}

function faultOf(fields: string[], columns: number, length: number): string | null {
  if (fields.length !== columns) {
    return `expected ${columns} ${columns === 1 ? 'column' : 'columns'}, found ${fields.length}`;
  }
  if (length > MAX_ROW_LENGTH) return 'the row is longer than 4 MiB';
  if (fields.some((field) => field.length > MAX_FIELD_LENGTH)) return 'a field is longer than 1 MiB';
  return null;
}

/** Gives up on the line at the position alone. */
function breakLine(reading: Reading, fault: string): ParsedRow {
  const { buffer, position } = reading;
  const found = lineAt(buffer, position);
  const row = brokenRow(
    buffer.slice(position, found?.end ?? buffer.length),
    `Line ${reading.line}: ${fault}.`,
  );
  reading.position = found?.next ?? buffer.length;
  if (found === null) reading.isPassingOver = true;
  else reading.line += 1;
  return row;
}

/** Moves to the end of the line being passed over, if the buffer has it. */
function passOver(reading: Reading): void {
  const found = lineAt(reading.buffer, reading.position);
  reading.position = found?.next ?? reading.buffer.length;
  if (found === null) return;
  reading.line += 1;
  reading.isPassingOver = false;
}

/**
 * Whether a record of the right width begins on the second line of the one at the position: then the first line has a
 * quote too many, and the two belong to different records.
 */
function hidesRecord(reading: Reading, table: Table): boolean {
  const second = lineAt(reading.buffer, reading.position);
  if (second === null || table.columns.length === 1) return false;
  const scan = scanCsvRecord(reading.buffer, second.next, table.delimiter, true);
  return scan.kind === 'record' && scan.fields.length === table.columns.length;
}

/**
 * Reads the header at the position.
 * @returns a broken row when it cannot be read; 'incomplete' when more text is needed
 */
function readHeader(reading: Reading, isEnd: boolean): ParsedRow | 'incomplete' | null {
  const { buffer, position } = reading;
  const found = lineAt(buffer, position);
  const isTooLong = buffer.length - position > MAX_ROW_LENGTH;
  if (found === null && !isEnd && !isTooLong) return 'incomplete';
  const delimiter = sniffDelimiter(buffer.slice(position, found?.end ?? buffer.length));
  const scan = scanCsvRecord(buffer, position, delimiter, isEnd);
  if (scan.kind === 'incomplete' && !isTooLong) return 'incomplete';
  if (scan.kind !== 'record') {
    reading.isOver = true;
    const fault = scan.kind === 'fault' ? scan.fault : 'it is longer than 4 MiB';
    return breakLine(reading, `the header cannot be read: ${fault}`);
  }
  if (scan.fields.length > MAX_COLUMNS) {
    reading.isOver = true;
    return breakLine(
      reading,
      `the header has ${scan.fields.length} columns, at most ${MAX_COLUMNS} are read`,
    );
  }
  const isHeader = !scan.isBlank && !SEPARATOR_LINE.test(buffer.slice(position, scan.next).trimEnd());
  if (isHeader) reading.table = { delimiter, columns: columnNames(scan.fields) };
  reading.position = scan.next;
  reading.line += scan.lines;
  return null;
}

/** Reads the record at the position; null for a blank line. */
function readRecord(reading: Reading, table: Table, isEnd: boolean): ParsedRow | 'incomplete' | null {
  const { buffer, position, line } = reading;
  const scan = scanCsvRecord(buffer, position, table.delimiter, isEnd);
  if (scan.kind === 'fault') return breakLine(reading, scan.fault);
  if (scan.kind === 'incomplete') {
    if (buffer.length - position <= MAX_ROW_LENGTH) return 'incomplete';
    return breakLine(reading, 'the row is longer than 4 MiB');
  }
  const text = buffer.slice(position, scan.next);
  const fault = scan.isBlank ? null : faultOf(scan.fields, table.columns.length, text.length);
  if (fault !== null && scan.lines > 1 && hidesRecord(reading, table)) {
    return breakLine(reading, `${fault}; a quote seems to be open`);
  }
  reading.position = scan.next;
  reading.line += scan.lines;
  if (scan.isBlank) return null;
  if (fault !== null) return brokenRow(text, `Line ${line}: ${fault}.`);
  const { fields } = scan;
  const record = Object.fromEntries(table.columns.map((column, index) => [column, fields[index] ?? '']));
  return goodRow(record, text.length);
}

/** Reads on as far as the buffer has whole records. */
function* drain(reading: Reading, isEnd: boolean): Generator<ParsedRow> {
  while (reading.position < reading.buffer.length && !reading.isOver) {
    if (reading.isPassingOver) {
      passOver(reading);
      continue;
    }
    const { table } = reading;
    const read = table === null ? readHeader(reading, isEnd) : readRecord(reading, table, isEnd);
    if (read === 'incomplete') return;
    if (read !== null) yield read;
  }
}

/**
 * The rows of a CSV text whose first record names the columns. Memory stays within one row, whatever the size of the
 * file. What cannot be read costs one line: reading goes on with the line after it, also after a quote that is never
 * closed.
 */
export async function* csvRows(input: TextInput): AsyncGenerator<ParsedRow> {
  const reading: Reading = {
    buffer: '',
    position: 0,
    line: 1,
    table: null,
    isPassingOver: false,
    isOver: false,
  };
  for await (const chunk of input.chunks) {
    reading.buffer = reading.buffer.slice(reading.position) + chunk;
    reading.position = 0;
    yield* drain(reading, false);
    if (reading.isOver) return;
  }
  const damage = input.damage();
  yield* drain(reading, damage === null);
  if (damage === null || reading.isOver) return;
  yield brokenRow(reading.buffer.slice(reading.position), `Line ${reading.line}: ${damage}.`);
}
