import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { toTimestamp, type Timestamp } from '../../domain/time';
import type { JobSource, ReceivedRow, SourceCursor, SourcePage } from '../jobSource';
import { openFileRows, type FileRows } from './fileRows';
import { listFiles, type DataFile } from './listFiles';
import type { ParsedRow } from './rows';

const MAX_PAGE_ROWS = 10_000;
/** A page with this much text is full, however few its rows: about 64 MiB of memory. */
const MAX_PAGE_LENGTH = 32 * 1024 * 1024;

const cursorSchema = z.object({ file: z.string().max(4096), row: z.int().min(0) });

/** The file by its name (empty: the first), and how many of its rows have been read. */
type FileCursor = z.infer<typeof cursorSchema>;

const BEGINNING: FileCursor = { file: '', row: 0 };

/** A file that is being read, between two pages. */
interface Reading {
  file: DataFile;
  /** Rows given out so far. */
  row: number;
  rows: FileRows;
  /** Read ahead, to know whether anything follows; null when the file is at its end. */
  ahead: ParsedRow | null;
}

async function nextRow(rows: FileRows): Promise<ParsedRow | null> {
  const next = await rows.rows.next();
  return next.done === true ? null : next.value;
}

/** Opens a file and passes over its first `row` rows. */
async function startReading(file: DataFile, row: number): Promise<Reading> {
  const rows = await openFileRows(file.path);
  try {
    let ahead = await nextRow(rows);
    for (let passed = 0; passed < row; passed += 1) {
      if (ahead === null) {
        throw new AppError(
          'conflict',
          `The file ${file.name} has shrunk while it was read: ${row} rows had been taken, it has ${passed} now.`,
        );
      }
      ahead = await nextRow(rows);
    }
    return { file, row, rows, ahead };
  } catch (error) {
    await rows.close();
    throw error;
  }
}

/** Takes rows until the page is full or the file ends. */
async function takeRows(reading: Reading, limit: number): Promise<ReceivedRow[]> {
  const page: ReceivedRow[] = [];
  let length = 0;
  while (reading.ahead !== null && page.length < limit && length < MAX_PAGE_LENGTH) {
    page.push(reading.ahead.row);
    length += reading.ahead.length;
    reading.row += 1;
    reading.ahead = await nextRow(reading.rows);
  }
  return page;
}

function parseCursor(cursor: SourceCursor): FileCursor {
  const parsed = cursorSchema.safeParse(cursor);
  if (!parsed.success) throw new AppError('invalid_parameter', 'The cursor is none of a file source.');
  return parsed.data;
}

/**
 * Reads the postings of a file, or of all data files of a folder in order of name. A page holds rows of one file.
 * Files that arrive while a folder is being read are seen by the next run.
 * @throws AppError `invalid_parameter` when the location cannot be read; `conflict` when a file vanished or shrank
 *   between two pages; `payload_too_large` for a JSON or XML document that is too large.
 */
export function createFileSource({ location }: { location: string }): JobSource {
  /** The files of this run; null between runs. */
  let listed: DataFile[] | null = null;
  let kept: Reading | null = null;

  async function filesFor(cursor: FileCursor): Promise<DataFile[]> {
    if (listed === null || !listed.some(({ name }) => name === cursor.file))
      listed = await listFiles(location);
    return listed;
  }

  async function closeKept(): Promise<void> {
    const reading = kept;
    kept = null;
    await reading?.rows.close();
  }

  /** The open file if it stands at the cursor, taken out so that two calls never share it; else the file opened anew. */
  async function readingAt(file: DataFile, row: number): Promise<Reading> {
    if (kept?.file.name !== file.name || kept.row !== row) return startReading(file, row);
    const reading = kept;
    kept = null;
    if (await isPresent(file)) return reading;
    await reading.rows.close();
    throw new AppError('conflict', `The file ${file.path} is no longer there.`);
  }

  /** One page of an open file, which is kept open for the next page or closed at its end. */
  async function pageOf(
    reading: Reading,
    following: DataFile | undefined,
    limit: number,
  ): Promise<SourcePage> {
    let rows: ReceivedRow[];
    try {
      rows = await takeRows(reading, limit);
    } catch (error) {
      await reading.rows.close();
      throw error;
    }
    const isFinished = reading.ahead === null;
    const replaced = kept;
    kept = isFinished ? null : reading;
    await replaced?.rows.close();
    if (isFinished) await reading.rows.close();
    const here: FileCursor = { file: reading.file.name, row: reading.row };
    return {
      rows,
      cursor: isFinished && following !== undefined ? { file: following.name, row: 0 } : here,
      isLast: isFinished && following === undefined,
      seenAt: reading.rows.modifiedAt,
    };
  }

  async function fetchPage(given: SourceCursor | null, limit: number): Promise<SourcePage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_ROWS) {
      throw new AppError('invalid_parameter', `The page size must be 1 to ${MAX_PAGE_ROWS}, not ${limit}.`);
    }
    const cursor = given === null ? BEGINNING : parseCursor(given);
    const files = await filesFor(cursor);
    const first = cursor.file === '' ? 0 : files.findIndex(({ name }) => name === cursor.file);
    if (first === -1) throw new AppError('conflict', `The file ${cursor.file} is no longer in ${location}.`);
    let row = cursor.row;
    // Files without rows are passed over, so that a page is empty only at the end.
    for (const [index, file] of files.slice(first).entries()) {
      const following = files[first + index + 1];
      const page = await pageOf(await readingAt(file, row), following, limit);
      if (page.isLast) listed = null;
      if (page.rows.length > 0 || page.isLast) return page;
      row = 0;
    }
    return { rows: [], cursor: BEGINNING, isLast: true, seenAt: toTimestamp(Date.now()) };
  }

  return { fetchPage, close: closeKept };
}

async function isPresent(file: DataFile): Promise<boolean> {
  try {
    await stat(file.path);
    return true;
  } catch {
    return false;
  }
}

/** A row and where it stands. */
export interface PlacedRow extends ReceivedRow {
  /** Its file, below the location. */
  file: string;
  /** From 1 in its file. */
  rowNumber: number;
  /** When the file was last changed. */
  seenAt: Timestamp;
}

/** All rows of all files one after another, for checks and measurements; memory stays bounded. */
export async function* readRows(location: string): AsyncGenerator<PlacedRow, void> {
  for (const file of await listFiles(location)) {
    const rows = await openFileRows(file.path);
    try {
      let rowNumber = 0;
      for (let next = await nextRow(rows); next !== null; next = await nextRow(rows)) {
        rowNumber += 1;
        yield { ...next.row, file: file.name, rowNumber, seenAt: rows.modifiedAt };
      }
    } finally {
      await rows.close();
    }
  }
}
