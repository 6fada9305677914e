import { compileMapping, type CompiledMapping } from '../../../domain/mapping/applyMapping';
import { parseMappingDocument } from '../../../domain/mapping/mappingDocument';
import { pickMapping } from '../../../domain/mapping/pickMapping';

const UID = '1609603731584323584';
const MADE_AT = '2023-01-01T17:33:29.257Z';

function mapping(fields: Record<string, unknown>, rest: Record<string, unknown> = {}): CompiledMapping {
  const all = { title: { from: 'title' }, ...fields };
  return compileMapping(
    parseMappingDocument({ name: 'test', match: { all: ['title'] }, fields: all, ...rest }),
  );
}

function apply(
  fields: Record<string, unknown>,
  record: Record<string, unknown>,
  rest: Record<string, unknown> = {},
  scrapedAt: string | null = null,
) {
  return mapping(fields, rest).apply(record, { scrapedAt });
}

describe('where a value comes from', () => {
  it('is a column, a path, an item of a list, or the first of several that gives something', () => {
    const record = { a: ' ', b: { c: [{ d: 'x' }, { d: 'y' }] }, 'e.f': 'dotted', 'g:h': 'colon' };
    const { content } = apply(
      {
        title: { from: ['a', 'missing.path', 'b.c[1].d'] },
        location: { from: 'e.f' },
        'buyer.city': { from: 'g:h' },
        skills: { from: 'b.c[].d' },
      },
      record,
    );
    expect(content).toMatchObject({ title: 'y', location: 'dotted', buyerCity: 'colon', skills: ['x', 'y'] });
  });

  it('is a group of an expression, with parts cut out of it', () => {
    const { content } = apply(
      {
        title: { from: 't', pattern: '^(?<job>.*) \\| (?<site>.*)$', group: 'job', remove: ['^Job: ', '!+'] },
        location: { from: 't', pattern: 'nowhere (.*)' },
        'buyer.city': { from: 't', pattern: 'UPWORK', flags: 'i' },
      },
      { t: 'Job: Build it!! | Upwork' },
    );
    expect(content).toMatchObject({ title: 'Build it', location: null, buyerCity: 'Upwork' });
  });

  it('is nothing where the mapping says that a value means nothing', () => {
    const fields = { budget: { from: 'b', empty: ['0', '-', 'N/A'] } };
    for (const b of ['0', 0, '0.00', '$0', '-', 'n/a', '', null, undefined]) {
      expect(apply(fields, { b })).toMatchObject({ content: { budget: null }, findings: [] });
    }
    expect(apply({ budget: { from: 'b' } }, { b: '0' }).content.budget).toEqual({
      amountMinor: 0,
      currency: 'USD',
    });
  });

  it('depends on conditions where they are given', () => {
    const fields = {
      budget: { from: 'price', when: { from: 'type', matches: '^fixed' } },
      hourly_budget: {
        from: 'price',
        when: [
          { from: 'type', in: ['Hourly', 'H'] },
          { from: 'hidden', present: true, not: true },
        ],
      },
      status: [{ constant: 'closed', when: { from: 'filled', equals: true } }, { constant: 'open' }],
    };
    expect(apply(fields, { price: '$5', type: 'Fixed-price', filled: 'TRUE' }).content).toMatchObject({
      budget: { amountMinor: 500 },
      hourlyBudget: null,
      status: 2,
    });
    expect(apply(fields, { price: '$5', type: 'hourly' }).content).toMatchObject({
      budget: null,
      hourlyBudget: { minMinor: 500, maxMinor: 500 },
      status: 1,
    });
    expect(apply(fields, { price: '$5', type: 'hourly', hidden: 'yes' }).content.hourlyBudget).toBeNull();
  });

  it('is the first item where a feed repeats an element', () => {
    expect(apply({ title: { from: 't' } }, { t: ['', 'first', 'second'] }).content.title).toBe('first');
  });
});

describe('what a row is read to', () => {
  it('cleans texts, labels and names', () => {
    const { content } = apply(
      {
        title: { from: 't', parse: 'html' },
        description: { from: 'd', parse: 'html' },
        skills: { from: 's' },
        tags: { from: 'g', parse: 'python-list' },
        occupations: { from: 'o', separator: null },
        qualifications: { from: 'q', separatorPattern: '\\s*[;|]\\s*' },
      },
      {
        t: 'A &amp; <b>B</b>',
        d: 'one<br>two',
        s: 'Node.js,  node.js , C#',
        g: "['X Y']",
        o: 'Email, Phone & Chat',
        q: 'a; b| c',
      },
    );
    expect(content).toMatchObject({
      title: 'A & B',
      description: 'one\ntwo',
      skills: ['node.js', 'c#'],
      tags: ['x y'],
      occupations: ['Email, Phone & Chat'],
      qualifications: ['a', 'b', 'c'],
    });
  });

  it('keeps an empty list apart from none', () => {
    const fields = { skills: { from: 's' } };
    expect(apply(fields, { s: [] }).content.skills).toEqual([]);
    expect(apply(fields, { s: null }).content.skills).toBeNull();
    expect(apply({ skills: [{ from: 's' }, { constant: [] }] }, {}).content.skills).toEqual([]);
  });

  it('takes the currency from the row, from the mapping, else US dollars', () => {
    const fields = {
      budget: { from: 'b' },
      hourly_budget: { min: { from: 'l' }, max: { from: 'h' }, currencyFrom: 'c' },
    };
    const { content } = apply(fields, { b: '10', l: 5, h: '7.5', c: 'eur' }, { currency: 'GBP' });
    expect(content).toMatchObject({
      budget: { amountMinor: 1000, currency: 'GBP' },
      hourlyBudget: { minMinor: 500, maxMinor: 750, currency: 'EUR' },
    });
    expect(apply(fields, { b: '$10' }).content.budget).toEqual({ amountMinor: 1000, currency: 'USD' });
  });

  it('looks texts up in the table first, then in the words of the field', () => {
    const fields = {
      job_type: { from: 't', table: { F: 'fixed-price', none: null } },
      'buyer.payment_verified': { from: 'v', parse: 'enum', table: { '1': true, '2': false } },
    };
    expect(apply(fields, { t: 'f', v: 2 }).content).toMatchObject({
      jobType: 2,
      buyerPaymentVerified: false,
    });
    expect(apply(fields, { t: 'Hourly', v: '1' }).content).toMatchObject({
      jobType: 1,
      buyerPaymentVerified: true,
    });
    expect(apply(fields, { t: 'None' })).toMatchObject({ content: { jobType: null }, findings: [] });
    expect(apply(fields, { t: 'weekly', v: '3' }).findings).toMatchObject([
      { rule: 'value_unparsed', field: 'job_type', raw: 'weekly' },
      { rule: 'value_unparsed', field: 'buyer.payment_verified', raw: '3' },
    ]);
  });

  it('makes no ciphertext of a number, which would compete with the one that another row states', () => {
    expect(apply({ uid: { from: 'id' } }, { id: UID })).toMatchObject({
      uid: UID,
      ciphertext: null,
      content: { ciphertext: null },
    });
    expect(
      apply(
        { uid: { from: 'id' }, url: { from: 'u' } },
        { id: UID, u: 'https://www.upwork.com/jobs/~01ec8934d454ff0ef3' },
      ),
    ).toMatchObject({
      uid: UID,
      ciphertext: '~01ec8934d454ff0ef3',
      content: { ciphertext: '~01ec8934d454ff0ef3' },
    });
  });

  it('says whether this kind of row has a description', () => {
    expect(apply({ title: { from: 't' } }, {}).providesDescription).toBe(false);
    expect(apply({ description: { from: 't' } }, {}).providesDescription).toBe(true);
  });
});

describe('what cannot be read', () => {
  it('is a finding with the raw value, cut, and no value', () => {
    const raw = `about ${'x'.repeat(300)}`;
    const { content, findings } = apply({ budget: { from: 'b' } }, { b: raw });
    expect(content.budget).toBeNull();
    expect(findings).toEqual([
      {
        rule: 'value_unparsed',
        field: 'budget',
        raw: raw.slice(0, 200),
        message: expect.stringContaining('budget'),
      },
    ]);
  });

  it.each([
    ['an unknown currency', { budget: { from: 'v' } }, '5 XXQ', 'currency_unknown', 'budget'],
    ['a negative amount', { budget: { from: 'v' } }, '-5', 'money_negative', 'budget'],
    [
      'an address elsewhere',
      { url: { from: 'v' } },
      'https://example.com/~01ec8934d454ff0ef3',
      'url_host_foreign',
      'url',
    ],
    [
      'an unknown country',
      { 'buyer.country': { from: 'v' } },
      'Atlantis',
      'country_unknown',
      'buyer.country',
    ],
    [
      'an unknown category',
      { category: { from: 'v' } },
      'Basket Weaving Under Water',
      'category_unknown',
      'category',
    ],
    [
      'a relative posting time',
      { posted_on: { from: 'v', parse: 'relativeTime' } },
      '2 hours ago',
      'posting_time_unresolvable',
      'posted_on',
    ],
    // Only the posting time decides over the posting.
    [
      'a relative renewal time',
      { renewed_on: { from: 'v', parse: 'relativeTime' } },
      '2 hours ago',
      'value_unparsed',
      'renewed_on',
    ],
    ['a number that JSON has rounded', { uid: { from: 'v' } }, 1609603731584323584, 'value_unparsed', 'uid'],
    ['an object where a text belongs', { location: { from: 'v' } }, { a: 1 }, 'value_unparsed', 'location'],
    ['a list of objects', { skills: { from: 'v' } }, [{ name: 'a' }], 'value_unparsed', 'skills'],
  ])('finds %s', (_what, fields, v, rule, field) => {
    expect(apply(fields, { v }).findings).toMatchObject([{ rule, field }]);
  });

  it('keeps an unknown category verbatim, unless another rule finds a known one', () => {
    const fields = { category: [{ from: 'sub' }, { from: 'main' }] };
    expect(apply(fields, { sub: 'Basket Weaving' }).content.category).toMatchObject({
      name: 'Basket Weaving',
      group: null,
    });
    expect(apply(fields, { sub: 'Basket Weaving', main: 'Web Development' })).toMatchObject({
      content: { category: { name: 'Web Development' } },
      findings: [],
    });
  });

  it('is no finding where the same text was only tried in several ways', () => {
    const fields = {
      posted_on: [{ from: 'p' }, { from: 'p', parse: 'relativeTime' }, { from: 'id', parse: 'idTime' }],
    };
    expect(apply(fields, { p: '2 hours ago' }, {}, '2024-01-01T12:00:00.000Z')).toMatchObject({
      content: { postedOn: '2024-01-01T10:00:00.000Z' },
      findings: [],
    });
    expect(apply(fields, { p: 'garbled', id: UID })).toMatchObject({
      content: { postedOn: MADE_AT },
      findings: [{ rule: 'value_unparsed', field: 'posted_on', raw: 'garbled' }],
    });
    // The id tells the time, so nothing hangs on the text that cannot be resolved.
    expect(
      apply(fields, { p: '2 hours ago', id: UID }).findings.every(({ rule }) => rule === 'value_unparsed'),
    ).toBe(true);
  });

  it('is a conflict when ciphertext and address name two postings', () => {
    const fields = { ciphertext: { from: 'c' }, url: { from: 'u' } };
    const { findings, ciphertext } = apply(fields, {
      c: '~01ec8934d454ff0ef3',
      u: 'https://www.upwork.com/jobs/~01ec8934d454ff0ef4',
    });
    expect(ciphertext).toBe('~01ec8934d454ff0ef3');
    expect(findings).toMatchObject([{ rule: 'identity_conflict', field: 'url' }]);
    expect(
      apply(fields, { c: '~01ec8934d454ff0ef3', u: `https://www.upwork.com/jobs/~02${UID}` }).findings,
    ).toEqual([]);
  });
});

describe('relative times', () => {
  const fields = { posted_on: { from: 'p', parse: 'relativeTime' } };
  const record = { p: 'Posted 1 hour ago', seen: '2024-03-01T12:00:00Z' };

  it("relate to the row's own scrape time, else to the one given, else to the mapping's", () => {
    const own = { observedAt: { from: 'seen' }, relativeTo: '2020-01-01T00:00:00Z' };
    expect(apply(fields, record, own, '2022-01-01T00:00:00.000Z')).toMatchObject({
      observedAt: '2024-03-01T12:00:00.000Z',
      content: { postedOn: '2024-03-01T11:00:00.000Z' },
    });
    expect(apply(fields, { p: record.p }, own, '2022-01-01T00:00:00.000Z')).toMatchObject({
      observedAt: null,
      content: { postedOn: '2021-12-31T23:00:00.000Z' },
    });
    expect(apply(fields, { p: record.p }, own).content.postedOn).toBe('2019-12-31T23:00:00.000Z');
  });
});

describe('a time checked by an id', () => {
  const fields = { posted_on: { from: 'p', checkZoneBy: 'id' } };

  it('is corrected when it is the same moment in another zone', () => {
    expect(apply(fields, { p: '2023-01-01T20:33:29Z', id: UID })).toMatchObject({
      content: { postedOn: MADE_AT },
      findings: [{ rule: 'posting_time_zone_corrected', field: 'posted_on', raw: '2023-01-01T20:33:29Z' }],
    });
  });

  it.each(['2023-01-01T17:33:30Z', '2023-01-01T19:53:37Z', '2023-01-02T17:33:29Z'])(
    'stays as stated otherwise: %s',
    (p) => {
      expect(apply(fields, { p, id: UID })).toMatchObject({
        content: { postedOn: p.replace('Z', '.000Z') },
        findings: [],
      });
    },
  );
});

describe('choosing a mapping by the shape of a row', () => {
  const shape = (name: string, match: unknown) =>
    compileMapping(parseMappingDocument({ name, match, fields: { title: { from: 'title' } } }));
  const wide = shape('wide', { all: ['title'] });
  const narrow = shape('narrow', { all: ['title', 'price'] });
  const other = shape('alike', { all: ['title', 'price'], none: ['secret'] });
  const nested = shape('nested', { any: ['client.country', 'buyer.country'] });
  const all = [wide, narrow, other, nested];

  it('takes the one that requires most, then the first by name', () => {
    expect(pickMapping(all, { title: '', price: null })?.document.name).toBe('alike');
    expect(pickMapping(all, { title: '', price: '', secret: '' })?.document.name).toBe('narrow');
    expect(pickMapping(all, { title: '' })?.document.name).toBe('wide');
    expect(pickMapping(all, { buyer: { country: null } })?.document.name).toBe('nested');
    expect(pickMapping(all, { column: 'x' })).toBeNull();
  });

  it('says what a row lacks', () => {
    expect(narrow.missing({ title: 'x' })).toEqual(['price']);
    expect(nested.missing({})).toEqual(['client.country or buyer.country']);
    expect(narrow.missing({ title: '', price: '' })).toEqual([]);
    expect(other.missing({ title: '', price: '', secret: '' })).toEqual(['no secret']);
  });

  it('is not led astray by names that every object has', () => {
    expect(shape('odd', { all: ['constructor'] }).matches({ title: 'x' })).toBe(false);
  });
});
