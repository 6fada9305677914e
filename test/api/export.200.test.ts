import supertest from 'supertest';
import { resolveCategory } from '../../domain/categories';
import { JOB_VIEW_FIELDS } from '../../domain/jobView';
import { addMillis, DAY_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { readCsv, readNdjson, readParquet, type Row } from '../support/exportedFiles';
import { copyJob } from '../support/jobs';

const HOUR_MS = 3_600_000;

describe('an export of jobs', () => {
  let api: TestApi;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey({ planId: 'business' })).secret;
    await api.saveJob({
      id: '1880000000000000001',
      title: 'Ärger mit “Python”, sagt er, “und mehr”',
      description: 'Line one\r\nLine "two", with a comma\n\tand 翻译 🙂',
      jobType: 1,
      status: 1,
      contractorTier: 3,
      category: resolveCategory('full-stack-development').category,
      hourlyBudget: { minMinor: 2_050, maxMinor: null, currency: 'USD' },
      skills: ['python', 'c++', 'web scraping'],
      tags: ['a'],
      buyerPaymentVerified: true,
      buyerCountry: 'DE',
      buyerTotalSpent: { amountMinor: 123_456, currency: 'USD' },
      buyerTotalAssignments: 12,
      buyerScore: 4.87,
      buyerContractDate: '2019-03-04T00:00:00.000Z',
      isContractToHire: false,
      totalApplicants: 7,
      qualityScore: 0.5,
      flags: ['short_description'],
      postedOn: addMillis(NOW, -HOUR_MS),
    });
    await api.saveJob({
      id: 'second',
      title: 'Logo',
      jobType: 2,
      budget: { amountMinor: 150_000, currency: 'JPY' },
      postedOn: addMillis(NOW, -2 * HOUR_MS),
    });
    // Of the same time and budget as its neighbours, or of none.
    for (const [index, amountMinor] of [500, 500, null, 2_000, null, 0].entries()) {
      await api.saveJob({
        id: `tie-${index}`,
        title: `Tie ${index}`,
        budget: amountMinor === null ? null : { amountMinor, currency: 'USD' },
        postedOn: addMillis(NOW, -Math.floor(index / 3 + 3) * HOUR_MS),
      });
    }
    await api.saveJob({ id: 'old', title: 'Old', postedOn: addMillis(NOW, -183 * DAY_MS - 1) });
    await api.saveJob({ id: 'sample', title: 'Sample', isSample: true });
    await api.saveJob({ id: 'folded', title: 'Folded' });
    await api.db('jobs').where({ id: 'folded' }).update({ duplicate_of: 'second' });
  });
  afterAll(() => api.drop());

  const EVERY_ID = [
    '1880000000000000001',
    'second',
    ...['tie-2', 'tie-1', 'tie-0', 'tie-5', 'tie-4', 'tie-3'],
  ];
  const ask = (query: string) => api.get(`/jobs/export?${query}`, key).expect(200);
  const rowsOf = async (query: string): Promise<Row[]> =>
    readNdjson((await ask(query).buffer(true).parse(asText)).body as string);
  const idsOf = async (query: string) => (await rowsOf(query)).map(({ id }) => id);
  const listed = async (): Promise<Row[]> => (await api.get('/jobs?limit=50', key).expect(200)).body.data;

  it('holds as NDJSON the rows of GET /jobs: those of the window, newest first', async () => {
    const rows = await rowsOf('');
    expect(rows.map(({ id }) => id)).toEqual(EVERY_ID);
    expect(rows).toEqual(await listed());
  });

  it('holds as Parquet the same rows, in columns of real types', async () => {
    const response = await ask('format=parquet').buffer(true).parse(asBytes);
    const { rows, types } = await readParquet(response.body as Buffer);
    expect(rows).toEqual(await listed());
    expect(Object.keys(types)).toEqual(JOB_VIEW_FIELDS);
    expect(types).toMatchObject({
      id: 'VARCHAR',
      job_type: 'BIGINT',
      budget: 'STRUCT(fixed_amount DOUBLE, currency VARCHAR)',
      skills: 'VARCHAR[]',
      is_contract_to_hire: 'BOOLEAN',
      posted_on: 'TIMESTAMP WITH TIME ZONE',
      quality: 'STRUCT(score DOUBLE, flags VARCHAR[])',
    });
    expect(types['buyer']).toContain('contract_date TIMESTAMP WITH TIME ZONE');
  });

  it('holds as CSV the same rows, members of objects in columns of their own', async () => {
    const { text } = await ask('format=csv');
    expect(text.split('\r\n', 1)[0]).toContain('budget.fixed_amount,budget.currency,hourly_budget.min');
    expect(text.endsWith('\r\n')).toBe(true);
    expect(readCsv(text)).toEqual((await listed()).map((job) => flattened(job)));
  });

  it.each(['ndjson', 'csv', 'parquet'])('is a whole file as %s when nothing matches', async (format) => {
    const query = `format=${format}&search=nobodysaysthisword`;
    const response = await ask(query).buffer(true).parse(asBytes);
    expect(response.headers).toMatchObject({ 'x-export-rows': '0', 'x-export-calls': '1' });
    const bytes = response.body as Buffer;
    if (format === 'ndjson') expect(bytes).toHaveLength(0);
    if (format === 'csv') expect(readCsv(bytes.toString())).toEqual([]);
    if (format === 'parquet') expect((await readParquet(bytes)).rows).toEqual([]);
  });

  it.each([
    ['ndjson', 'application/x-ndjson; charset=utf-8'],
    ['csv', 'text/csv; charset=utf-8; header=present'],
    ['parquet', 'application/vnd.apache.parquet'],
  ])('tells of %s what it is, how many rows, and what it counts as', async (format, contentType) => {
    const { headers } = await ask(`format=${format}`).buffer(true).parse(asBytes);
    expect(headers).toMatchObject({
      'content-type': contentType,
      'content-disposition': `attachment; filename="jobs-2026-02-01T12-00-00Z.${format}"`,
      'x-export-rows': '8',
      'x-export-calls': '1',
      'x-export-more': 'false',
      'cache-control': 'private, no-cache',
    });
    expect(headers).not.toHaveProperty('x-export-warnings');
    expect(headers).not.toHaveProperty('content-length');
  });

  it('tells HEAD the same without writing a row', async () => {
    const response = await supertest(api.app).head('/v1/jobs/export').set('X-API-KEY', key).expect(200);
    expect(response.headers).toMatchObject({ 'x-export-rows': '8', 'x-export-calls': '1' });
    expect(response.text).toBeUndefined();
  });

  it('filters as GET /jobs does, and writes the fields asked for in their order', async () => {
    expect(await rowsOf('q=python&country=de&fields=title,id,buyer')).toMatchObject([
      { title: expect.stringContaining('Python'), id: '1880000000000000001', buyer: { country: 'DE' } },
    ]);
    const { text } = await ask('format=csv&fields=status,id,quality&max_rows=1');
    expect(text).toBe(
      'status,id,quality.score,quality.flags\r\n1,1880000000000000001,0.5,short_description\r\n',
    );
    const response = await ask('format=parquet&fields=skills,id').buffer(true).parse(asBytes);
    const { types } = await readParquet(response.body as Buffer);
    expect(Object.keys(types)).toEqual(['skills', 'id']);
  });

  it('stops at max_rows, and says that there is more', async () => {
    const response = await ask('max_rows=3&fields=id').buffer(true).parse(asText);
    expect(response.headers).toMatchObject({ 'x-export-rows': '3', 'x-export-more': 'true' });
    expect(readNdjson(response.body as string)).toEqual(EVERY_ID.slice(0, 3).map((id) => ({ id })));
  });

  it.each([
    'posted_on_desc',
    'posted_on_asc',
    'ingested_asc',
    'budget_desc',
    'budget_asc',
    'last_visited_desc',
    'last_visited_asc',
  ])('goes on behind any row with after_id, each job once, with sort=%s', async (sort) => {
    const whole = await idsOf(`sort=${sort}&fields=id`);
    expect([...whole].sort()).toEqual([...EVERY_ID].sort());
    for (const [index, id] of whole.entries()) {
      const rest = await idsOf(`sort=${sort}&fields=id&after_id=${String(id)}`);
      expect([id, rest]).toEqual([id, whole.slice(index + 1)]);
    }
  });

  it('goes on where a page of GET /jobs ended', async () => {
    const { body } = await api.get('/jobs?limit=2&sort=posted_on_asc', key).expect(200);
    const page = (body.data as Row[]).map(({ id }) => id);
    const rest = await idsOf(`sort=posted_on_asc&cursor=${body.next_cursor}`);
    expect([...page, ...rest]).toEqual(await idsOf('sort=posted_on_asc'));
  });

  it('warns in a header of what it takes otherwise than asked', async () => {
    const { headers } = await ask('search_in=title&fields=id');
    expect(JSON.parse(headers['x-export-warnings']!)).toEqual([expect.stringContaining('search_in')]);
  });

  it('takes an address of Upwork, and warns of its order when that is none of an export', async () => {
    const address = encodeURIComponent('https://www.upwork.com/nx/search/jobs/?q=logo&sort=relevance%2Bdesc');
    const response = await ask(`fields=id&upwork_url=${address}`).buffer(true).parse(asText);
    expect(readNdjson(response.body as string)).toEqual([{ id: 'second' }]);
    expect(response.headers['x-export-warnings']).toContain('sort=relevance');
  });

  it('takes exact, so that a query of GET /jobs can be used again', async () => {
    expect(await idsOf('search=pyhton&exact=false')).toEqual([]);
  });

  it('shows test keys the samples alone', async () => {
    const test = await api.issueKey({ planId: 'business', kind: 'test' });
    const { text } = await api.get('/jobs/export?format=csv&fields=id', test.secret).expect(200);
    expect(text).toBe('id\r\nsample\r\n');
  });

  it('counts a call for each thousand rows begun', async () => {
    const { secret } = await api.issueKey({ planId: 'enterprise' });
    await copyJob(api.db, 'second', 1_990);
    const { headers } = await supertest(api.app)
      .head('/jobs/export?q=logo')
      .set('X-API-KEY', secret)
      .expect(200);
    expect(headers).toMatchObject({ 'x-export-rows': '1991', 'x-export-calls': '2' });
    const ids = await idsOf('q=logo&fields=id');
    expect(new Set(ids).size).toBe(1_991);
    const file = await ask('format=parquet&q=logo&fields=id').buffer(true).parse(asBytes);
    expect((await readParquet(file.body as Buffer)).rows.map(({ id }) => id)).toEqual(ids);
    await api.db('jobs').where('id', 'like', 'copy-%').delete();
  });

  it('disarms in CSV what a spreadsheet would take for a formula', async () => {
    const dangerous = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x","y")'];
    for (const [index, title] of dangerous.entries()) {
      await api.saveJob({
        id: `formula-${index}`,
        title,
        skills: ['-flag', 'x'],
        postedOn: addMillis(NOW, -11 * HOUR_MS - index),
      });
    }
    const { text } = await ask('format=csv&fields=title,skills,quality&posted_before=-10h');
    const wanted = dangerous.map((title) => [`'${title}`, "'-flag; x"]);
    expect(readCsv(text).map(({ title, skills }) => [title, skills])).toEqual(wanted);
    const { body } = await ask('fields=title&posted_before=-10h').buffer(true).parse(asText);
    expect(readNdjson(body as string).map(({ title }) => title)).toEqual(dangerous);
    await api.db('jobs').where('id', 'like', 'formula-%').delete();
  });
});

function flattened(row: Row, prefix = ''): Record<string, string> {
  const groups = ['category', 'budget', 'hourly_budget', 'buyer', 'client_activity', 'quality'];
  const members: Record<string, string[]> = {
    category: ['name', 'slug', 'group', 'group_slug'],
    budget: ['fixed_amount', 'currency'],
    hourly_budget: ['min', 'max', 'currency'],
  };
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]): [string, string][] => {
      if (prefix === '' && groups.includes(name)) {
        const group = value ?? Object.fromEntries(members[name]!.map((member) => [member, null]));
        return Object.entries(flattened(group as Row, `${name}.`));
      }
      const parts: unknown[] = Array.isArray(value) ? value : [value];
      return [[`${prefix}${name}`, parts.join('; ')]];
    }),
  );
}

type Parser = Parameters<supertest.Test['parse']>[0];

const asBytes: Parser = (response, done) => {
  const chunks: Buffer[] = [];
  const stream = response as unknown as NodeJS.ReadableStream;
  stream.on('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
  stream.on('end', () => done(null, Buffer.concat(chunks)));
};

const asText: Parser = (response, done) =>
  asBytes(response, (error, bytes) => done(error, (bytes as Buffer).toString()));
