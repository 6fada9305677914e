import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOperatorToken } from '../../../api/operatorToken';
import { provideOperatorToken } from '../../../bin/stack/operatorToken';
import { loadSecrets } from '../../../bin/stack/secrets';
import { readStackFile, writeStackFile, type StackFile } from '../../../bin/stack/stackFile';

describe('the files of the data folder', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'files-test-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it('keep the secrets made at the first start, readable by their owner alone', () => {
    const secrets = loadSecrets(dataDir);
    expect(loadSecrets(dataDir)).toEqual(secrets);
    expect(Buffer.from(secrets.keyEncryptionKey, 'base64')).toHaveLength(32);
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
    const other = mkdtempSync(join(tmpdir(), 'files-test-'));
    expect(loadSecrets(other)).not.toEqual(secrets);
    rmSync(other, { recursive: true });
  });

  it('never replace damaged secrets by new ones, which would lock us out of the database', () => {
    writeFileSync(join(dataDir, 'secrets.json'), '{"postgresPassword":');
    expect(() => loadSecrets(dataDir)).toThrow(/secrets\.json is damaged: restore it/);
  });

  it("keep the operators' token, readable by its owner alone, unless the hash of another is set", () => {
    const { hash, file } = provideOperatorToken({ dataDir, operatorsTokenHash: undefined });
    expect(provideOperatorToken({ dataDir, operatorsTokenHash: undefined })).toEqual({ hash, file });
    expect(isOperatorToken(readFileSync(file!, 'utf8').trim(), Buffer.from(hash, 'hex'))).toBe(true);
    expect(statSync(file!).mode & 0o777).toBe(0o600);
    const own = 'a'.repeat(64);
    expect(provideOperatorToken({ dataDir, operatorsTokenHash: own })).toEqual({
      hash: own,
      file: undefined,
    });
  });

  it('tell where the stack runs; a file that cannot be read tells nothing', () => {
    expect(readStackFile(dataDir)).toBeUndefined();
    const stack: StackFile = {
      status: 'running',
      pid: 1,
      apiUrl: 'http://127.0.0.1:3000',
      databaseUrl: 'postgres://127.0.0.1:54321/jobs',
      temporalAddress: '127.0.0.1:7233',
      temporalNamespace: 'default',
      ports: { api: 3000 },
    };
    writeStackFile(dataDir, stack);
    expect(readStackFile(dataDir)).toEqual(stack);
    expect(statSync(join(dataDir, 'stack.json')).mode & 0o777).toBe(0o600);
    writeFileSync(join(dataDir, 'stack.json'), '{"status":"runn');
    expect(readStackFile(dataDir)).toBeUndefined();
  });
});
