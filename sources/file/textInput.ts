import { open, type FileHandle } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../domain/errors';
import { toTimestamp, type Timestamp } from '../../domain/time';
import { errorCode } from './errorCode';

const READ_SIZE = 64 * 1024;
/** Small reads of compressed data: deflate grows a thousandfold at most, so one step gives 16 MiB at most. */
const COMPRESSED_READ_SIZE = 16 * 1024;
/** Bytes looked at to find out how a text is encoded. */
const ENCODING_HEAD_SIZE = 1024;
/** Documents that can only be read whole (JSON, XML) may have this many characters. */
export const MAX_DOCUMENT_LENGTH = 256 * 1024 * 1024;

/** The decoded text of a file, in pieces. */
export interface TextInput {
  chunks: AsyncIterable<string> | Iterable<string>;
  /** Known once the chunks have ended: why there is less text than there should be, else null. */
  damage: () => string | null;
  modifiedAt: Timestamp;
  close(): Promise<void>;
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOENT') throw new AppError('conflict', `The file ${path} is no longer there.`, { cause });
    if (code === 'EACCES' || code === 'EPERM') {
      throw new AppError('invalid_parameter', `The file ${path} may not be read (${code}).`, { cause });
    }
    throw new AppError('unavailable', `The file ${path} cannot be opened (${code}).`, { cause });
  }
}

/** @param size at least so many bytes were there when the file was opened */
async function* bytesOf(
  { handle, path, size }: { handle: FileHandle; path: string; size: number },
  readSize: number,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  for (;;) {
    const buffer = Buffer.allocUnsafe(readSize);
    let bytesRead: number;
    try {
      ({ bytesRead } = await handle.read(buffer, 0, readSize, position));
    } catch (cause) {
      throw new AppError('unavailable', `Reading ${path} failed (${errorCode(cause)}).`, { cause });
    }
    if (bytesRead === 0) {
      if (position >= size) return;
      throw new AppError('conflict', `The file ${path} has shrunk while it was read.`);
    }
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * Everything that can be unpacked before the place where a file is cut off or damaged; `onDamage` then hears what is wrong.
 * Not a pipeline: a stream that fails throws away what it had unpacked but not yet delivered.
 */
async function* gunzip(
  source: AsyncIterable<Uint8Array>,
  onDamage: (damage: string) => void,
): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: READ_SIZE });
  const unpacked: Uint8Array[] = [];
  const state: { ended: boolean; failure: unknown } = { ended: false, failure: null };
  let wake: () => void = () => undefined;
  stream.on('data', (chunk: Uint8Array) => unpacked.push(chunk));
  stream.once('end', () => {
    state.ended = true;
    wake();
  });
  stream.once('error', (error) => {
    state.failure = error;
    wake();
  });
  const step = (chunk: Uint8Array | null): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      if (chunk === null) stream.end();
      else stream.write(chunk, (error) => (error ? undefined : resolve()));
    });
  try {
    for await (const chunk of source) {
      await step(chunk);
      yield* unpacked.splice(0);
      if (state.ended || state.failure !== null) break;
    }
    if (!state.ended && state.failure === null) await step(null);
    yield* unpacked.splice(0);
    if (state.failure !== null) {
      onDamage(
        errorCode(state.failure) === 'Z_BUF_ERROR'
          ? 'the gzip file is cut off here'
          : `the gzip file is damaged here (${errorCode(state.failure)})`,
      );
    }
  } finally {
    stream.destroy();
  }
}

/** By byte order mark, else by what an XML declaration says; null where neither is. */
function statedDecoder(head: Uint8Array): TextDecoder | null {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le');
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be');
  const declaration = Buffer.from(head).toString('latin1');
  const declared = /^\s*<\?xml[^>]{1,200}?\bencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(declaration)?.[1];
  if (declared === undefined) return null;
  // A declaration that can be read as single bytes is no UTF-16, whatever it says.
  if (/^utf-?16|^ucs/i.test(declared)) return new TextDecoder('utf-8');
  try {
    return new TextDecoder(declared);
  } catch {
    return new TextDecoder('utf-8');
  }
}

/** By byte order mark, else by what an XML declaration says, else UTF-8. Bytes that are no text become U+FFFD. */
export function decoderFor(head: Uint8Array): TextDecoder {
  return statedDecoder(head) ?? new TextDecoder('utf-8');
}

/** A character of several bytes in UTF-8. */
const UTF8_SEQUENCE = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/;
/** Bytes that Windows-1252 leaves out. */
const NO_WINDOWS_1252 = /[\x81\x8d\x8f\x90\x9d]/;
/** Bytes that may begin a character which the next chunk completes. */
const CUT_SEQUENCE = /[\xc2-\xf4][\x80-\xbf]{0,2}$/;

/**
 * Western text as spreadsheets save it: bytes beyond ASCII of which none make a character of UTF-8. Null while all is ASCII,
 * which reads the same either way.
 */
function isWindows1252(chunk: Uint8Array): boolean | null {
  const characters = Buffer.from(chunk).toString('latin1');
  if (!/[\x80-\xff]/.test(characters)) return null;
  if (UTF8_SEQUENCE.test(characters) || NO_WINDOWS_1252.test(characters)) return false;
  return /[\x80-\xff]/.test(characters.replace(CUT_SEQUENCE, ''));
}

/** A decoder for a text without mark or declaration: UTF-8, unless its first bytes beyond ASCII show that it is not. */
function createPlainDecoder(): (chunk?: Uint8Array) => string {
  let decoder = new TextDecoder('utf-8');
  let isSettled = false;
  return (chunk) => {
    if (chunk === undefined) return decoder.decode();
    if (!isSettled) {
      const isWestern = isWindows1252(chunk);
      isSettled = isWestern !== null;
      if (isWestern === true) decoder = new TextDecoder('windows-1252');
    }
    return decoder.decode(chunk, { stream: true });
  };
}

function createDecoder(head: Uint8Array): (chunk?: Uint8Array) => string {
  const decoder = statedDecoder(head);
  if (decoder === null) return createPlainDecoder();
  return (chunk) => (chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
}

async function* decode(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let head: Uint8Array = new Uint8Array(0);
  let decoder: ((chunk?: Uint8Array) => string) | null = null;
  for await (const chunk of bytes) {
    if (decoder !== null) {
      yield decoder(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < ENCODING_HEAD_SIZE) continue;
    decoder = createDecoder(head);
    yield decoder(head);
  }
  if (decoder === null) {
    decoder = createDecoder(head);
    yield decoder(head);
  }
  yield decoder();
}

/**
 * Opens a file as text: gzip unpacked, byte order mark removed, decoded.
 * @throws AppError `conflict` when the file is gone, `invalid_parameter` when it may not be read.
 */
export async function openText(path: string): Promise<TextInput> {
  const handle = await openFile(path);
  try {
    const magic = Buffer.alloc(2);
    await handle.read(magic, 0, 2, 0);
    const isGzip = magic[0] === 0x1f && magic[1] === 0x8b;
    const { mtimeMs, size } = await handle.stat();
    let damage: string | null = null;
    const bytes = bytesOf({ handle, path, size }, isGzip ? COMPRESSED_READ_SIZE : READ_SIZE);
    return {
      chunks: decode(isGzip ? gunzip(bytes, (what) => (damage = what)) : bytes),
      damage: () => damage,
      modifiedAt: toTimestamp(mtimeMs),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** @throws AppError `payload_too_large` for a text of more than `maxLength` characters. */
export async function readWhole(chunks: TextInput['chunks'], maxLength: number): Promise<string> {
  const pieces: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > maxLength) {
      const mib = Math.floor(maxLength / (1024 * 1024));
      throw new AppError(
        'payload_too_large',
        `A JSON or XML document is read whole and may have ${mib} MiB; this one is larger. ` +
          'Give it as NDJSON or CSV, which are read line by line.',
      );
    }
    pieces.push(chunk);
  }
  return pieces.join('');
}

/** Counts lines from one place in a text to the next without starting over. Places only move forward. */
export function createLineCounter(text: string): (offset: number) => number {
  let line = 1;
  let lineEnd = text.indexOf('\n');
  return (offset) => {
    while (lineEnd !== -1 && lineEnd < offset) {
      line += 1;
      lineEnd = text.indexOf('\n', lineEnd + 1);
    }
    return line;
  };
}
