import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireLock, AlreadyRunningError } from '../../../bin/stack/lock';
import { identify } from '../../../bin/stack/processes';

describe('the lock of a data folder', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-test-'));
    path = join(folder, 'start.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is held by one process at a time, and free again when released', async () => {
    const lock = await acquireLock(folder);
    await expect(acquireLock(folder)).rejects.toThrow(AlreadyRunningError);
    await expect(acquireLock(folder)).rejects.toMatchObject({ pid: process.pid });
    lock.release();
    expect(existsSync(path)).toBe(false);
    (await acquireLock(folder)).release();
  });

  it('is taken over from a process that was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    writeFileSync(path, JSON.stringify(identify(child.pid!)));
    await expect(acquireLock(folder)).rejects.toThrow(AlreadyRunningError);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await acquireLock(folder);
    expect(lock.takenOverFrom).toBe(child.pid);
    lock.release();
  });

  it('is taken over when the pid belongs to another process by now', async () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, startTime: 'long ago' }));
    const lock = await acquireLock(folder);
    expect(lock.takenOverFrom).toBe(process.pid);
    lock.release();
  });

  it('is taken over when its writer was killed before a word was written', async () => {
    writeFileSync(path, '');
    const aMinuteAgo = Date.now() / 1_000 - 60;
    utimesSync(path, aMinuteAgo, aMinuteAgo);
    (await acquireLock(folder)).release();
  });

  it('goes to exactly one of several that find a stale one at once', async () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, startTime: 'long ago' }));
    const attempts = await Promise.allSettled([1, 2, 3, 4, 5].map(() => acquireLock(folder)));
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['start.lock']);
  });
});
