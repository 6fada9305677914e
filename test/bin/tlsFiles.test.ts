import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsMaterial } from '../../api/server';
import { readTlsFiles, watchTlsFiles, type TlsFiles } from '../../bin/tlsFiles';
import { testCertificate } from '../support/certificates';
import { until } from '../support/until';

const first = testCertificate('first');
const second = testCertificate('second');

describe('the files of the certificate', () => {
  let folder: string;
  let files: TlsFiles;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tls-test-'));
    files = { certPath: join(folder, 'cert.pem'), keyPath: join(folder, 'key.pem') };
    write(first);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = ({ cert, key }: Partial<TlsMaterial>) => {
    if (cert !== undefined) writeFileSync(files.certPath, cert);
    if (key !== undefined) writeFileSync(files.keyPath, key);
  };

  it('are read', () => {
    expect(readTlsFiles(files)).toEqual({ cert: first.cert, key: first.key });
  });

  it.each([
    ['TLS_CERT', 'is damaged', { cert: 'nonsense' }],
    ['TLS_KEY', 'is damaged', { key: 'nonsense' }],
    ['TLS_CERT', 'holds a key', { cert: first.key }],
    ['TLS_KEY', 'holds a certificate', { key: first.cert }],
    ['TLS_KEY', 'is of another certificate', { key: second.key }],
  ])('are refused by the name of %s when that %s', (variable, _what, content) => {
    write(content);
    expect(() => readTlsFiles(files)).toThrow(new RegExp(`^${variable}: ${folder}`));
  });

  it.each(['certPath', 'keyPath'] as const)('are refused when %s leads nowhere', (path) => {
    const variable = path === 'certPath' ? 'TLS_CERT' : 'TLS_KEY';
    expect(() => readTlsFiles({ ...files, [path]: join(folder, 'nothing') })).toThrow(
      new RegExp(`^${variable}: .* cannot be read`),
    );
  });

  it('are handed on once when both are renewed, and not while only one is', async () => {
    const renewed: TlsMaterial[] = [];
    const faults: unknown[] = [];
    const stop = watchTlsFiles(files, readTlsFiles(files), {
      renew: (material) => renewed.push(material),
      onFault: (fault) => faults.push(fault),
      everyMs: 5,
    });
    write({ cert: second.cert });
    await until(() => faults.length > 1);
    expect(renewed).toEqual([]);
    write({ key: second.key });
    await until(() => renewed.length > 0);
    const seen = faults.length;
    write(first);
    await until(() => renewed.length > 1);
    stop();
    expect(renewed).toEqual([second, first].map(({ cert, key }) => ({ cert, key })));
    expect(faults.length - seen).toBeLessThanOrEqual(1);
  });
});
