import { gzipSync } from 'node:zlib';
import type { AppError } from '../../../domain/errors';
import { createHttpSource, type HttpSourceOptions } from '../../../sources/http/httpSource';
import type { JobSource, SourceCursor, SourcePage } from '../../../sources/jobSource';
import { json, type ScriptedServer, startScriptedServer } from '../../support/scriptedServer';

const NOW = '2026-01-20T12:00:00.000Z';

let server: ScriptedServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function serve(script: Parameters<typeof startScriptedServer>[0]): Promise<ScriptedServer> {
  server = await startScriptedServer(script);
  return server;
}

function sourceAt(path: string, given: Partial<HttpSourceOptions> = {}): JobSource {
  return createHttpSource({
    location: `${server?.origin ?? ''}${path}`,
    options: {},
    validators: null,
    timeouts: { answerMs: 20_000, totalMs: 20_000 },
    now: () => NOW,
    ...given,
  });
}

/** All pages of a run, one after another. */
async function readAll(source: JobSource, limit = 500, from: SourceCursor | null = null) {
  const pages: SourcePage[] = [];
  for (let cursor = from; ;) {
    const page = await source.fetchPage(cursor, limit);
    pages.push(page);
    if (page.isLast) return pages;
    cursor = page.cursor;
  }
}

const idsOf = (pages: SourcePage[]) => pages.flatMap(({ rows }) => rows.map(({ record }) => record?.id));

async function failureOf(source: JobSource): Promise<AppError> {
  return await source.fetchPage(null, 500).then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as AppError,
  );
}

describe('the formats of a page', () => {
  const rows = [{ id: 1 }, { id: 2 }];
  it.each([
    ['a JSON list', 'application/json', JSON.stringify(rows)],
    ['a JSON document with its rows inside', 'application/json', JSON.stringify({ data: { jobs: rows } })],
    ['NDJSON', 'application/x-ndjson', '{"id":1}\n{"id":2}\n'],
    ['NDJSON without a content type', '', '{"id":1}\n{"id":2}\n'],
  ])('reads %s', async (_, contentType, body) => {
    await serve({ '/feed': { headers: contentType ? { 'content-type': contentType } : {}, body } });
    expect(idsOf(await readAll(sourceAt('/feed')))).toEqual([1, 2]);
  });

  it('reads CSV and RSS, as the content tells', async () => {
    await serve({
      '/csv': { headers: { 'content-type': 'text/csv; charset=utf-8' }, body: 'id,title\n1,Café\n' },
      '/rss': {
        headers: { 'content-type': 'application/rss+xml' },
        body: '<rss><channel><item><title>One</title></item></channel></rss>',
      },
    });
    expect((await readAll(sourceAt('/csv')))[0]?.rows[0]?.record).toEqual({ id: '1', title: 'Café' });
    expect((await readAll(sourceAt('/rss')))[0]?.rows[0]?.record).toMatchObject({ title: 'One' });
  });

  it('unpacks gzip, as a content encoding and as a file', async () => {
    const body = gzipSync('[{"id":1}]');
    await serve({
      '/encoded': { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body },
      '/feed.json.gz': { headers: { 'content-type': 'application/gzip' }, body },
    });
    expect(idsOf(await readAll(sourceAt('/encoded')))).toEqual([1]);
    expect(idsOf(await readAll(sourceAt('/feed.json.gz')))).toEqual([1]);
  });

  it('decodes a text by the charset of its content type', async () => {
    const body = Buffer.from('[{"id":"Zürich"}]', 'latin1');
    await serve({ '/feed': { headers: { 'content-type': 'application/json; charset=iso-8859-1' }, body } });
    expect(idsOf(await readAll(sourceAt('/feed')))).toEqual(['Zürich']);
  });

  it('says when the rows were seen by the Date of the answer, and never in the future', async () => {
    await serve({
      '/past': json([{ id: 1 }], { date: 'Tue, 20 Jan 2026 11:00:00 GMT' }),
      '/future': json([{ id: 1 }], { date: 'Tue, 20 Jan 2026 13:00:00 GMT' }),
    });
    expect((await readAll(sourceAt('/past')))[0]?.seenAt).toBe('2026-01-20T11:00:00.000Z');
    expect((await readAll(sourceAt('/future')))[0]?.seenAt).toBe(NOW);
  });
});

describe('the pages of a feed', () => {
  it('follows the Link header', async () => {
    await serve({
      '/feed': json([{ id: 1 }], {
        link: '</feed?page=0>; rel="prev", </feed?page=2>; title="x"; rel="next"',
      }),
      '/feed?page=2': json([{ id: 2 }]),
    });
    expect(idsOf(await readAll(sourceAt('/feed')))).toEqual([1, 2]);
  });

  it.each([
    ['next', { next: '/feed?page=2' }],
    ['next_url', { next_url: '?page=2' }],
    ['links.next', { links: { next: { href: '/feed?page=2' } } }],
  ])('follows %s in the body', async (_, body) => {
    await serve({
      '/feed': json({ jobs: [{ id: 1 }], ...body }),
      '/feed?page=2': json({ jobs: [{ id: 2 }], next: null }),
    });
    expect(idsOf(await readAll(sourceAt('/feed')))).toEqual([1, 2]);
  });

  it('follows a path of its options, and no field that merely happens to be called next', async () => {
    await serve({
      '/feed': json({ jobs: [{ id: 1 }], next: 'soon', paging: { after: 'feed?page=2' } }),
      '/feed?page=2': json({ jobs: [{ id: 2 }] }),
    });
    expect(idsOf(await readAll(sourceAt('/feed')))).toEqual([1]);
    expect(idsOf(await readAll(sourceAt('/feed', { options: { nextPath: 'paging.after' } })))).toEqual([
      1, 2,
    ]);
  });

  it('follows the next link of an Atom feed', async () => {
    await serve({
      '/feed': {
        body: '<feed><link rel="next" href="/feed?a=1&amp;page=2"/><entry><id>1</id></entry></feed>',
      },
      '/feed?a=1&page=2': { body: '<feed><entry><id>2</id></entry></feed>' },
    });
    expect(idsOf(await readAll(sourceAt('/feed')))).toEqual(['1', '2']);
  });

  it('puts the cursor of the body into the query, until there is none', async () => {
    await serve({
      '/feed?q=a': json({ jobs: [{ id: 1 }], meta: { cursor: 'x y' } }),
      '/feed?q=a&after=x+y': json({ jobs: [{ id: 2 }], meta: { cursor: null } }),
    });
    const options = { cursorParameter: 'after', cursorPath: 'meta.cursor' };
    expect(idsOf(await readAll(sourceAt('/feed?q=a', { options })))).toEqual([1, 2]);
  });

  it('takes the cursor from the last row where nothing is around the rows', async () => {
    await serve({
      '/feed': json([{ id: 1 }, { id: 2 }]),
      '/feed?after=2': json([{ id: 3 }]),
      '/feed?after=3': json([]),
    });
    const options = { cursorParameter: 'after', cursorPath: 'id' };
    expect(idsOf(await readAll(sourceAt('/feed', { options })))).toEqual([1, 2, 3]);
  });

  it('ends at a page that names itself, and at the most pages of a run', async () => {
    await serve({
      '/self': json({ jobs: [{ id: 1 }], next: '/self' }),
      '/a': json({ jobs: [{ id: 1 }], next: '/b' }),
      '/b': json({ jobs: [{ id: 2 }], next: '/a' }),
    });
    expect(idsOf(await readAll(sourceAt('/self')))).toEqual([1]);
    expect(idsOf(await readAll(sourceAt('/a', { options: { maxPages: 3 } })))).toEqual([1, 2, 1]);
  });

  it('gives a large page in pieces from one request, and goes on in the middle of it', async () => {
    const rows = Array.from({ length: 5 }, (_, id) => ({ id }));
    const { requests } = await serve({ '/feed': json(rows) });
    const pages = await readAll(sourceAt('/feed'), 2);
    expect(pages.map((page) => page.rows.length)).toEqual([2, 2, 1]);
    expect(requests).toHaveLength(1);
    expect(idsOf(await readAll(sourceAt('/feed'), 2, pages[0]?.cursor ?? null))).toEqual([2, 3, 4]);
  });

  it('reads a page again from its beginning when it has changed since its first rows were taken', async () => {
    await serve({ '/feed': [json([{ id: 1 }, { id: 2 }]), json([{ id: 0 }, { id: 1 }, { id: 2 }])] });
    const first = await sourceAt('/feed').fetchPage(null, 1);
    expect(idsOf(await readAll(sourceAt('/feed'), 500, first.cursor))).toEqual([0, 1, 2]);
  });

  it('refuses to leave the site by a next link or a redirect, unless allowed', async () => {
    const other = await startScriptedServer({ '/feed': json([{ id: 2 }]) });
    try {
      await serve({
        '/feed': json({ jobs: [{ id: 1 }], next: `${other.origin}/feed?key=secret` }),
        '/moved': { status: 302, headers: { location: `${other.origin}/feed` } },
      });
      const source = sourceAt('/feed');
      const { cursor } = await source.fetchPage(null, 500);
      await expect(source.fetchPage(cursor, 500)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('/feed?key=…') as string,
      });
      expect((await failureOf(sourceAt('/moved'))).code).toBe('conflict');
      expect(other.requests).toHaveLength(0);
      const options = { otherOrigins: true };
      expect(idsOf(await readAll(sourceAt('/moved', { options })))).toEqual([2]);
    } finally {
      await other.stop();
    }
  });
});

describe('an unchanged feed', () => {
  it('is asked for by ETag and Last-Modified, and is then a page without rows', async () => {
    const validators = { etag: '"v1"', lastModified: 'Tue, 20 Jan 2026 11:00:00 GMT' };
    const { requests } = await serve({
      '/feed': [
        json([{ id: 1 }], { etag: validators.etag, 'last-modified': validators.lastModified }),
        { status: 304 },
      ],
    });
    const [first] = await readAll(sourceAt('/feed'));
    expect(first?.validators).toEqual(validators);
    const [second] = await readAll(sourceAt('/feed', { validators: first?.validators }));
    expect(second).toMatchObject({ rows: [], isLast: true });
    expect(second?.validators).toBeUndefined();
    expect(requests[1]?.headers).toMatchObject({
      'if-none-match': '"v1"',
      'if-modified-since': validators.lastModified,
    });
  });

  it('is not asked for when a run goes on at a later page', async () => {
    const { requests } = await serve({
      '/feed': json({ jobs: [{ id: 1 }], next: '/feed?page=2' }),
      '/feed?page=2': json({ jobs: [{ id: 2 }] }, { etag: '"p2"' }),
    });
    const source = sourceAt('/feed', { validators: { etag: '"v1"' } });
    const { cursor } = await source.fetchPage(null, 500);
    const page = await source.fetchPage(cursor, 500);
    expect(requests[1]?.headers['if-none-match']).toBeUndefined();
    expect(page.validators).toBeUndefined();
  });

  it('has to be given whole next time when a row of it was broken', async () => {
    await serve({ '/feed.ndjson': { headers: { etag: '"v1"' }, body: '{"id":1}\n{"id":\n' } });
    const [page] = await readAll(sourceAt('/feed.ndjson'));
    expect(page?.rows.map(({ broken }) => broken !== null)).toEqual([false, true]);
    expect(page?.validators).toBeNull();
  });
});

describe('a source in trouble', () => {
  it.each([
    ['503', { status: 503 }, undefined],
    ['500', { status: 500 }, undefined],
    ['429 with seconds', { status: 429, headers: { 'retry-after': '7' } }, 7],
    ['429 with a date', { status: 429, headers: { 'retry-after': 'Tue, 20 Jan 2026 12:01:30 GMT' } }, 90],
    ['503 that asks for a week', { status: 503, headers: { 'retry-after': '604800' } }, 86_400],
  ])('is unavailable at %s, with the wait it asks for', async (_, answer, retryAfterSeconds) => {
    await serve({ '/feed?key=secret': answer });
    const error = await failureOf(sourceAt('/feed?key=secret'));
    expect(error).toMatchObject({ code: 'unavailable', retryAfterSeconds });
    expect(error.message).toContain(`/feed?key=… answers ${answer.status}`);
    expect(error.message).not.toContain('secret');
  });

  it('is unavailable when it hangs before or in the middle of its answer', async () => {
    await serve({
      '/silent': () => undefined,
      '/slow': (_, response) => response.write('[{"id":1},'),
    });
    const silent = await failureOf(sourceAt('/silent', { timeouts: { answerMs: 300, totalMs: 20_000 } }));
    expect(silent).toMatchObject({ code: 'unavailable' });
    expect(silent.message).toMatch(/\/silent did not answer within 0\.3 s\.$/);
    const slow = await failureOf(sourceAt('/slow', { timeouts: { answerMs: 20_000, totalMs: 1_500 } }));
    expect(slow).toMatchObject({ code: 'unavailable' });
    expect(slow.message).toMatch(/\/slow did not end its answer within 1\.5 s\.$/);
  });

  it('is unavailable when it breaks off, refuses the connection or has no address', async () => {
    await serve({
      '/cut': (_, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('[{"id":1},', () => response.destroy());
      },
    });
    const cut = await failureOf(sourceAt('/cut'));
    expect(cut).toMatchObject({ code: 'unavailable' });
    expect(cut.message).toContain('broke off its answer after 10 bytes');
    const closed = sourceAt('', { location: 'http://127.0.0.1:1/feed' });
    expect(await failureOf(closed)).toMatchObject({ code: 'unavailable' });
    const nowhere = sourceAt('', { location: 'http://feed.invalid/' });
    expect((await failureOf(nowhere)).message).toContain('http://feed.invalid/ cannot be reached');
  });

  it.each([
    [401, 'invalid_parameter'],
    [404, 'not_found'],
    [410, 'not_found'],
  ])('fails for good at %d', async (status, code) => {
    await serve({ '/feed': { status } });
    expect(await failureOf(sourceAt('/feed'))).toMatchObject({ code });
  });

  it.each([
    ['an HTML page', 'text/html', '<!doctype html><html><body>Down</body></html>', 'HTML page'],
    ['nothing', 'application/json', '', 'it is empty'],
    ['a sentence', 'text/plain', 'Down for now, back soon', 'no format that is known'],
    ['binary data', 'application/octet-stream', 'PK\0\0', 'binary data'],
  ])('fails with a sentence at a page of %s', async (_, contentType, body, why) => {
    await serve({ '/feed': { headers: { 'content-type': contentType }, body } });
    const error = await failureOf(sourceAt('/feed'));
    expect(error.code).toBe('unsupported_media_type');
    expect(error.message).toMatch(/^The page http:\/\/127\.0\.0\.1:\d+\/feed arrived broken: /);
    expect(error.message).toContain(why);
  });

  it.each([
    ['in its first row', '{"jobs": [{"id": '],
    ['behind whole rows', '[\n{"id":1},\n{"id":2},\n{"id":\n'],
    ['before the address of the next page', '{"jobs": [{"id": 1}], "next": "/fe'],
  ])('is unavailable with a page of JSON that breaks off %s: what follows would be lost', async (_, body) => {
    await serve({ '/feed': { headers: { 'content-type': 'application/json' }, body } });
    const error = await failureOf(sourceAt('/feed'));
    expect(error.code).toBe('unavailable');
    expect(error.message).toMatch(/^The page http:\/\/127\.0\.0\.1:\d+\/feed arrived broken: .*too early/);
  });

  it('takes a page without postings as the end, and CSV with nothing but a header', async () => {
    await serve({
      '/json': json({ jobs: [] }),
      '/feed.csv': { body: 'id,title\n' },
      '/none': { status: 204 },
    });
    for (const path of ['/json', '/feed.csv', '/none']) {
      expect(await readAll(sourceAt(path))).toMatchObject([{ rows: [], isLast: true }]);
    }
  });

  it('refuses a page of more than 32 MiB, packed or not', async () => {
    const body = gzipSync(Buffer.alloc(33 * 1024 * 1024, ' '));
    await serve({
      '/encoded': { headers: { 'content-encoding': 'gzip' }, body },
      '/file': { body },
    });
    for (const path of ['/encoded', '/file']) {
      expect(await failureOf(sourceAt(path))).toMatchObject({ code: 'payload_too_large' });
    }
  });

  it('follows redirects on its site, and not for ever', async () => {
    await serve({
      '/old': { status: 301, headers: { location: '/feed' } },
      '/feed': json([{ id: 1 }]),
      '/round': { status: 302, headers: { location: '/round' } },
    });
    expect(idsOf(await readAll(sourceAt('/old')))).toEqual([1]);
    expect((await failureOf(sourceAt('/round'))).message).toContain('redirects more than 5 times');
  });

  it('gives the credentials of its address to the source, and to no sentence', async () => {
    const { requests, origin } = await serve({ '/feed': { status: 403 } });
    const location = `${origin.replace('//', '//user:p%40ss@')}/feed`;
    const error = await failureOf(sourceAt('', { location }));
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
    expect(error.message).not.toContain('ss@');
  });

  it('says what it cannot use: an address that is none, options that are wrong', () => {
    expect(() => sourceAt('', { location: 'ftp://example.com/feed' })).toThrow(/no http or https address/);
    const location = 'http://example.com/';
    expect(() => sourceAt('', { location, options: { cursorParameter: 'after' } })).toThrow(/cannot be used/);
  });
});
