import fc from 'fast-check';
import { findJsonFault } from '../../../sources/file/jsonFault';
import { readWhole } from '../../../sources/file/textInput';
import { collect, makeFolder, read, removeFolders } from './tempFiles';

afterAll(removeFolders);

describe('NDJSON files', () => {
  it('reads an object from each line and passes over blank lines', async () => {
    expect(await read('a.jsonl', '{"a":1}\n\n  \r\n{"a":[1,{"b":null}]}\r\n{"a":3}')).toEqual([
      { a: 1 },
      { a: [1, { b: null }] },
      { a: 3 },
    ]);
  });

  it('breaks a line that does not parse, naming line and column, and goes on', async () => {
    const rows = await collect(makeFolder({ 'a.ndjson': '{"a":1}\n{"a":2,}\n\n{"a"\nplain\n{"a":3}\n' }));
    expect(rows.map(({ record, broken }) => record ?? broken)).toEqual([
      { a: 1 },
      'Line 2 is no JSON: unexpected text in column 8.',
      'Line 4 is no JSON: it ends too early.',
      'Line 5 is no JSON: unexpected text in column 1.',
      { a: 3 },
    ]);
    expect(rows[1]?.text).toBe('{"a":2,}');
  });

  it('breaks a line that is JSON but no object', async () => {
    expect(await read('a.ndjson', '{"a":1}\n[{"a":2}]\n"x"\nnull\n')).toEqual([
      { a: 1 },
      'Line 2: expected an object, found a list.',
      'Line 3: expected an object, found a string.',
      'Line 4: expected an object, found null.',
    ]);
  });

  it('knows lines of JSON by their content whatever the name, and by the name when the first line is broken', async () => {
    const lines = '{"a":1}\n{"a":2}\n';
    for (const name of ['a.txt', 'a.json', 'a.csv'])
      expect(await read(name, lines)).toEqual([{ a: 1 }, { a: 2 }]);
    const broken = 'Line 1 is no JSON: it ends too early.';
    expect(await read('a.jsonl', `{"a":\n${lines}`)).toEqual([broken, { a: 1 }, { a: 2 }]);
    expect(await read('a.json', `{"a":\n${lines}`)).toEqual([broken, { a: 1 }, { a: 2 }]);
  });

  it('passes over a line of more than 4 MiB and names it', async () => {
    const rows = await collect(
      makeFolder({ 'a.ndjson': `{"a":1}\n{"a":"${'x'.repeat(5 << 20)}"}\n{"a":3}\n` }),
    );
    expect(rows.map(({ record, broken }) => record ?? broken)).toEqual([
      { a: 1 },
      'Line 2: the line is longer than 4 MiB.',
      { a: 3 },
    ]);
    expect(rows[1]?.text).toHaveLength(64 * 1024);
  });

  it('breaks a line with a field over 1 MiB, and one nested too deep to walk', async () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(await read('a.ndjson', `{"a":"${'x'.repeat((1 << 20) + 1)}"}\n${deep}\n{"a":3}\n`)).toEqual([
      'Line 1: a field is longer than 1 MiB.',
      'Line 2: it is nested deeper than 64 levels.',
      { a: 3 },
    ]);
  });
});

describe('Numbers in JSON', () => {
  it('keeps every digit of a uid that stands without quotes', async () => {
    const uid = '1978704153911649005';
    const text = `{"uid":${uid},"ids":[${uid}, 7],"n":{"min":-${uid} }, "s":"\\\\\\": ${uid},"}`;
    const row = { uid, ids: [uid, 7], n: { min: `-${uid}` }, s: `\\": ${uid},` };
    expect(await read('a.ndjson', `${text}\n`)).toEqual([row]);
    expect(await read('a.json', `[${text}]`)).toEqual([row]);
    expect(await read('cut.json', `[${text},{"a"`)).toEqual([row, expect.any(String)]);
  });

  it('leaves numbers that fit, and fractions, as they are', async () => {
    expect(
      await read('a.ndjson', '{"a":9007199254740991,"b":0.1250000000000000000,"c":1234567890123456e2}\n'),
    ).toEqual([{ a: 9007199254740991, b: 0.125, c: 1234567890123456e2 }]);
  });
});

describe('JSON documents', () => {
  it('reads each element of a list, and breaks elements that are no objects', async () => {
    expect(await read('a.json', '[\n {"a":1},\n 7,\n {"a":2}\n]')).toEqual([
      { a: 1 },
      'Element 2: expected an object, found a number.',
      { a: 2 },
    ]);
  });

  it.each([
    ['jobs', '{"total":2,"jobs":[{"a":1},{"a":2}]}'],
    ['data on one line', '{"data":[{"a":1},{"a":2}]}\n'],
    [
      'edges of a GraphQL answer',
      '{"data":{"search":{"edges":[{"node":{"a":1},"cursor":"x"},{"node":{"a":2}}]}}}',
    ],
    ['a list under another name', '{"meta":{"page":1},"found":{"vacancies":[{"a":1},{"a":2}]}}'],
    ['the longest of lists on one level', '{"items":[{"x":1}],"results":[{"a":1},{"a":2}]}'],
    ['sections of one document', '{"data":{"featured":{"jobs":[{"a":1}]},"recent":{"jobs":[{"a":2}]}}}'],
    ['a feed that has a title', '{"title":"Jobs","items":[{"a":1},{"a":2}]}'],
    ['documents one after another', '{\n "a": 1\n}\n{\n "a": 2\n}\n'],
    ['pages one after another', '{"jobs":[\n{"a":1}]}\n{"jobs":[\n{"a":2}]}\n'],
  ])('finds the postings in %s', async (_, text) => {
    expect(await read('a.json', text)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('takes a document that is a posting for one row, whatever lists it holds', async () => {
    const posting = { title: 'Logo', skills: [{ name: 'art' }], client: { jobs: [{ title: 'Old' }] } };
    expect(await read('a.json', JSON.stringify(posting, null, 2))).toEqual([posting]);
    expect(await read('a.json', '{"uid":5}')).toEqual([{ uid: 5 }]);
  });

  it('reads no row from empty lists', async () => {
    expect(await read('a.json', '[]')).toEqual([]);
    expect(await read('a.json', '{"jobs":[]}')).toEqual([]);
  });

  it('makes one broken row with the place of a document that does not parse', async () => {
    expect(await read('a.json', '{\n "title": "x",\n "b" 1\n}')).toEqual([
      'Line 1: a value that is no JSON, unexpected text in line 3, column 6.',
    ]);
  });

  it('loses one element of a list to a fault, not the list', async () => {
    const broken = expect.stringMatching(
      /^Line \d: a value that is no JSON, unexpected text in line \d, column \d+\.$/,
    );
    expect(await read('a.json', '[{"a":1},{"a":tru},{"a":3}]')).toEqual([{ a: 1 }, broken, { a: 3 }]);
    expect(await read('a.json', '[\n  {"a":1},\n  {"a":"x},\n  {"a":3}\n]')).toEqual([
      { a: 1 },
      broken,
      { a: 3 },
    ]);
    expect(await read('a.json', '{"n":3,"jobs":[\n  {"a":1},\n  {"a":2,,},\n  {"a":3}\n]}')).toEqual([
      { a: 1 },
      broken,
      { a: 3 },
    ]);
  });

  it('reads the elements before the end of a document that is cut off', async () => {
    expect(await read('a.json', '[{"a":1},{"a":2},{"a"')).toEqual([
      { a: 1 },
      { a: 2 },
      'Line 1: a value that is no JSON, it ends too early.',
    ]);
    expect(await read('a.json', '[{"a":1},{"a":2}\n')).toEqual([
      { a: 1 },
      { a: 2 },
      'The JSON document cannot be read to its end: it ends too early.',
    ]);
  });

  it('refuses a document over the limit instead of filling memory', async () => {
    await expect(readWhole(['abc', 'def'], 5)).rejects.toMatchObject({ code: 'payload_too_large' });
  });

  it('reads hostile nesting in bounded time', async () => {
    const rows = await read('a.json', `[\n${'{\n'.repeat(20_000)}`);
    expect(rows.every((row) => typeof row === 'string')).toBe(true);
    expect(await read('b.json', '['.repeat(200_000))).toHaveLength(1);
  });
});

describe('the place of a JSON fault', () => {
  it('is none exactly where JSON.parse succeeds', () => {
    const texts = fc.oneof(
      fc.json(),
      fc
        .tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', ',', '}', ']', '\\', '1', 'e', '\n', ':'))
        .map(([text, at, insert]) => {
          const place = at % (text.length + 1);
          return text.slice(0, place) + insert + text.slice(place + (at % 2));
        }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        expect(findJsonFault(text) === null).toBe(parses);
      }),
      { numRuns: 1000 },
    );
  });
});
