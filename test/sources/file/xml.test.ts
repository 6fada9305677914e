import { collect, makeFolder, read, removeFolders } from './tempFiles';

afterAll(removeFolders);

function rss(...items: string[]): string {
  return `<?xml version="1.0"?>\n<rss version="2.0"><channel>\n<title>Jobs</title>\n${items.join('\n')}\n</channel></rss>\n`;
}

describe('RSS and Atom files', () => {
  it('reads each item, with the texts of its elements exactly as received', async () => {
    const item =
      '<item><title>Tom &amp; Jerry &lt;3 &#233;&nbsp;</title><description><![CDATA[Budget <b>$5</b> &amp; more<br />]]></description>' +
      '<content:encoded>&lt;b&gt;R&amp;amp;D&lt;/b&gt;</content:encoded><guid isPermaLink="false">007</guid><empty/></item>';
    expect(await read('a.xml', rss(item))).toEqual([
      {
        title: 'Tom & Jerry <3 é&nbsp;',
        description: 'Budget <b>$5</b> &amp; more<br />',
        'content:encoded': '<b>R&amp;D</b>',
        guid: '007',
        'guid@isPermaLink': 'false',
        empty: '',
      },
    ]);
  });

  it('keeps HTML that stands unescaped in a description, and text around CDATA', async () => {
    const item =
      '<item><description>a <b>bold</b> &amp; <i>x</i></description><title>a &amp; <![CDATA[&amp;]]> b</title></item>';
    expect(await read('a.xml', rss(item))).toEqual([
      { description: 'a <b>bold</b> &amp; <i>x</i>', title: 'a & &amp; b' },
    ]);
  });

  it('makes a list of repeated elements and an object of nested ones', async () => {
    const item =
      '<item><category>a</category><category>b</category>\n<author>\n <name>n</name>\n</author></item>';
    expect(await read('a.xml', rss(item))).toEqual([{ category: ['a', 'b'], author: { name: 'n' } }]);
  });

  it('reads attributes under the names of their elements, those of the item under their own', async () => {
    const job =
      '<job id="7" xmlns:x="y"><pay currency="EUR">5</pay><at><place zip="1 &amp; 2">Bonn</place></at><tag n="a"/><tag n="b">B</tag></job>';
    expect(await read('a.xml', `<jobs>${job}</jobs>`)).toEqual([
      {
        '@id': '7',
        pay: '5',
        'pay@currency': 'EUR',
        at: { place: 'Bonn', 'place@zip': '1 & 2' },
        tag: ['', 'B'],
        'tag@n': ['a', 'b'],
      },
    ]);
  });

  it('reads the entries of an Atom feed, with the link to the posting', async () => {
    const feed =
      '<feed xmlns="http://www.w3.org/2005/Atom"><title>Jobs</title><entry><title>One</title>' +
      '<link rel="self" href="https://example.com/self"/><link rel="alternate" href="https://example.com/?a=1&amp;b=2"/></entry>' +
      '<entry><title>Two</title><link href="https://example.com/two"/></entry></feed>';
    expect(await read('feed.atom', feed)).toEqual([
      { title: 'One', link: 'https://example.com/?a=1&b=2' },
      { title: 'Two', link: 'https://example.com/two' },
    ]);
  });

  it('loses one item to a fault, not the feed, and names item and line', async () => {
    const rows = await collect(
      makeFolder({
        'a.xml': rss(
          '<item><title>One</title></item>',
          '<item>\n<title>Two</wrong></item>',
          '<item><title>A & B</title></item>',
          '<item><title>not closed</title>',
          '<item><title><![CDATA[not closed</title></item>',
          '<item><title><![CDATA[Six]]></title></item>',
        ),
      }),
    );
    expect(rows.map(({ record, broken }) => record ?? broken)).toEqual([
      { title: 'One' },
      expect.stringMatching(/^Item 2 \(line 5\): line 6, /),
      expect.stringMatching(/^Item 3 \(line 7\): line 7, /),
      'Item 4 (line 8): it is not closed.',
      expect.stringMatching(/^Item 5 \(line 9\): line 9, the text ends inside <item> <title>\.$/),
      { title: 'Six' },
    ]);
    expect(rows[1]?.text).toBe('<item>\n<title>Two</wrong></item>');
  });

  it('does not take tags in comments and CDATA for items', async () => {
    const item = '<item><title><![CDATA[how to write </item> and <item>]]></title><!-- <item> --></item>';
    expect(await read('a.xml', rss('<!-- <item></item> -->', item))).toEqual([
      { title: 'how to write </item> and <item>' },
    ]);
  });

  it('reads the items before the place where a document breaks off, and one broken row that says so', async () => {
    const whole = rss('<item><title>One</title></item>', '<item><title>Two</title></item>');
    expect(await read('a.xml', whole.slice(0, whole.indexOf('Two')))).toEqual([
      { title: 'One' },
      'Item 2 (line 5): it is not closed.',
    ]);
    expect(await read('a.xml', whole.slice(0, whole.indexOf('</channel>')))).toEqual([
      { title: 'One' },
      { title: 'Two' },
      expect.stringMatching(
        /^The XML document is not well-formed in line 6: the text ends inside <rss> <channel>\.$/,
      ),
    ]);
  });

  it('reads no row from an empty feed, and one broken row from what is no feed', async () => {
    expect(await read('a.xml', rss())).toEqual([]);
    expect(await read('a.xml', '<catalog><book/></catalog>')).toEqual([
      'The XML document has no item, entry or job elements.',
    ]);
    expect(await read('a.txt', '<!DOCTYPE html><html><body><br></body></html>')).toEqual([
      'The document is an HTML page, not a feed.',
    ]);
  });

  it('names no control characters in the cause, whatever the item holds', async () => {
    const [cause] = await read(
      'a.xml',
      rss(`<!--${'-x'.repeat(3000)}-->`, '<item><a\u0001\u0000b>x</c></item>'),
    );
    expect(cause).toMatch(/^Item 1 \(line 5\): line 5, [^\p{Cc}]+$/u);
  });

  it('decodes a document by the encoding it declares', async () => {
    const text =
      '<?xml version="1.0" encoding="ISO-8859-1"?><rss><channel><item><title>Café</title></item></channel></rss>';
    expect(await read('a.xml', Buffer.from(text, 'latin1'))).toEqual([{ title: 'Café' }]);
  });

  it('does not resolve entities that the document defines', async () => {
    const text = `<!DOCTYPE rss [<!ENTITY x "expanded">]>${rss('<item><title>&x;</title></item>').replace(/^<\?.*\?>/, '')}`;
    expect(await read('a.xml', text)).toEqual([{ title: '&x;' }]);
  });
});
