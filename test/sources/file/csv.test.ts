import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { scanCsvRecord } from '../../../sources/file/csvRecord';
import { collect, makeFolder, read, removeFolders } from './tempFiles';

afterAll(removeFolders);

describe('CSV files', () => {
  it('names fields by the header, trimmed, and keeps their text as it is', async () => {
    expect(await read('a.csv', ' title , budget\nA logo, $50 \n')).toEqual([
      { title: 'A logo', budget: ' $50 ' },
    ]);
  });

  it('numbers headers that come twice and names those that are empty', async () => {
    expect(await read('a.csv', 'a,a,,a\n1,2,3,4\n')).toEqual([{ a: '1', a_2: '2', column_3: '3', a_3: '4' }]);
  });

  it.each([
    [';', 'title;budget'],
    ['\t', 'title\tbudget'],
    ['|', 'title|budget'],
    [';', '"title, or name";budget'],
  ])('finds the delimiter %j from the header', async (delimiter, header) => {
    const [row] = await read('a.txt', `${header}\nx, y and z${delimiter}1`);
    expect(Object.values(row as object)).toEqual(['x, y and z', '1']);
  });

  it('takes the delimiter line that Excel writes for no header', async () => {
    expect(await read('a.csv', 'sep=;\r\na;b\r\n1;2\r\n')).toEqual([{ a: '1', b: '2' }]);
  });

  it.each(['\n', '\r\n', '\r'])('reads line ends of %j, also inside quotes', async (end) => {
    const text = ['a,b', `"one${end}two","say ""hi"""`, '3,4', ''].join(end);
    expect(await read('a.csv', text)).toEqual([
      { a: `one${end}two`, b: 'say "hi"' },
      { a: '3', b: '4' },
    ]);
  });

  it('counts rows of empty fields but not blank lines', async () => {
    expect(await read('a.csv', 'a,b\n\n,\n  \n1,2\n\n')).toEqual([
      { a: '', b: '' },
      { a: '1', b: '2' },
    ]);
    expect(await read('a.csv', 'a\n""\n\nx\n')).toEqual([{ a: '' }, { a: 'x' }]);
  });

  it('breaks a row with too few or too many columns, says which line, and goes on', async () => {
    const rows = await collect(makeFolder({ 'a.csv': 'a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n' }));
    expect(rows.map(({ broken }) => broken)).toEqual([
      null,
      'Line 3: expected 3 columns, found 2.',
      'Line 4: expected 3 columns, found 4.',
      null,
    ]);
    expect(rows[1]).toMatchObject({ record: null, text: '4,5\n', rowNumber: 2 });
  });

  it('counts the lines inside quoted fields when it names a line', async () => {
    expect(await read('a.csv', 'a,b\n"x\ny\nz",1\nq\n')).toEqual([
      { a: 'x\ny\nz', b: '1' },
      'Line 5: expected 2 columns, found 1.',
    ]);
  });

  it('loses one line, not the file, to a quote that is never closed', async () => {
    expect(await read('a.csv', 'a,b\n1,2\n"open,2\n3,4\n5,6\n')).toEqual([
      { a: '1', b: '2' },
      'Line 3: a quote is opened and never closed.',
      { a: '3', b: '4' },
      { a: '5', b: '6' },
    ]);
  });

  it('loses one line to an open quote that a later quoted field seems to close', async () => {
    expect(await read('a.csv', 'a,b\n"open,2\n3,4\n5,"quoted"\n7,8\n')).toEqual([
      'Line 2: text follows a closing quote.',
      { a: '3', b: '4' },
      { a: '5', b: 'quoted' },
      { a: '7', b: '8' },
    ]);
  });

  it('takes the rows out again that an open quote has joined into one of the wrong width', async () => {
    expect(await read('a.csv', 'a,b,c\n"open,2,3\n3,4,5\n5,6,", x"\n7,8,9\n')).toEqual([
      'Line 2: expected 3 columns, found 2; a quote seems to be open.',
      { a: '3', b: '4', c: '5' },
      { a: '5', b: '6', c: ', x' },
      { a: '7', b: '8', c: '9' },
    ]);
    expect(await read('a.csv', 'a,b\n"open,2\n3,4\n5,"\n7,8\n')).toEqual([
      'Line 2: expected 2 columns, found 1; a quote seems to be open.',
      { a: '3', b: '4' },
      'Line 4: a quote is opened and never closed.',
      { a: '7', b: '8' },
    ]);
  });

  it('takes a quote in the middle of a field for a quote', async () => {
    expect(await read('a.csv', 'a,b\n5" pipe,say "hi"\n')).toEqual([{ a: '5" pipe', b: 'say "hi"' }]);
  });

  it('breaks a field over 1 MiB and a row over 4 MiB, and reads what comes after them', async () => {
    const field = 'x'.repeat(1024 * 1024 + 1);
    const fields = Array.from({ length: 5 }, () => 'y'.repeat(1024 * 1024)).join(';');
    const rows = await collect(
      makeFolder({ 'a.csv': `a,b\n1,2\n${field},2\n3,4\n"${fields}",5\n6,7\n${fields}\n8,9\n` }),
    );
    expect(rows.map(({ record, broken }) => record ?? broken)).toEqual([
      { a: '1', b: '2' },
      'Line 3: a field is longer than 1 MiB.',
      { a: '3', b: '4' },
      'Line 5: the row is longer than 4 MiB.',
      { a: '6', b: '7' },
      'Line 7: the row is longer than 4 MiB.',
      { a: '8', b: '9' },
    ]);
    expect(rows[3]?.text).toHaveLength(64 * 1024);
  });

  it('cuts the text of a broken row at 64 KiB of UTF-8, not inside a character', async () => {
    const [row] = await collect(makeFolder({ 'a.csv': `a,b\nx${'€'.repeat(50_000)}\n` }));
    expect(Buffer.byteLength(row?.text ?? '')).toBe(64 * 1024);
    expect(row?.text).toMatch(/^x€+$/);
  });

  it('reads nothing by a header it cannot read, and says so', async () => {
    expect(await read('a.csv', '"a,b\n1,2\n')).toEqual([
      'Line 1: the header cannot be read: a quote is opened and never closed.',
    ]);
  });

  it('reads no row from a header alone and none from an empty file', async () => {
    expect(await read('a.csv', 'a,b\n')).toEqual([]);
    expect(await read('a.csv', '')).toEqual([]);
    expect(await read('a.csv', '\n\n')).toEqual([]);
  });

  it('finds in any well-formed text the records that csv-parse finds', () => {
    const field = fc.oneof(
      fc.stringMatching(/^[a-z ]{0,5}$/),
      fc.stringMatching(/^[a-z",;\n\r]{0,6}$/).map((text) => `"${text.replaceAll('"', '""')}"`),
    );
    const records = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(records, fc.constantFrom('\n', '\r\n'), fc.boolean(), (rows, end, endsWithLineEnd) => {
        const text = rows.map((row) => row.join(',')).join(end) + (endsWithLineEnd ? end : '');
        const expected = parse(text, { relax_column_count: true, record_delimiter: end });
        const found: string[][] = [];
        for (let position = 0; position < text.length;) {
          const scan = scanCsvRecord(text, position, ',', true);
          if (scan.kind !== 'record') throw new Error(scan.kind);
          found.push(scan.fields);
          position = scan.next;
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('finds the same records wherever the text is cut into pieces', () => {
    const text = 'a,"b\r\n""c""",d\r\ne,"f",\r\n\r\n"g",h,"i"\r\n';
    for (let cut = 1; cut < text.length; cut += 1) {
      const whole = scanCsvRecord(text, 0, ',', true);
      const part = scanCsvRecord(text.slice(0, cut), 0, ',', false);
      expect(part.kind === 'incomplete' || JSON.stringify(part) === JSON.stringify(whole)).toBe(true);
    }
  });
});
