import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import type { Db } from '../../db/connection';
import { addMillis, DAY_MS, HOUR_MS } from '../../domain/time';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { readNdjson } from '../support/exportedFiles';
import { copyJob } from '../support/jobs';

const COPIES = 6_000;
/** Each is a second older than the one before, the first a day: so many were posted since then. */
const RESUMED_JOBS = 1_500;
const SINCE = addMillis(NOW, -DAY_MS - (RESUMED_JOBS - 1) * 1_000);
const DEADLINE_MS = 20_000;

/** More than sockets and two pages hold: a caller who reads nothing stalls the export. */
const DESCRIPTION = 'A rather long text. '.repeat(600);

describe('an export that does not come to its end', () => {
  let api: TestApi;
  let server: Server;
  let key: string;

  beforeAll(async () => {
    api = await createTestApi();
    key = (await api.issueKey({ planId: 'business' })).secret;
    await api.saveJob({ id: 'first', description: DESCRIPTION });
    await copyJob(api.db, 'first', COPIES);
    server = createServer(api.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await api.drop();
  });

  /** The answer once its head is there; of its body nothing is read yet. */
  const open = async (query = ''): Promise<IncomingMessage> => {
    const { port } = server.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}/jobs/export?${query}`;
    const request = get(address, { headers: { 'X-API-KEY': key }, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    // Told by those who await it; to go away on purpose is no failure of the test.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    return response;
  };
  const closed = (response: IncomingMessage) =>
    new Promise<void>((resolve) => void response.once('close', resolve));
  const readOn = (response: IncomingMessage) => void response.on('data', () => undefined);

  it('stops the query when the caller has gone, and calls it no failure', async () => {
    const response = await open();
    await whileLocked(api.db, async () => {
      readOn(response);
      await until(async () => (await queriesWaiting(api.db)) > 0);
      response.destroy();
      await until(async () => (await queriesWaiting(api.db)) === 0);
    });
    await until(() => api.logged.some(({ msg, abandoned }) => msg === 'request' && abandoned === true));
    expect(api.logged.filter(({ msg }) => msg === 'request failed')).toEqual([]);
  });

  it('stops counting when the caller has gone before the answer', async () => {
    await whileLocked(api.db, async () => {
      const { port } = server.address() as AddressInfo;
      const request = get(`http://127.0.0.1:${port}/jobs/export`, { headers: { 'X-API-KEY': key } });
      request.on('error', () => undefined);
      await until(async () => (await queriesWaiting(api.db)) > 0);
      request.destroy();
      await until(async () => (await queriesWaiting(api.db)) === 0);
    });
    expect(api.logged.filter(({ msg }) => msg === 'request failed')).toEqual([]);
  });

  it('holds neither connection nor snapshot while the caller takes nothing', async () => {
    const response = await open();
    let looksInARow = 0;
    await until(async () => {
      looksInARow = (await openTransactions(api.db)) === 0 ? looksInARow + 1 : 0;
      return looksInARow === 20;
    });
    expect(response.complete).toBe(false);
    response.destroy();
  });

  it.each(['ndjson', 'csv', 'parquet'])(
    'breaks %s off when the database fails, and never ends it cleanly',
    async (format) => {
      const response = await open(`format=${format}`);
      expect(response.statusCode).toBe(200);
      let ended = false;
      response.once('end', () => (ended = true));
      await api.db.raw('alter table jobs rename to jobs_away');
      try {
        readOn(response);
        await closed(response);
      } finally {
        await api.db.raw('alter table jobs_away rename to jobs');
      }
      expect({ ended, complete: response.complete }).toEqual({ ended: false, complete: false });
      await until(() => api.logged.some(({ msg }) => msg === 'request failed'));
      api.logged.length = 0;
    },
  );

  it('holds each job once when it is resumed behind the last whole line, while others are published', async () => {
    const query = `sort=posted_on_desc&fields=id,description&posted_after=${SINCE}`;
    const part = await textUpTo(await open(query), 5_000_000);
    const before = readNdjson(part).map(({ id }) => id);
    expect(before.length).toBeGreaterThan(100);
    await api.saveJob({ id: 'newer', postedOn: addMillis(NOW, -HOUR_MS) });

    const rest = await open(`${query}&after_id=${String(before.at(-1))}`);
    expect(rest.headers['x-export-rows']).toBe(String(RESUMED_JOBS - before.length));
    const after = readNdjson(await textUpTo(rest, Infinity)).map(({ id }) => id);
    expect(rest.complete).toBe(true);
    expect([...before, ...after]).toEqual(await newestIds(api.db));
  });

  it('holds each job once when it is resumed behind the last whole record of a CSV', async () => {
    const query = `format=csv&sort=posted_on_desc&fields=id,description&posted_after=${SINCE}&posted_before=-23h`;
    const part = await textUpTo(await open(query), 5_000_000);
    const before = idsOfCsv(part.slice(0, part.lastIndexOf('\r\n')));
    const rest = await open(`${query}&after_id=${before.at(-1)}`);
    const after = idsOfCsv(await textUpTo(rest, Infinity));
    expect([...before, ...after]).toEqual(await newestIds(api.db));
  });
});

function idsOfCsv(text: string): string[] {
  const rows: { id: string }[] = parse(text, { columns: true });
  return rows.map(({ id }) => id);
}

/** The body as far as that, then the connection is cut. */
async function textUpTo(response: IncomingMessage, bytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let read = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    read += chunk.length;
    if (read >= bytes) break;
  }
  response.destroy();
  return Buffer.concat(chunks).toString();
}

/** Of the jobs that are exported in two parts. */
async function newestIds(db: Db): Promise<string[]> {
  const rows = await db('jobs')
    .whereNot({ id: 'newer' })
    .orderBy('posted_on', 'desc')
    .limit(RESUMED_JOBS)
    .select<{ id: string }[]>('id');
  return rows.map(({ id }) => id);
}

/** Has every query on jobs wait meanwhile. */
async function whileLocked(db: Db, action: () => Promise<void>): Promise<void> {
  await db.transaction(async (transaction) => {
    await transaction.raw('lock table jobs in access exclusive mode');
    await action();
  });
}

async function queriesWaiting(db: Db): Promise<number> {
  const { rows } = await db.raw<{ rows: { count: number }[] }>(
    `select count(*) as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query like '%from jobs%'`,
  );
  return rows[0]!.count;
}

/** Of others. */
async function openTransactions(db: Db): Promise<number> {
  const { rows } = await db.raw<{ rows: { count: number }[] }>(
    `select count(*) as count from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
       and backend_type = 'client backend'`,
  );
  return rows[0]!.count;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come about in time.');
    await delay(20);
  }
}
