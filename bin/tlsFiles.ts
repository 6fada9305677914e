import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TlsMaterial } from '../api/server';
import { ConfigError } from './config';

/** Paths of PEM files: the certificate with its chain, and its private key. */
export interface TlsFiles {
  certPath: string;
  keyPath: string;
}

const CHECK_EVERY_MS = 60_000;

/** @throws ConfigError with a sentence that names the variable whose file cannot be used. */
export function readTlsFiles({ certPath, keyPath }: TlsFiles): TlsMaterial {
  const cert = readText('TLS_CERT', certPath);
  const key = readText('TLS_KEY', keyPath);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch (error) {
    throw new ConfigError(`TLS_CERT: ${certPath} holds no certificate in PEM form.`, { cause: error });
  }
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(key);
  } catch (error) {
    throw new ConfigError(`TLS_KEY: ${keyPath} holds no private key in PEM form without a passphrase.`, {
      cause: error,
    });
  }
  if (!certificate.checkPrivateKey(privateKey))
    throw new ConfigError(`TLS_KEY: ${keyPath} is not the key of the certificate in TLS_CERT, ${certPath}.`);
  return { cert, key };
}

/**
 * Looks every minute whether the files have changed, and hands on what they hold then; connections that are open keep what they have.
 * Files that cannot be used, as while only one of the two is renewed, change nothing and are reported each time. Returns what ends it.
 */
export function watchTlsFiles(
  files: TlsFiles,
  current: TlsMaterial,
  { renew, onFault, everyMs = CHECK_EVERY_MS }: TlsFilesWatch,
): () => void {
  let { cert, key } = current;
  const watch = setInterval(() => {
    try {
      const found = readTlsFiles(files);
      if (found.cert === cert && found.key === key) return;
      renew(found);
      ({ cert, key } = found);
    } catch (error) {
      onFault(error);
    }
  }, everyMs);
  watch.unref();
  return () => clearInterval(watch);
}

interface TlsFilesWatch {
  renew: (material: TlsMaterial) => void;
  onFault: (error: unknown) => void;
  everyMs?: number;
}

function readText(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${variable}: ${path} cannot be read (${(error as Error).message}).`, {
      cause: error,
    });
  }
}
