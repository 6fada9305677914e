import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { anyFreePort } from '../../../bin/stack/ports';
import { startPostgres, type RunningPostgres } from '../../../bin/stack/postgres';
import { identify, isRunning } from '../../../bin/stack/processes';
import { connect, type Db } from '../../../db/connection';

const PASSWORD = 'a password: with @ and /';

describe('the embedded Postgres', () => {
  let closedFolder: string;
  let dataDir: string;
  let sentences: string[];
  let started: RunningPostgres[];
  let onUpAgain: () => void;

  beforeEach(() => {
    // For its owner alone: started as root, Postgres runs as a user who could not get through it.
    closedFolder = mkdtempSync(join(tmpdir(), 'postgres-test-'));
    dataDir = join(closedFolder, 'data');
    sentences = [];
    started = [];
  });
  afterEach(async () => {
    await Promise.all(started.map((postgres) => postgres.stop()));
    rmSync(closedFolder, { recursive: true, force: true });
  });

  const start = async (
    changes: { port?: number; password?: string; durable?: boolean; signal?: AbortSignal } = {},
  ) => {
    const postgres = await startPostgres({
      dataDir,
      port: await anyFreePort(),
      password: PASSWORD,
      database: 'jobs',
      durable: false,
      report: (sentence) => {
        sentences.push(sentence);
        if (sentence.includes('up again')) onUpAgain();
      },
      ...changes,
    });
    started.push(postgres);
    return postgres;
  };

  const using = async <T>(postgres: RunningPostgres, action: (db: Db) => Promise<T>): Promise<T> => {
    const db = connect({ databaseUrl: postgres.databaseUrl, poolSize: 1 });
    try {
      return await action(db);
    } finally {
      await db.destroy();
    }
  };
  const countNotes = (db: Db) =>
    db.raw('select count(*) as count from notes').then(({ rows }) => rows[0].count);

  it('keeps its data from one start to the next and leaves no process behind', async () => {
    const first = await start();
    const identity = identify(first.pid()!)!;
    await using(first, (db) => db.raw('create table notes as select 1 as n'));
    await first.stop();
    expect(isRunning(identity)).toBe(false);

    const second = await start();
    expect(await using(second, countNotes)).toBe(1);
    await second.stop();
    expect(sentences).toEqual([]);
  });

  it('compares, orders and folds text the same on every system', async () => {
    const postgres = await start();
    const { rows } = await using(postgres, (db) =>
      db.raw(
        `select upper('é') as upper, array_agg(w order by w) as words from unnest('{b,a,B,é}'::text[]) w`,
      ),
    );
    expect(rows).toEqual([{ upper: 'É', words: ['B', 'a', 'b', 'é'] }]);
    await postgres.stop();
  });

  it('comes back with its data when it is killed', async () => {
    const upAgain = new Promise<void>((resolve) => (onUpAgain = resolve));
    const postgres = await start({ durable: true });
    await using(postgres, (db) => db.raw('create table notes as select 1 as n'));
    const before = postgres.pid()!;
    process.kill(before, 'SIGKILL');
    await upAgain;
    expect(postgres.pid()).not.toBe(before);
    expect(await using(postgres, countNotes)).toBe(1);
    await postgres.stop();
  });

  it('stops the one that a killed run left on the same folder, and says so', async () => {
    const port = await anyFreePort();
    const loader = pathToFileURL(require.resolve('tsx')).href;
    const script = require.resolve('../../support/startPostgresUntilKilled');
    const run = spawn(process.execPath, ['--import', loader, script, dataDir, String(port), PASSWORD], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(run.stdout, 'data');
    run.kill('SIGKILL');
    await once(run, 'exit');
    const orphan = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    expect(identify(orphan)).toBeDefined();

    const postgres = await start({ port });
    expect(sentences).toEqual([`stopped postgres (process ${orphan}), left over from a run that was killed`]);
    expect(identify(orphan)).toBeUndefined();
    await postgres.stop();
  });

  it('is not kept from starting by a pid file whose pid is another program by now', async () => {
    const first = await start();
    await first.stop();
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    writeFileSync(pidFile, `${process.pid}\n${join(dataDir, 'postgres')}\n`);
    const second = await start();
    await second.stop();
    expect(existsSync(pidFile)).toBe(false);
    expect(sentences).toEqual([]);
  });

  it('says at once when the password is not the one the database was made with', async () => {
    const first = await start();
    await first.stop();
    await expect(start({ password: 'another' })).rejects.toThrow(
      'another password than the one in secrets.json',
    );
  });

  it('says why when its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await expect(start({ port })).rejects.toThrow(
      /ended with exit code 1; the end of its log:[^]*Address already in use/,
    );
    server.close();
  });

  it('leaves nothing running or half made when the start is called off', async () => {
    const stop = new AbortController();
    const starting = start({ signal: stop.signal });
    setImmediate(() => stop.abort());
    await expect(starting).rejects.toThrow();
    const postgres = await start();
    await postgres.stop();
  });
});
