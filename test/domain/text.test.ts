import { cleanLine, cleanText, cutText, decodeEntities, htmlToText, normaliseText } from '../../domain/text';

const asText = { from: 'text', maxLength: 1_000 } as const;
const asHtml = { from: 'html', maxLength: 1_000 } as const;

describe('cleaning a text', () => {
  it.each([
    ['entities are decoded', 'Q&amp;A &ndash; it&#039;s &lt;b&gt;', "Q&A – it's <b>"],
    ['text that was escaped twice is decoded twice', 'Q&amp;amp;A it&amp;#039;s', "Q&A it's"],
    ['addresses keep what only looks like an entity', 'see ?a=1&copy=2&reg=3', 'see ?a=1&copy=2&reg=3'],
    ['tags in a plain text stay', 'a List<String> where a < b', 'a List<String> where a < b'],
    ['runs of blanks become one space', 'a\u00a0 \t b', 'a b'],
    ['line breaks are alike, blanks around them go', 'a \r\n b\rc', 'a\nb\nc'],
    ['at most one empty line stays', 'a\n \n\n\nb', 'a\n\nb'],
    ['control characters go', 'a\u0000b\u0007c\ufeff', 'abc'],
    ['control characters leave no two blanks', 'a \u0000 b\t\u0007\tc', 'a b c'],
    ['half a character is replaced', 'a\ud83d b', 'a\ufffd b'],
    ['whole characters stay', 'a 👩‍💻 b', 'a 👩‍💻 b'],
    ['text is composed', 'e\u0301', 'é'],
  ])('%s', (_rule, given, expected) => {
    expect(cleanText(given, asText)).toBe(expected);
  });

  it.each([
    ['line breaks of HTML are line breaks', 'Hi<br /><br />\n I am<br>here', 'Hi\n\nI am\nhere'],
    [
      'paragraphs and list items begin lines',
      '<p>One</p><ul><li>a</li><li>b</li></ul>two',
      'One\n\na\n\nb\n\ntwo',
    ],
    [
      'emphasis is cut out, its text stays',
      'Build a <span class="highlight">Python</span> <b>tool</b> &amp; more',
      'Build a Python tool & more',
    ],
    ['scripts are left out', 'a<script>alert("x < y")</script>b', 'ab'],
    ['what is no tag of HTML stays', 'a Map<String, Foo> and 1 < 2', 'a Map<String, Foo> and 1 < 2'],
    ['without tags for lines, the lines of the source are kept', 'a\n<b>b</b>', 'a\nb'],
    ['escaped tags are text', '&lt;b&gt;Budget&lt;/b&gt;', '<b>Budget</b>'],
  ])('in HTML %s', (_rule, given, expected) => {
    expect(cleanText(given, asHtml)).toBe(expected);
  });

  it('makes one line of several', () => {
    expect(cleanLine(' a\n\n b ', asText)).toBe('a b');
  });

  it('cuts to the length without splitting a character', () => {
    expect(cutText('ab👍', 3)).toBe('ab');
    expect(cutText('ab👍', 4)).toBe('ab👍');
    expect(cleanText('word '.repeat(10), { from: 'text', maxLength: 10 })).toBe('word word');
  });

  it('is idempotent on its own output', () => {
    const once = normaliseText(htmlToText('<p>A &amp; B</p>\r\n<p>\u00a0C</p>'));
    expect(normaliseText(once)).toBe(once);
    expect(decodeEntities(once)).toBe(once);
  });
});
