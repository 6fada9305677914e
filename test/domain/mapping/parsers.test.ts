import { labelsOf, namesOf, parsePythonList } from '../../../domain/mapping/parsers/list';
import { parseCount, parseScore, readDecimal } from '../../../domain/mapping/parsers/number';
import { parseRelativeTime } from '../../../domain/mapping/parsers/relativeTime';
import { faultOfTimeFormat, isZone, parseTime, timeReader } from '../../../domain/mapping/parsers/time';
import { parseUid, parseUpworkUrl, timeOfId } from '../../../domain/mapping/parsers/upworkId';

describe('a number', () => {
  it.each([
    ['1234.5', 1234.5],
    ['1,234', 1234],
    ['1,234.5', 1234.5],
    ['1.234,5', 1234.5],
    ['12,5', 12.5],
    ['0,500', 0.5],
    ['1 234 567', 1234567],
    ['1,50,000', 150000],
  ])('reads %j', (text, value) => {
    expect(readDecimal(text)).toBe(value);
  });

  it.each(['', '1,23,45', '1.2.3', 'ten', '-5', '1 23', '5.', '1,2345,678', '9'.repeat(40)])(
    'refuses %j',
    (text) => {
      expect(readDecimal(text)).toBeNull();
    },
  );

  it('counts in whole numbers', () => {
    expect(['7', '1,234', '3.0'].map(parseCount)).toMatchObject([
      { value: 7 },
      { value: 1234 },
      { value: 3 },
    ]);
    expect(['2.5', '-1', '5+', 'many'].map((text) => parseCount(text).ok)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('rates from 0 to 5', () => {
    expect(parseScore('4.980079483')).toEqual({ ok: true, value: 4.980079483 });
    expect(['5.1', '-1', 'good'].map((text) => parseScore(text).ok)).toEqual([false, false, false]);
  });
});

describe('a list', () => {
  it.each([
    ["['Flutter', 'PHP']", ['Flutter', 'PHP']],
    [`['Automation', "LLM's", 'a, b']`, ['Automation', "LLM's", 'a, b']],
    [String.raw`['it\'s', 'tab\there', 'caf\xe9', '\u00e9']`, ["it's", 'tab\there', 'café', 'é']],
    ['["JSON", "too", null, 3]', ['JSON', 'too', '3']],
    ["[u'old', None]", ['old']],
    ["('a', 'b',)", ['a', 'b']],
    ['[]', []],
    ['[ ]', []],
  ])('as Python prints it: %s', (text, entries) => {
    expect(parsePythonList(text)).toEqual({ ok: true, value: entries });
  });

  it.each(['', 'a, b', "['a' 'b']", "['a'", "['a', b]", "['a\\']", '[[1]]', '{"a": 1}'])(
    'refuses %j',
    (text) => {
      expect(parsePythonList(text).ok).toBe(false);
    },
  );

  it('makes labels lower-case, spaced once, each once, at most 100 of 100 characters', () => {
    expect(labelsOf(['  Node.js ', 'node.js', 'Copy  &amp;\nPaste', ''])).toEqual([
      'node.js',
      'copy & paste',
    ]);
    const many = labelsOf(Array.from({ length: 300 }, (_, index) => 'x'.repeat(200).slice(index % 150)));
    expect(many.length).toBeLessThanOrEqual(100);
    expect(Math.max(...many.map((label) => label.length))).toBe(100);
    expect(labelsOf(Array.from({ length: 300 }, (_, index) => `skill ${index}`))).toHaveLength(100);
  });

  it('leaves names as written', () => {
    expect(namesOf(['Email, Phone & Chat Support', 'Email, Phone & Chat Support'])).toEqual([
      'Email, Phone & Chat Support',
    ]);
  });
});

describe('a stated time', () => {
  const read = (text: string, format: string, zone = 'UTC') => {
    const time = parseTime(text, [timeReader(format, zone)]);
    return time.ok ? time.value : null;
  };

  it.each([
    ['2025-11-10T19:42:47.155+00:00', 'iso', '2025-11-10T19:42:47.155Z'],
    ['2025-11-10T19:16:48.25+00:00', 'iso', '2025-11-10T19:16:48.250Z'],
    ['2025-10-16T06:06:47+0000', 'iso', '2025-10-16T06:06:47.000Z'],
    ['2025-10-16T06:06:47+02', 'iso', '2025-10-16T04:06:47.000Z'],
    ['2023-01-01T17:33:29Z', 'iso', '2023-01-01T17:33:29.000Z'],
    ['2024-02-17 09:09:54 UTC', 'iso', '2024-02-17T09:09:54.000Z'],
    ['2024-02-17 09:09', 'iso', '2024-02-17T09:09:00.000Z'],
    ['2024-02-17T09:09:54.123456789', 'iso', '2024-02-17T09:09:54.123Z'],
    ['2024-02-17', 'iso', '2024-02-17T00:00:00.000Z'],
    ['Mon, 13 May 2024 09:46:45 +0000', 'rfc822', '2024-05-13T09:46:45.000Z'],
    ['Mon, 13 May 2024 09:46:45 GMT', 'rfc822', '2024-05-13T09:46:45.000Z'],
    ['1672594409', 'epoch', '2023-01-01T17:33:29.000Z'],
    ['1672594409972', 'epochMillis', '2023-01-01T17:33:29.972Z'],
    ['6/6/2024 4:58am', 'M/d/yyyy h:mma', '2024-06-06T04:58:00.000Z'],
    ['6/6/2024  4:58 PM', 'M/d/yyyy h:mm a', '2024-06-06T16:58:00.000Z'],
    ['June 06, 2024 10:55', 'MMMM dd, yyyy HH:mm', '2024-06-06T10:55:00.000Z'],
  ])('reads %j as %s', (text, format, expected) => {
    expect(read(text, format)).toBe(expected);
  });

  it('takes the zone of the mapping where the text states none, summer time included', () => {
    expect(read('2024-06-06 10:00', 'iso', 'Europe/Berlin')).toBe('2024-06-06T08:00:00.000Z');
    expect(read('2024-01-06 10:00', 'iso', 'Europe/Berlin')).toBe('2024-01-06T09:00:00.000Z');
    expect(read('2024-06-06T10:00Z', 'iso', 'Europe/Berlin')).toBe('2024-06-06T10:00:00.000Z');
    expect(read('6/6/2024 4:55am', 'M/d/yyyy h:mma', 'UTC-6')).toBe('2024-06-06T10:55:00.000Z');
  });

  it.each([
    ['2024-13-01', 'iso'],
    ['2024-02-30T00:00:00Z', 'iso'],
    ['0001-01-01', 'iso'],
    ['2 hours ago', 'iso'],
    ['1672594409972', 'epoch'],
    ['-5', 'epoch'],
    ['13/13/2024 4:58am', 'M/d/yyyy h:mma'],
    ['x'.repeat(500), 'rfc822'],
  ])('refuses %j as %s', (text, format) => {
    expect(read(text, format)).toBeNull();
  });

  it('refuses formats that state no day, or mean something else here', () => {
    expect(faultOfTimeFormat('yyyy-MM-dd HH:mm')).toBeNull();
    expect(faultOfTimeFormat("EEE, d LLL yyyy 'at' h:mm a")).toBeNull();
    expect(faultOfTimeFormat('HH:mm')).not.toBeNull();
    expect(faultOfTimeFormat('nonsense')).not.toBeNull();
    expect(faultOfTimeFormat('YYYY-MM-DD')).toMatchObject({ meant: 'yyyy-MM-dd' });
    expect(faultOfTimeFormat('ISO')).toMatchObject({ meant: 'iso' });
  });

  it('knows zones by name and by offset', () => {
    expect(['UTC', 'Europe/Berlin', 'UTC-6'].every(isZone)).toBe(true);
    expect(['Mars/Base', 'somewhere'].some(isZone)).toBe(false);
  });
});

describe('a relative time', () => {
  const now = '2024-03-31T12:00:00.000Z';

  it.each([
    ['Posted 51 minutes ago', '2024-03-31T11:09:00.000Z'],
    ['1 hour ago', '2024-03-31T11:00:00.000Z'],
    ['an hour ago', '2024-03-31T11:00:00.000Z'],
    ['Renewed 2 hours ago', '2024-03-31T10:00:00.000Z'],
    ['yesterday', '2024-03-30T12:00:00.000Z'],
    ['Posted yesterday', '2024-03-30T12:00:00.000Z'],
    ['2 days ago', '2024-03-29T12:00:00.000Z'],
    ['last week', '2024-03-24T12:00:00.000Z'],
    ['3 weeks ago', '2024-03-10T12:00:00.000Z'],
    ['last month', '2024-02-29T12:00:00.000Z'],
    ['2 months ago', '2024-01-31T12:00:00.000Z'],
    ['last quarter', '2023-12-31T12:00:00.000Z'],
    ['1 year ago', '2023-03-31T12:00:00.000Z'],
    ['just now', now],
    ['30 seconds ago', '2024-03-31T11:59:30.000Z'],
    ['5m ago', '2024-03-31T11:55:00.000Z'],
    ['2d ago', '2024-03-29T12:00:00.000Z'],
  ])('resolves %j', (text, expected) => {
    expect(parseRelativeTime(text, now)).toEqual({ ok: true, value: expected });
  });

  it('cannot be resolved without a reference', () => {
    expect(parseRelativeTime('2 hours ago', null)).toMatchObject({
      ok: false,
      rule: 'posting_time_unresolvable',
    });
  });

  it.each(['soon', '2024-01-01', 'in 2 hours', '5 fortnights ago', '', '99999 years ago'])(
    'refuses %j',
    (text) => {
      expect(parseRelativeTime(text, now)).toMatchObject({ ok: false, rule: 'value_unparsed' });
    },
  );
});

describe('an identity at Upwork', () => {
  it.each([
    ['https://www.upwork.com/jobs/Slug_%7E01BCD1A198C301AEBC?source=rss', '~01bcd1a198c301aebc'],
    [
      'https://www.upwork.com/jobs/Dataset_~021898276468104576122/?referrer_url_path=/nx/search/jobs/',
      '~021898276468104576122',
    ],
    ['http://upwork.com/freelance-jobs/apply/X_~0154f93ba5573aeaaa/', '~0154f93ba5573aeaaa'],
    ['www.upwork.com/jobs/~021898276468104576122', '~021898276468104576122'],
    ['/jobs/~021898276468104576122', '~021898276468104576122'],
    ['~01ec8934d454ff0ef3', '~01ec8934d454ff0ef3'],
    ['~021898276468104576122', '~021898276468104576122'],
  ])('is found in %j', (text, ciphertext) => {
    expect(parseUpworkUrl(text)).toEqual({ ok: true, value: ciphertext });
  });

  it.each([
    'https://jobs.example.com/postings/~022008327648994958011',
    'https://upwork.com.example.com/jobs/~022008327648994958011',
    'https://notupwork.com/jobs/~022008327648994958011',
    'https://www.upwork.com@example.com/~022008327648994958011',
    'https:\\\\example.com\\@www.upwork.com/~022008327648994958011',
    'example.com/jobs/~022008327648994958011',
  ])('is refused on another host: %j', (url) => {
    expect(parseUpworkUrl(url)).toMatchObject({ ok: false, rule: 'url_host_foreign' });
  });

  it.each(['https://www.upwork.com/jobs/', '~01abc', '~02123', '~01ec8934d454ff0ef3ff', 'n/a'])(
    'is not seen in %j',
    (text) => {
      expect(parseUpworkUrl(text)).toMatchObject({ ok: false, rule: 'value_unparsed' });
    },
  );

  it('is a uid of 17 to 20 digits', () => {
    expect(parseUid('1609603731584323584')).toEqual({ ok: true, value: '1609603731584323584' });
    expect(parseUid('~021609603731584323584')).toEqual({ ok: true, value: '1609603731584323584' });
    expect(
      ['5', 'abc', '99999999999999999999', '16096037315843235.84'].map((text) => parseUid(text).ok),
    ).toEqual([false, false, false, false]);
  });

  it('tells when the posting was made', () => {
    expect(timeOfId('1609603731584323584')).toBe('2023-01-01T17:33:29.257Z');
    expect(timeOfId('https://www.upwork.com/jobs/X_%7E021898249646149052451/?a=b')).toBe(
      '2025-03-08T05:49:18.071Z',
    );
    expect(timeOfId('~01ec8934d454ff0ef3')).toBeNull();
    expect(timeOfId('99999999999999999999')).toBeNull();
  });
});
