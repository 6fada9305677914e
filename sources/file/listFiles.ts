import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Stats } from 'node:fs';
import { AppError } from '../../domain/errors';
import { errorCode } from './errorCode';

const MAX_FILES = 10_000;
/** Entries of all kinds looked at, so that a folder tree of something else does not keep a worker for hours. */
const MAX_ENTRIES = 200_000;
const MAX_DEPTH = 32;

const DATA_FILE = /\.(?:csv|tsv|psv|json|jsonl|ndjson|xml|rss|atom|txt)(?:\.gz)?$|\.gz$/i;
const README_FILE = /^readme[^/]*\.(?:md|txt)$/i;

export interface DataFile {
  /** Where to open it. */
  path: string;
  /** Below the folder, with slashes; the base name where the location is the file itself. */
  name: string;
}

function isDataFile(name: string): boolean {
  return DATA_FILE.test(name) && !README_FILE.test(name);
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    const code = errorCode(cause);
    const why = code === 'ENOENT' ? 'there is no such file or folder' : code;
    throw new AppError('invalid_parameter', `${path} cannot be read: ${why}.`, { cause });
  }
}

/**
 * The data files of a folder and the folders in it, in order of name; the file itself where `location` is one.
 * Hidden files, READMEs, files that hold no postings by their name, and links to folders are passed over.
 * @throws AppError `invalid_parameter` when the location does not exist, cannot be read or holds too many files.
 */
export async function listFiles(location: string): Promise<DataFile[]> {
  const found = await statOf(location);
  if (found.isFile()) return [{ path: location, name: basename(location) }];
  if (!found.isDirectory()) {
    throw new AppError('invalid_parameter', `${location} is neither a file nor a folder.`);
  }
  const files: DataFile[] = [];
  const folders = [{ path: location, name: '', depth: 1 }];
  let entriesLeft = MAX_ENTRIES;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let entries;
    try {
      entries = await readdir(folder.path, { withFileTypes: true });
    } catch (cause) {
      throw new AppError('invalid_parameter', `The folder ${folder.path} cannot be read.`, { cause });
    }
    entriesLeft -= entries.length;
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder.path, entry.name);
      const name = folder.name === '' ? entry.name : `${folder.name}/${entry.name}`;
      if (entry.isDirectory()) {
        if (folder.depth < MAX_DEPTH) folders.push({ path, name, depth: folder.depth + 1 });
      } else if (isDataFile(entry.name)) {
        const isFile = entry.isFile() || (entry.isSymbolicLink() && (await isLinkToFile(path)));
        if (isFile) files.push({ path, name });
      }
    }
    if (files.length > MAX_FILES || entriesLeft < 0) {
      throw new AppError(
        'invalid_parameter',
        `${location} holds more than ${MAX_FILES} files: name a smaller folder.`,
      );
    }
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function isLinkToFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
