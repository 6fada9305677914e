import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { createFileSource } from '../../../sources/file/fileSource';
import { listFiles } from '../../../sources/file/listFiles';
import type { ReceivedRow, SourceCursor } from '../../../sources/jobSource';
import { collect, makeFolder, read, removeFolders } from './tempFiles';

afterAll(removeFolders);

const CSV = 'a,b\n1,"x\ny"\n2\n3,z\n\n4,"é€😀"\n5,"open\n6,w\n';
const NDJSON = '{"a":1}\n{"a":\n{"a":"é€😀"}\n[]\n{"a":4}\n';
const JSON_LIST = '[{"a":1},{"a":"é€😀"},3,{"a":4}]';
const RSS =
  '<rss><channel><item><a>1</a></item><item><a>é€😀</b></item><item><a>3</a></item></channel></rss>';
const FORMATS: [string, string][] = [
  ['rows.csv', CSV],
  ['rows.ndjson', NDJSON],
  ['rows.json', JSON_LIST],
  ['rows.xml', RSS],
];

function withoutPlace(rows: ReceivedRow[]): ReceivedRow[] {
  return rows.map(({ record, text, broken }) => ({ record, text, broken }));
}

/** Reads a location page by page, with a new source for each page or one for all. */
async function readPages(location: string, limit: number, isNewEachTime: boolean) {
  const pages: { rows: ReceivedRow[]; at: SourceCursor | null }[] = [];
  let source = createFileSource({ location });
  let at: SourceCursor | null = null;
  for (let isLast = false; !isLast && pages.length < 1000;) {
    const page = await source.fetchPage(at, limit);
    pages.push({ rows: page.rows, at });
    at = JSON.parse(JSON.stringify(page.cursor)) as SourceCursor;
    isLast = page.isLast;
    if (!isNewEachTime) continue;
    await source.close();
    source = createFileSource({ location });
  }
  await source.close();
  return pages;
}

describe('texts of files', () => {
  it.each(FORMATS)('are unpacked, whatever the name: %s', async (name, text) => {
    const plain = await read(name, text);
    expect(plain.length).toBeGreaterThan(2);
    expect(await read(`${name}.gz`, gzipSync(text))).toEqual(plain);
    expect(await read(name, gzipSync(text))).toEqual(plain);
    const half = Buffer.byteLength(text) >> 1;
    const bytes = Buffer.from(text);
    const members = Buffer.concat([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))]);
    expect(await read(name, members)).toEqual(plain);
  });

  it.each(FORMATS)('are decoded by their byte order mark: %s', async (name, text) => {
    const plain = await read(name, text);
    const utf16le = Buffer.from(`\uFEFF${text}`, 'utf16le');
    expect(await read(name, Buffer.from(`\uFEFF${text}`))).toEqual(plain);
    expect(await read(name, utf16le)).toEqual(plain);
    expect(await read(name, Buffer.from(utf16le).swap16())).toEqual(plain);
  });

  it.each(FORMATS)(
    'that are cut off in gzip give the rows before, and one broken row: %s',
    async (name, text) => {
      const plain = await read(name, text);
      // Stored, not deflated, so that the text is cut where the file is.
      const packed = gzipSync(text, { level: 0 });
      const rows = await read(
        `${name}.gz`,
        packed.subarray(0, packed.length - 8 - (Buffer.byteLength(text) >> 2)),
      );
      expect(rows.length).toBeGreaterThan(2);
      expect(rows.slice(0, -1)).toEqual(plain.slice(0, rows.length - 1));
      expect(rows.at(-1)).toMatch(/^Line \d+: the gzip file is cut off here\.$/);
    },
  );

  it('that are damaged in gzip give the rows before the damage, and say so', async () => {
    const text = `a\n${Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join('')}`;
    const packed = gzipSync(text);
    packed.fill(0xff, packed.length >> 1, (packed.length >> 1) + 100);
    const rows = await read('a.csv.gz', packed);
    expect(rows.length).toBeGreaterThan(10_000);
    expect(rows.slice(0, -1)).toEqual(rows.slice(0, -1).map((_, index) => ({ a: String(index) })));
    expect(rows.at(-1)).toBe(`Line ${rows.length + 1}: the gzip file is damaged here (Z_DATA_ERROR).`);
    expect(await read('a.csv.gz', Buffer.from([0x1f, 0x8b]))).toEqual([
      'Line 1: the gzip file is cut off here.',
    ]);
  });

  it('of a western spreadsheet are read as Windows-1252, also where that shows only far into the file', async () => {
    const western = Buffer.from('a\nM\xfcnchen \x80 5\n', 'latin1');
    expect(await read('a.csv', western)).toEqual([{ a: 'München € 5' }]);
    expect(await read('a.csv.gz', gzipSync(western))).toEqual([{ a: 'München € 5' }]);
    const far = Buffer.concat([
      Buffer.from(`a\n${'x\n'.repeat(100_000)}`),
      Buffer.from('caf\xe9\n', 'latin1'),
    ]);
    expect((await read('a.csv', far)).at(-1)).toEqual({ a: 'café' });
  });

  it('have bytes that are no UTF-8 replaced, where others are or where Windows-1252 has no such character', async () => {
    const mixed = Buffer.concat([Buffer.from('a\nö '), Buffer.from('caf\xe9\n', 'latin1')]);
    expect(await read('a.csv', mixed)).toEqual([{ a: 'ö caf\uFFFD' }]);
    expect(await read('a.csv', Buffer.from('a\ncaf\xe9 \x81\n', 'latin1'))).toEqual([
      { a: 'caf\uFFFD \uFFFD' },
    ]);
  });

  it('that are binary data are one broken row', async () => {
    expect(await read('a.csv', Buffer.from('PK\x03\x04\0\0\0\0'))).toEqual([
      'The file is no text: it holds binary data.',
    ]);
  });

  it('longer than a piece read at a time lose nothing between pieces', async () => {
    const count = 20_000;
    const text = Array.from(
      { length: count },
      (_, index) => `${index},"é${'x'.repeat(index % 17)}\r\n"\r\n`,
    ).join('');
    for (const content of [Buffer.from(`n,t\r\n${text}`), gzipSync(`n,t\r\n${text}`)]) {
      const rows = await collect(makeFolder({ 'a.csv': content }));
      expect(rows).toHaveLength(count);
      expect(rows.every(({ record }, index) => record?.n === String(index))).toBe(true);
    }
  });
});

describe('the file source', () => {
  it.each(FORMATS)('gives the same rows from every cursor as in one go: %s', async (name, text) => {
    const location = join(makeFolder({ [name]: text }), name);
    const whole = withoutPlace(await collect(location));
    const source = createFileSource({ location });
    for (let row = 0; row <= whole.length; row += 1) {
      const page = await source.fetchPage({ file: name, row }, 100);
      expect(page).toMatchObject({
        rows: whole.slice(row),
        isLast: true,
        cursor: { file: name, row: whole.length },
      });
    }
    await source.close();
  });

  it('gives the same rows in pages of any size, with one source or a new one for each page', async () => {
    const folder = makeFolder({
      ...Object.fromEntries(FORMATS),
      'empty.csv': '',
      'sub/more.csv.gz': gzipSync(CSV),
    });
    const whole = withoutPlace(await collect(folder));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.boolean(), async (limit, isNewEachTime) => {
        const pages = await readPages(folder, limit, isNewEachTime);
        expect(pages.flatMap(({ rows }) => rows)).toEqual(whole);
        expect(pages.every(({ rows }) => rows.length > 0 && rows.length <= limit)).toBe(true);
      }),
      { numRuns: 24 },
    );
  });

  it('gives the same page again for the same cursor', async () => {
    const folder = makeFolder(Object.fromEntries(FORMATS));
    const source = createFileSource({ location: folder });
    const first = await source.fetchPage(null, 2);
    const second = await source.fetchPage(first.cursor, 2);
    expect(await source.fetchPage(first.cursor, 2)).toEqual(second);
    expect(await source.fetchPage(null, 2)).toEqual(first);
    await source.close();
  });

  it('keeps calls at the same time apart', async () => {
    const source = createFileSource({ location: makeFolder({ 'a.csv': CSV }) });
    const first = await source.fetchPage(null, 2);
    const pages = await Promise.all([1, 2, 3].map(() => source.fetchPage(first.cursor, 2)));
    expect(pages[1]).toEqual(pages[0]);
    expect(pages[2]).toEqual(pages[0]);
    await source.close();
  });

  it('never puts rows of two files in one page', async () => {
    const pages = await readPages(makeFolder({ 'a.csv': 'a\n1\n2\n', 'b.csv': 'a\n3\n' }), 10, false);
    expect(pages.map(({ rows }) => rows.map(({ record }) => record?.a))).toEqual([['1', '2'], ['3']]);
  });

  it('ends a page early when its rows are huge', async () => {
    const big = 'x'.repeat(1024 * 1024);
    const row = JSON.stringify({ a: big, b: big, c: big });
    const pages = await readPages(makeFolder({ 'a.ndjson': `${row}\n`.repeat(20) }), 100, false);
    expect(pages.map(({ rows }) => rows.length)).toEqual([11, 9]);
  });

  it('says when the file was last changed', async () => {
    const folder = makeFolder({ 'a.csv': 'a\n1\n' });
    utimesSync(join(folder, 'a.csv'), new Date(), new Date('2026-01-20T12:00:00.250Z'));
    const page = await createFileSource({ location: folder }).fetchPage(null, 10);
    expect(page.seenAt).toBe('2026-01-20T12:00:00.250Z');
    expect((await collect(folder))[0]?.seenAt).toBe('2026-01-20T12:00:00.250Z');
  });

  it('gives one empty last page for a folder without data', async () => {
    const source = createFileSource({ location: makeFolder({ 'README.md': '# x' }) });
    const page = await source.fetchPage(null, 10);
    expect(page).toMatchObject({ rows: [], isLast: true });
    expect(await source.fetchPage(page.cursor, 10)).toMatchObject({ rows: [], isLast: true });
  });

  it('reads on from the last cursor when rows or files have come since', async () => {
    const folder = makeFolder({ 'a.csv': 'a\n1\n' });
    const source = createFileSource({ location: folder });
    const { cursor, isLast } = await source.fetchPage(null, 10);
    expect(isLast).toBe(true);
    writeFileSync(join(folder, 'a.csv'), 'a\n1\n2\n');
    writeFileSync(join(folder, 'b.csv'), 'a\n3\n');
    const next = await source.fetchPage(cursor, 10);
    expect(next).toMatchObject({
      rows: [{ record: { a: '2' } }],
      cursor: { file: 'b.csv', row: 0 },
      isLast: false,
    });
    await source.close();
  });

  it('says so when the location does not exist', async () => {
    const source = createFileSource({ location: '/nowhere/jobs.csv' });
    await expect(source.fetchPage(null, 10)).rejects.toMatchObject({
      code: 'invalid_parameter',
      message: '/nowhere/jobs.csv cannot be read: there is no such file or folder.',
    });
    await expect(collect('/nowhere/jobs.csv')).rejects.toMatchObject({ code: 'invalid_parameter' });
  });

  const itUnlessRoot = process.getuid?.() === 0 ? it.skip : it;
  itUnlessRoot(
    'says so when the file may not be read (root may read everything: skipped there)',
    async () => {
      const folder = makeFolder({ 'a.csv': 'a\n1\n' });
      chmodSync(join(folder, 'a.csv'), 0);
      await expect(collect(folder)).rejects.toMatchObject({ code: 'invalid_parameter' });
    },
  );

  it.each([true, false])('says so when a file vanished between pages (new source: %s)', async (isNew) => {
    const folder = makeFolder({ 'a.csv': 'a\n1\n2\n3\n' });
    const source = createFileSource({ location: folder });
    const { cursor } = await source.fetchPage(null, 1);
    rmSync(join(folder, 'a.csv'));
    const next = isNew ? createFileSource({ location: folder }) : source;
    await expect(next.fetchPage(cursor, 1)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/a\.csv is no longer/),
    });
    await source.close();
  });

  it('says so when a file shrank between pages', async () => {
    const folder = makeFolder({ 'a.csv': 'a\n1\n2\n3\n' });
    const first = createFileSource({ location: folder });
    const { cursor } = await first.fetchPage(null, 2);
    await first.close();
    writeFileSync(join(folder, 'a.csv'), 'a\n1\n');
    await expect(createFileSource({ location: folder }).fetchPage(cursor, 2)).rejects.toMatchObject({
      code: 'conflict',
      message: 'The file a.csv has shrunk while it was read: 2 rows had been taken, it has 1 now.',
    });
  });

  it('says so when a file shrinks while it is open', async () => {
    const folder = makeFolder({ 'a.csv': `a\n${'x\n'.repeat(500_000)}` });
    const source = createFileSource({ location: folder });
    const { cursor } = await source.fetchPage(null, 10);
    truncateSync(join(folder, 'a.csv'), 10);
    const readOn = async (): Promise<void> => {
      let page = await source.fetchPage(cursor, 10_000);
      for (let pages = 1; pages < 100 && !page.isLast; pages += 1)
        page = await source.fetchPage(page.cursor, 10_000);
    };
    await expect(readOn()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/a\.csv has shrunk while it was read\.$/),
    });
  });

  it.each([{ file: 'a.csv' }, { file: 'a.csv', row: -1 }, { page: 3 }, { file: 'a.csv', row: 1.5 }])(
    'refuses the cursor %j',
    async (cursor) => {
      const source = createFileSource({ location: makeFolder({ 'a.csv': 'a\n1\n' }) });
      await expect(source.fetchPage(cursor, 10)).rejects.toMatchObject({ code: 'invalid_parameter' });
    },
  );

  it('opens no file that a cursor names outside its folder', async () => {
    const outside = join(makeFolder({ 'secret.csv': 'a\n1\n' }), 'secret.csv');
    const source = createFileSource({ location: makeFolder({ 'a.csv': 'a\n1\n' }) });
    await expect(source.fetchPage({ file: outside, row: 0 }, 10)).rejects.toMatchObject({ code: 'conflict' });
  });

  it.each([0, -1, 1.5, 10_001])('refuses a page of %d rows', async (limit) => {
    const source = createFileSource({ location: makeFolder({ 'a.csv': 'a\n1\n' }) });
    await expect(source.fetchPage(null, limit)).rejects.toMatchObject({ code: 'invalid_parameter' });
  });
});

describe('the files of a folder', () => {
  it('are its data files in order of name, hidden files, READMEs and other kinds passed over', async () => {
    const folder = makeFolder({
      'b.csv': '',
      'a/z.JSON': '',
      'a/y.xml.gz': '',
      'a-1.txt': '',
      'dump.gz': '',
      'README.md': '',
      'a/readme-en.txt': '',
      'notes.md': '',
      'image.png': '',
      '.hidden.csv': '',
      '.cache/x.csv': '',
    });
    const names = (await listFiles(folder)).map(({ name }) => name);
    expect(names).toEqual(['a-1.txt', 'a/y.xml.gz', 'a/z.JSON', 'b.csv', 'dump.gz']);
  });

  it('include links to files, but no links to folders and none that lead nowhere', async () => {
    const folder = makeFolder({ 'a.csv': '' });
    symlinkSync(join(folder, 'a.csv'), join(folder, 'link.csv'));
    symlinkSync(join(folder, 'gone.csv'), join(folder, 'dangling.csv'));
    symlinkSync(folder, join(folder, 'loop.csv'));
    mkdirSync(join(folder, 'folder.csv'));
    expect((await listFiles(folder)).map(({ name }) => name)).toEqual(['a.csv', 'link.csv']);
  });

  it('are the file itself where the location is one, whatever its name', async () => {
    const path = join(makeFolder({ 'README.md': 'a\n1\n' }), 'README.md');
    expect(await listFiles(path)).toEqual([{ path, name: basename(path) }]);
  });
});
