import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOperatorToken, makeOperatorToken } from '../../api/operatorToken';
import type { Config } from '../config';

/**
 * The hash of the operators' token of the local stack: the one that is set, else that of a token made the first time and kept in
 * `operator-token` in the data folder for its owner alone.
 */
export function provideOperatorToken({
  dataDir,
  operatorsTokenHash,
}: Pick<Config, 'dataDir' | 'operatorsTokenHash'>): { hash: string; file: string | undefined } {
  if (operatorsTokenHash !== undefined) return { hash: operatorsTokenHash, file: undefined };
  const file = join(dataDir, 'operator-token');
  const token = readToken(file) ?? keepToken(file, makeOperatorToken());
  return { hash: hashOperatorToken(token).toString('hex'), file };
}

function readToken(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').slice(0, 200).trim() || undefined;
  } catch {
    return undefined;
  }
}

function keepToken(file: string, token: string): string {
  writeFileSync(`${file}.draft`, `${token}\n`, { mode: 0o600 });
  renameSync(`${file}.draft`, file);
  return token;
}
