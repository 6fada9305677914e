import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readRows, type PlacedRow } from '../../../sources/file/fileSource';

const folders: string[] = [];

/** A folder of made-up files, by name; removed by `removeFolders`. */
export function makeFolder(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(tmpdir(), 'file-source-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export async function collect(location: string): Promise<PlacedRow[]> {
  const rows: PlacedRow[] = [];
  for await (const row of readRows(location)) rows.push(row);
  return rows;
}

/** What a file of that name and content is read as: a record, or the sentence that says why there is none. */
export async function read(name: string, content: string | Buffer): Promise<unknown[]> {
  const rows = await collect(makeFolder({ [name]: content }));
  return rows.map(({ record, broken }) => record ?? broken);
}
