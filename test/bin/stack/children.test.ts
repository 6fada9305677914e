import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ChildSpec, stopOrphans, supervise } from '../../../bin/stack/children';
import { identify, isRunning } from '../../../bin/stack/processes';

describe('the children of the stack', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'children-test-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const spec = (script: string, changes: Partial<ChildSpec> = {}): ChildSpec => ({
    name: 'part',
    command: process.execPath,
    args: ['-e', script],
    environment: process.env,
    stopSteps: [
      { signal: 'SIGTERM', waitMs: 300 },
      { signal: 'SIGKILL', waitMs: 5_000 },
    ],
    ...changes,
  });
  const start = (
    child: ChildSpec,
    options: { report?: (sentence: string) => void; signal?: AbortSignal } = {},
  ) =>
    supervise({
      dataDir,
      spec: child,
      probe: ({ process: node }) =>
        child.ipc ? new Promise((resolve) => node.once('message', resolve)) : Promise.resolve(),
      readyDeadlineMs: 10_000,
      report: () => undefined,
      ...options,
    });
  const IDLE = `process.send?.('ready'); setInterval(() => {}, 1000);`;

  it('leave no process and no pid file behind when stopped', async () => {
    const child = await start(spec(IDLE, { ipc: true }));
    const identity = identify(child.pid()!)!;
    expect(JSON.parse(readFileSync(join(dataDir, 'run', 'part.json'), 'utf8'))).toMatchObject(identity);
    await child.stop();
    expect(isRunning(identity)).toBe(false);
    expect(readdirSync(join(dataDir, 'run'))).toEqual([]);
    await child.stop();
  });

  it('are killed when they ignore the polite signal', async () => {
    const child = await start(spec(`process.on('SIGTERM', () => {}); ${IDLE}`, { ipc: true }));
    const identity = identify(child.pid()!)!;
    await child.stop();
    expect(isRunning(identity)).toBe(false);
  });

  it('fail to start with the end of what they wrote', async () => {
    const failing = start(spec(`console.error('no disk left'); process.exit(3)`, { ipc: true }));
    await expect(failing).rejects.toThrow(/it ended with exit code 3; the end of its log:\n {2}no disk left/);
    await expect(start(spec('', { command: '/nowhere/program' }))).rejects.toThrow('ENOENT');
  });

  it('are gone when the start is called off', async () => {
    const stop = new AbortController();
    const starting = start(spec(`setInterval(() => {}, 1000)`, { ipc: true }), { signal: stop.signal });
    const record = join(dataDir, 'run', 'part.json');
    const identity = JSON.parse(readFileSync(record, 'utf8'));
    expect(isRunning(identity)).toBe(true);
    stop.abort();
    await expect(starting).rejects.toThrow('told to stop');
    expect(isRunning(identity)).toBe(false);
    expect(existsSync(record)).toBe(false);
  });

  it('are started again when they die, as often as it takes, and it is told', async () => {
    // Dies twice at once after the kill, then stays.
    const counter = join(dataDir, 'starts');
    const script = `
      const fs = require('node:fs');
      fs.appendFileSync(${JSON.stringify(counter)}, '.');
      const starts = fs.statSync(${JSON.stringify(counter)}).size;
      if (starts === 2) process.exit(7);
      ${IDLE}`;
    const sentences: string[] = [];
    let isUpAgain: () => void;
    const upAgain = new Promise<void>((resolve) => (isUpAgain = resolve));
    const report = (sentence: string) => {
      sentences.push(sentence);
      if (sentence.includes('up again')) isUpAgain();
    };
    const child = await start(spec(script, { ipc: true }), { report });
    process.kill(child.pid()!, 'SIGKILL');
    await upAgain;
    expect(statSync(counter).size).toBe(3);
    expect(sentences).toEqual([
      'part ended unexpectedly (signal SIGKILL); starting it again in 0.5 s',
      expect.stringContaining('part did not come up: it ended with exit code 7'),
      'part ended unexpectedly (exit code 7); starting it again in 1 s',
      expect.stringMatching(/^part is up again \(process \d+\)$/),
    ]);
    await child.stop();
    expect(child.pid()).toBeUndefined();
  });

  it('are not started again when stopped during the pause before a restart', async () => {
    let hasDied: () => void;
    const died = new Promise<void>((resolve) => (hasDied = resolve));
    const child = await start(spec(IDLE, { ipc: true }), { report: () => hasDied() });
    process.kill(child.pid()!, 'SIGKILL');
    await died;
    await child.stop();
    expect(child.pid()).toBeUndefined();
    expect(existsSync(join(dataDir, 'run', 'part.json'))).toBe(false);
  });

  it('begin a new log when the old one has grown large, and keep the old one', async () => {
    mkdirSync(join(dataDir, 'logs'));
    writeFileSync(join(dataDir, 'logs', 'part.log'), Buffer.alloc(11 * 1024 * 1024, 'x'));
    const child = await start(spec(`console.log('new'); ${IDLE}`, { ipc: true }));
    await child.stop();
    expect(readFileSync(join(dataDir, 'logs', 'part.log'), 'utf8')).toBe('new\n');
    expect(statSync(join(dataDir, 'logs', 'part.log.1')).size).toBe(11 * 1024 * 1024);
  });

  describe('left over from a run that was killed', () => {
    const startRun = async () => {
      const run = spawn(
        process.execPath,
        [
          '--import',
          pathToFileURL(require.resolve('tsx')).href,
          require.resolve('../../support/superviseUntilKilled'),
          dataDir,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await once(run.stdout, 'data');
      return run;
    };

    it('are recognised, stopped in order and named; a recycled pid is left alone', async () => {
      const run = await startRun();
      const records = ['api', 'postgres'].map((name) =>
        JSON.parse(readFileSync(join(dataDir, 'run', `${name}.json`), 'utf8')),
      );
      run.kill('SIGKILL');
      await once(run, 'exit');
      expect(records.map(isRunning)).toEqual([true, true]);
      const recycled = { name: 'worker', pid: process.pid, startTime: 'long ago', stopSteps: [] };
      writeFileSync(join(dataDir, 'run', 'worker.json'), JSON.stringify(recycled));
      writeFileSync(join(dataDir, 'run', 'temporal.json'), '{"pid":');

      expect(await stopOrphans(dataDir, ['api', 'worker', 'temporal', 'postgres'])).toEqual([
        `stopped api (process ${records[0].pid}), left over from a run that was killed`,
        `stopped postgres (process ${records[1].pid}), left over from a run that was killed`,
      ]);
      expect(records.map(isRunning)).toEqual([false, false]);
      expect(readdirSync(join(dataDir, 'run'))).toEqual([]);
    });
  });
});
