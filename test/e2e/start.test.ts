import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { anyFreePort } from '../../bin/stack/ports';
import { isRunning } from '../../bin/stack/processes';
import { readStackFile } from '../../bin/stack/stackFile';
import { createTestDatabase, type TestDatabase } from '../support/database';

const repositoryRoot = resolve(__dirname, '../..');
const PARTS = ['api', 'postgres', 'temporal', 'worker'];
const DEADLINE_MS = 240_000;

interface Run {
  process: ChildProcess;
  /** What was printed so far. */
  output: () => string;
  /** Resolves when that was printed; rejects when the run ends before. */
  prints: (text: string) => Promise<void>;
  exitCode: Promise<number | null>;
}

describe('npm start', () => {
  let folder: string;
  let dataDir: string;
  let ports: Record<string, string>;
  let runs: Run[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'start-test-'));
    dataDir = join(folder, 'data');
    ports = {};
    for (const name of ['API_PORT', 'OPERATORS_PORT', 'POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT']) {
      ports[name] = String(await anyFreePort());
    }
    runs = [];
  });

  afterAll(async () => {
    for (const run of runs) run.process.kill('SIGINT');
    await Promise.all(runs.map((run) => run.exitCode));
    rmSync(folder, { recursive: true, force: true });
  });

  function start(settings: Record<string, string> = {}): Run {
    const loader = pathToFileURL(require.resolve('tsx')).href;
    const child = spawn(process.execPath, ['--import', loader, join(repositoryRoot, 'bin/start.ts')], {
      cwd: tmpdir(),
      env: {
        ...process.env,
        ...ports,
        DATA_DIR: dataDir,
        DATABASE_URL: '',
        TEMPORAL_ADDRESS: '',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const exitCode = once(child, 'close').then(([code]) => code as number | null);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output += String(chunk)));
    const prints = (text: string) =>
      new Promise<void>((found, reject) => {
        const look = () => {
          if (output.includes(text)) found();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        void exitCode.then((code) =>
          reject(new Error(`ended with ${code} before it printed ${text}:\n${output}`)),
        );
        look();
      });
    const run = { process: child, output: () => output, prints, exitCode };
    runs.push(run);
    return run;
  }

  const record = (name: string) => JSON.parse(readFileSync(join(dataDir, 'run', `${name}.json`), 'utf8'));
  const running = () =>
    readdirSync(join(dataDir, 'run'))
      .map((name) => name.replace('.json', ''))
      .sort();
  const curlLine = (output: string) => /^curl .*$/m.exec(output)![0];

  it(
    'brings up everything with samples, survives kill -9 of itself and of its parts, and stops cleanly',
    async () => {
      const url = `http://127.0.0.1:${ports.API_PORT}`;
      const first = start();
      await first.prints(`\nready ${url}\n`);
      expect(first.output()).toMatch(/^Samples +\d+ rows: [1-9]\d* jobs/m);
      expect(running()).toEqual(PARTS);

      // The line as printed, in a shell.
      const line = curlLine(first.output());
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line]);
      const answer = JSON.parse(stdout);
      expect(answer.success).toBe(true);
      expect(answer.data).toHaveLength(3);

      for (const name of ['secrets.json', 'stack.json', 'demo-key', 'operator-token']) {
        expect(statSync(join(dataDir, name)).mode & 0o077).toBe(0);
      }
      expect(readStackFile(dataDir)).toMatchObject({
        status: 'running',
        pid: first.process.pid,
        apiUrl: url,
      });

      const second = start();
      expect(await second.exitCode).toBe(1);
      expect(second.output()).toContain(`is already running (process ${first.process.pid}, ${url})`);

      process.kill(record('worker').pid, 'SIGKILL');
      await first.prints('worker is up again');

      const left = PARTS.map(record);
      first.process.kill('SIGKILL');
      await first.exitCode;
      const third = start();
      await third.prints(`\nready ${url}\n`);
      expect(third.output()).toContain('Clean-up   stopped postgres');
      expect(third.output()).not.toMatch(/^Samples/m);
      expect(left.some(isRunning)).toBe(false);
      expect(curlLine(third.output())).toBe(line);

      const parts = PARTS.map(record);
      expect(parts.every(isRunning)).toBe(true);
      third.process.kill('SIGINT');
      expect(await third.exitCode).toBe(0);
      expect(parts.some(isRunning)).toBe(false);
      expect(running()).toEqual([]);
      expect(existsSync(join(dataDir, 'start.lock'))).toBe(false);
      expect(readStackFile(dataDir)).toMatchObject({ status: 'stopped' });
    },
    DEADLINE_MS,
  );

  it('leaves no process behind when it is stopped while it starts', async () => {
    const run = start({ SAMPLES: 'off' });
    await run.prints('Postgres   up');
    const parts = running().map(record);
    run.process.kill('SIGTERM');
    expect(await run.exitCode).toBe(0);
    expect(parts.some(isRunning)).toBe(false);
    expect(running()).toEqual([]);
    expect(existsSync(join(dataDir, 'start.lock'))).toBe(false);
  });

  describe('with a Postgres and a Temporal given', () => {
    let database: TestDatabase;
    let own: string;

    beforeAll(async () => {
      database = await createTestDatabase();
      own = join(folder, 'own');
    });
    afterAll(() => database.drop());

    it('uses them and starts none of its own', async () => {
      const run = start({
        DATABASE_URL: database.databaseUrl,
        TEMPORAL_ADDRESS: process.env.TEST_TEMPORAL_ADDRESS!,
        DATA_DIR: own,
        SAMPLES: 'off',
      });
      await run.prints('\nready ');
      expect(readdirSync(join(own, 'run')).sort()).toEqual(['api.json', 'worker.json']);
      run.process.kill('SIGINT');
      expect(await run.exitCode).toBe(0);
      expect(existsSync(join(own, 'postgres'))).toBe(false);
      expect(existsSync(join(own, 'temporal'))).toBe(false);
    });

    it('says which of them does not answer', async () => {
      const noTemporal = start({
        DATABASE_URL: database.databaseUrl,
        TEMPORAL_ADDRESS: '127.0.0.1:9',
        DATA_DIR: own,
      });
      expect(await noTemporal.exitCode).toBe(1);
      expect(noTemporal.output()).toContain('Temporal at 127.0.0.1:9, namespace default, does not answer');

      const noDatabase = start({
        DATABASE_URL: 'postgres://someone:secret@127.0.0.1:9/jobs',
        TEMPORAL_ADDRESS: process.env.TEST_TEMPORAL_ADDRESS!,
        DATA_DIR: own,
      });
      expect(await noDatabase.exitCode).toBe(1);
      expect(noDatabase.output()).toContain('The database at 127.0.0.1:9/jobs does not answer');
      expect(noDatabase.output()).not.toContain('secret');
    });
  });

  it('names the setting that is wrong', async () => {
    const run = start({ API_PORT: 'http' });
    expect(await run.exitCode).toBe(1);
    expect(run.output()).toContain('API_PORT');
    expect(run.output().trim().split('\n')).toHaveLength(1);
  });
});
