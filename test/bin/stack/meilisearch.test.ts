import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMeilisearchBinary } from '../../../bin/stack/meilisearchBinary';
import { pingMeilisearch, startMeilisearch } from '../../../bin/stack/meilisearchServer';
import { anyFreePort } from '../../../bin/stack/ports';
import { loadSecrets } from '../../../bin/stack/secrets';
import { describeWithMeilisearch } from '../../support/meilisearch';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meilisearch-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the search for Meilisearch', () => {
  let sentences: string[];

  beforeEach(() => {
    sentences = [];
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, 'cache', 'upwork-jobs-platform', 'meilisearch'), { recursive: true });
  });

  const program = (path: string, output: string) => {
    writeFileSync(path, `#!/bin/sh\necho "${output}"\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const onPath = (output: string) => program(join(folder, 'bin', 'meilisearch'), output);
  const cached = (output: string) =>
    program(join(folder, 'cache', 'upwork-jobs-platform', 'meilisearch', 'meilisearch'), output);
  const find = (explicit?: string) =>
    findMeilisearchBinary({
      explicit,
      environment: { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') },
      report: (sentence) => sentences.push(sentence),
    });

  it('takes MEILI_BIN, then PATH, then the cache', async () => {
    expect(await find()).toBeUndefined();
    const third = cached('meilisearch 1.49.0');
    expect(await find()).toEqual({ path: third, version: '1.49.0' });
    const second = onPath('meilisearch 1.50.0');
    expect(await find()).toEqual({ path: second, version: '1.50.0' });
    const first = program(join(folder, 'mine'), 'meilisearch 1.51.2');
    expect(await find(first)).toEqual({ path: first, version: '1.51.2' });
  });

  it('passes over one that is too old, and says so', async () => {
    onPath('meilisearch 1.15.2');
    const good = cached('meilisearch 1.50.0');
    expect(await find()).toMatchObject({ path: good });
    expect(sentences).toEqual([expect.stringContaining('version 1.15 is older than 1.18')]);
  });

  it('does not look further when MEILI_BIN cannot be used', async () => {
    onPath('meilisearch 1.50.0');
    await expect(find(program(join(folder, 'wrong'), 'hello'))).rejects.toThrow(
      /MEILI_BIN is .* cannot be used/,
    );
    await expect(find(join(folder, 'nothing'))).rejects.toThrow(/not installed/);
  });
});

describe('a secret of the stack', () => {
  it('is added to those made before there was one of its kind, which stay as they are', () => {
    const before = { postgresPassword: 'p'.repeat(20), keyPepper: 'k'.repeat(40) };
    writeFileSync(join(folder, 'secrets.json'), JSON.stringify(before));
    const secrets = loadSecrets(folder);
    expect(secrets).toMatchObject(before);
    expect(secrets.meiliMasterKey.length).toBeGreaterThanOrEqual(16);
    expect(Buffer.from(secrets.keyEncryptionKey, 'base64')).toHaveLength(32);
    expect(loadSecrets(folder)).toEqual(secrets);
  });
});

describeWithMeilisearch('a Meilisearch of the stack', () => {
  it('is up when the start is through, keeps what it holds for its own version alone, and is gone when stopped', async () => {
    const binary = await findMeilisearchBinary({
      explicit: process.env.MEILI_BIN,
      environment: process.env,
      report: () => undefined,
    });
    if (!binary) return; // MEILI_URL names one that runs elsewhere.
    mkdirSync(join(folder, 'meilisearch', '0.1.0'), { recursive: true });
    const server = await startMeilisearch({
      dataDir: folder,
      binary,
      port: await anyFreePort(),
      masterKey: 'a master key of the tests',
      report: () => undefined,
    });
    try {
      await pingMeilisearch(server.url);
      expect((await fetch(`${server.url}/indexes`)).status).toBe(401);
      expect(readdirSync(join(folder, 'meilisearch'))).toEqual([binary.version]);
    } finally {
      await server.stop();
    }
    await expect(pingMeilisearch(server.url)).rejects.toThrow();
  });
});
