import type { Timestamp } from '../../domain/time';
import { csvRows } from './csvRows';
import { jsonDocumentRows } from './jsonDocumentRows';
import { ndjsonRows } from './ndjsonRows';
import { brokenRow, isObject, MAX_ROW_LENGTH, type ParsedRow } from './rows';
import { openText, type TextInput } from './textInput';
import { xmlRows } from './xmlRows';

/** Text has no NUL in its beginning, spreadsheets and archives do. */
const BINARY_HEAD_LENGTH = 4096;
const MAX_LEADING_BLANKS = 1024 * 1024;

/** The rows of one file, read once from its beginning. */
export interface FileRows {
  rows: AsyncIterator<ParsedRow, void>;
  /** When the file was last changed. */
  modifiedAt: Timestamp;
  close(): Promise<void>;
}

/** The first line that is not blank, and whether anything follows it; null while the text given does not show that. */
function firstLine(head: string): { line: string; isFollowed: boolean } | null {
  const text = head.trimStart();
  const end = text.indexOf('\n');
  if (end === -1) return null;
  return { line: text.slice(0, end), isFollowed: text.slice(end).trim() !== '' };
}

/** Whether the beginning of a text is enough to tell its format. */
function isTelling(head: string): boolean {
  const text = head.trimStart();
  if (text === '') return head.length > MAX_LEADING_BLANKS;
  if (!text.startsWith('{')) return true;
  return firstLine(head)?.isFollowed === true || text.length > MAX_ROW_LENGTH;
}

function isWholeObject(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}

/** By content first; the name helps where the content begins with something broken. */
function readerFor(head: string, name: string): (input: TextInput) => AsyncGenerator<ParsedRow> {
  const text = head.trimStart();
  const hasExtension = (extensions: string): boolean =>
    new RegExp(`\\.(?:${extensions})(?:\\.gz)?$`, 'i').test(name);
  if (text.startsWith('<') || hasExtension('xml|rss|atom')) return xmlRows;
  if (text.startsWith('[')) return jsonDocumentRows;
  if (hasExtension('ndjson|jsonl')) return ndjsonRows;
  if (text.startsWith('{')) {
    const first = firstLine(head);
    return first?.isFollowed === true && isWholeObject(first.line) ? ndjsonRows : jsonDocumentRows;
  }
  return hasExtension('json') ? jsonDocumentRows : csvRows;
}

/** Whether a whole text is read as one JSON document: not line by line, and in no other format. */
export function isJsonDocument(text: string, name: string): boolean {
  return readerFor(text, name) === jsonDocumentRows;
}

/** The rows of a text in any of the formats; `name` is asked where the text itself does not tell which. */
export async function* parseRows(input: TextInput, name: string): AsyncGenerator<ParsedRow> {
  const chunks = (async function* () {
    yield* input.chunks;
  })();
  try {
    let head = '';
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      head += next.value;
      if (isTelling(head)) break;
    }
    const whole = async function* (): AsyncGenerator<string> {
      yield head;
      yield* chunks;
    };
    if (head.slice(0, BINARY_HEAD_LENGTH).includes('\0')) {
      yield brokenRow('', 'The file is no text: it holds binary data.');
      return;
    }
    yield* readerFor(head, name)({ ...input, chunks: whole() });
  } finally {
    await chunks.return(undefined);
  }
}

/**
 * Opens a file of postings in any of the formats: NDJSON, JSON, CSV, RSS or Atom, each also gzipped.
 * @throws AppError `conflict` when the file is gone, `invalid_parameter` when it may not be read.
 */
export async function openFileRows(path: string): Promise<FileRows> {
  const input = await openText(path);
  const rows = parseRows(input, path);
  return {
    rows,
    modifiedAt: input.modifiedAt,
    close: async () => {
      await rows.return(undefined);
      await input.close();
    },
  };
}
