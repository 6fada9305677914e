import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsMaterial } from '../../api/server';

export interface TestCertificate extends TlsMaterial {
  certPath: string;
  keyPath: string;
}

/** A self-signed certificate for `localhost` and `127.0.0.1`, valid until 2120, of use to nobody but these tests. */
export function testCertificate(name: 'first' | 'second'): TestCertificate {
  const [certPath, keyPath] = ['cert', 'key'].map((part) =>
    join(__dirname, 'certificates', `${name}.${part}.pem`),
  ) as [string, string];
  return { certPath, keyPath, cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8') };
}
