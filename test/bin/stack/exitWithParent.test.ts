import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

describe('a child of npm start', () => {
  const start = (script: string, ipc: boolean) => {
    const loader = pathToFileURL(require.resolve('tsx')).href;
    const module = JSON.stringify(join(__dirname, '../../../bin/stack/exitWithParent.ts'));
    const code = `require(${module}).exitWithParent(); ${script}`;
    return spawn(process.execPath, ['--import', loader, '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit', ...(ipc ? (['ipc'] as const) : [])],
    });
  };

  it('is told to end when its parent is gone, and may finish what it does', async () => {
    const child = start(
      `process.on('SIGTERM', () => { console.log('finished'); process.exit(0); });
       setInterval(() => {}, 1000); process.send('up');`,
      true,
    );
    await once(child, 'message');
    const output = once(child.stdout!, 'data');
    child.disconnect();
    expect(String(await output)).toBe('finished\n');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('is not kept alive by the channel to its parent', async () => {
    const child = start('', true);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('runs on its own just as well', async () => {
    const child = start(`console.log('alone')`, false);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
