import { z } from 'zod';
import { AppError } from '../../domain/errors';
import type { Timestamp } from '../../domain/time';
import type { JobSource, ReceivedRow, SourceCursor, SourcePage } from '../jobSource';
import { openFileRows, type FileRows } from './fileRows';
import { listFiles, type DataFile } from './listFiles';
import type { ParsedRow } from './rows';

const MAX_PAGE_ROWS = 10_000;
/** A page with this much text is full, however few its rows: about 64 MiB of memory. */
const MAX_PAGE_LENGTH = 32 * 1024 * 1024;

const cursorSchema = z.object({ file: z.string().min(1).max(4096), row: z.int().min(0) });

/** The file by its name, and how many of its rows have been read. */
type FileCursor = z.infer<typeof cursorSchema>;

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
async function takePage(reading: Reading, limit: number): Promise<ReceivedRow[]> {
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

  /** The reading that goes on at the cursor, taken out so that two calls never share it. */
  function takeKept(cursor: FileCursor): Reading | null {
    if (kept === null || kept.file.name !== cursor.file || kept.row !== cursor.row) return null;
    const reading = kept;
    kept = null;
    return reading;
  }

  async function filesFor(cursor: FileCursor | null): Promise<DataFile[]> {
    if (listed === null || cursor === null || !listed.some(({ name }) => name === cursor.file)) {
      listed = await listFiles(location);
    }
    return listed;
  }

  async function closeKept(): Promise<void> {
    const reading = kept;
    kept = null;
    await reading?.rows.close();
  }

  async function fetchPage(given: SourceCursor | null, limit: number): Promise<SourcePage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_ROWS) {
      throw new AppError('invalid_parameter', `The page size must be 1 to ${MAX_PAGE_ROWS}, not ${limit}.`);
    }
    const cursor = given === null ? null : parseCursor(given);
    const files = await filesFor(cursor);
    let index = cursor === null ? 0 : files.findIndex(({ name }) => name === cursor.file);
    if (index === -1) {
      throw new AppError('conflict', `The file ${cursor?.file ?? ''} is no longer in ${location}.`);
    }
    let row = cursor?.row ?? 0;
    let reading = cursor === null ? null : takeKept(cursor);
    await closeKept();
    // Files without a row are passed over, so that a page is empty only at the end.
    for (;;) {
      const file = files[index];
      if (file === undefined) return emptyPage();
      reading ??= await startReading(file, row);
      let isFinished = true;
      try {
        const rows = await takePage(reading, limit);
        const next = files[index + 1];
        if (rows.length > 0 || next === undefined) {
          isFinished = reading.ahead === null;
          const isLast = isFinished && next === undefined;
          if (isLast) listed = null;
          const atEnd =
            next === undefined ? { file: file.name, row: reading.row } : { file: next.name, row: 0 };
          const page: SourcePage = {
            rows,
            cursor: isFinished ? atEnd : { file: file.name, row: reading.row },
            isLast,
            seenAt: reading.rows.modifiedAt,
          };
          if (!isFinished) kept = reading;
          return page;
        }
      } finally {
        if (isFinished) await reading.rows.close();
      }
      reading = null;
      row = 0;
      index += 1;
    }
  }

  return { fetchPage, close: closeKept };
}

/** All rows of all files one after another, for checks and measurements; memory stays bounded. */
export async function* readRows(
  location: string,
): AsyncGenerator<
  ReceivedRow & { file: string; /** From 1 in its file. */ rowNumber: number; seenAt: Timestamp }
> {
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
