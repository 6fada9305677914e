import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { UsageBatch } from '../../db/usage';
import type { Usage } from '../../domain/usage';

const FILE_NAME = /^[\w-]{1,100}\.ndjson$/;
const MAX_READ_BYTES = 4 * 1_024 * 1_024;

/** Tells a process from others that had its pid before or after. */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

export interface JournalOptions {
  /** Of processes on this machine alone; made where it is missing. */
  folder: string;
  /** Unique among processes, in letters, digits and -. */
  processId: string;
  identity: ProcessIdentity;
  isRunning: (identity: ProcessIdentity) => boolean;
}

/** Whole lines read from a file, and where the next begins. */
export interface JournalPart {
  batches: UsageBatch[];
  file: number;
  end: number;
}

/** A file of one process, to which it alone writes: what it has answered and Postgres does not know yet. */
export interface Journal {
  append: (batch: UsageBatch) => void;
  /** The first batches that are not stored, up to a few MB. */
  read: () => JournalPart;
  /** These are stored. Gives whether all are. */
  markStored: (part: JournalPart) => boolean;
  /** Files of processes that are gone. */
  abandoned: () => AbandonedJournal[];
  close: () => void;
}

export interface AbandonedJournal {
  /** From the start to the end, in pieces of a few MB. */
  parts: () => Iterable<UsageBatch[]>;
  remove: () => void;
}

const ownerSchema = z.object({ owner: z.object({ pid: z.number(), startTime: z.string().max(500) }) });

/**
 * Opens the journal of this process. A write is done when `append` returns: it survives the end of the process, not that of the machine.
 * @throws Error when the folder cannot be written to.
 */
export function openJournal({ folder, processId, identity, isRunning }: JournalOptions): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${processId}.ndjson`);
  const firstLine = Buffer.from(`${JSON.stringify({ owner: identity })}\n`);
  let file = create();
  /** Up to here it is stored. */
  let position = firstLine.length;
  let endsInHalfALine = false;

  function create(): number {
    const made = openSync(path, 'ax+', 0o600);
    writeSync(made, firstLine);
    return made;
  }

  /** Somebody may have taken this process for dead and removed its file. */
  function ensureLinked(): void {
    if (fstatSync(file).nlink > 0) return;
    const removed = file;
    const { batches } = readFrom(removed, position);
    file = create();
    position = firstLine.length;
    for (const batch of batches) write(batch);
    closeSync(removed);
  }

  function write(batch: UsageBatch): void {
    const line = `${endsInHalfALine ? '\n' : ''}${JSON.stringify(batch)}\n`;
    // A disk that is full takes half of it.
    endsInHalfALine = true;
    if (writeSync(file, line) < Buffer.byteLength(line)) throw new Error('The journal took half a line.');
    endsInHalfALine = false;
  }

  return {
    append(batch) {
      ensureLinked();
      write(batch);
    },
    read: () => readFrom(file, position),
    markStored(part) {
      // Else the file is another one by now, and holds them again: they count once.
      if (part.file === file) position = part.end;
      if (fstatSync(file).size > position) return false;
      ftruncateSync(file, firstLine.length);
      position = firstLine.length;
      return true;
    },
    abandoned: () =>
      readdirSync(folder)
        .filter((name) => FILE_NAME.test(name) && name !== `${processId}.ndjson`)
        .flatMap((name) => abandonedAt(join(folder, name), isRunning)),
    close() {
      const isEmpty = fstatSync(file).size === firstLine.length;
      closeSync(file);
      if (isEmpty) rmSync(path, { force: true });
    },
  };
}

/** None where its process runs. */
function abandonedAt(path: string, isRunning: (identity: ProcessIdentity) => boolean): AbandonedJournal[] {
  const owner = readOwner(path);
  if (owner && isRunning(owner)) return [];
  return [{ parts: () => partsOf(path), remove: () => rmSync(path, { force: true }) }];
}

function* partsOf(path: string): Generator<UsageBatch[]> {
  const file = openIfThere(path);
  if (file === null) return;
  try {
    for (let part = readFrom(file, 0), start = 0; part.end > start; part = readFrom(file, start)) {
      yield part.batches;
      start = part.end;
    }
  } finally {
    closeSync(file);
  }
}

/** Null where another process has taken it over. */
function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Null where the process ended before it could say who it is; such a file holds nothing. */
function readOwner(path: string): ProcessIdentity | null {
  const file = openIfThere(path);
  if (file === null) return null;
  try {
    const [line] = linesFrom(file, 0).lines;
    return line === undefined ? null : ownerSchema.parse(JSON.parse(line)).owner;
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

function readFrom(file: number, start: number): JournalPart {
  const { lines, end } = linesFrom(file, start);
  return { batches: lines.flatMap(toBatch), file, end };
}

/** A line without its end was being written when its process was killed. */
function linesFrom(file: number, start: number): { lines: string[]; end: number } {
  const length = Math.min(MAX_READ_BYTES, Math.max(0, fstatSync(file).size - start));
  const bytes = Buffer.allocUnsafe(length);
  const read = bytes.subarray(0, readSync(file, bytes, 0, length, start));
  const end = read.lastIndexOf(0x0a) + 1;
  return { lines: read.toString('utf8', 0, end).split('\n').slice(0, -1), end: start + end };
}

/** The line of the owner is no batch, nor is half a line. A batch is as it was written here. */
function toBatch(line: string): UsageBatch[] {
  const { id, usages } = parsed(line);
  return typeof id === 'string' && Array.isArray(usages) ? [{ id, usages: usages as Usage[] }] : [];
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
