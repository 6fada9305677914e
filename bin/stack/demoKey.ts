import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccount, findAccountByEmail } from '../../db/accounts';
import { findApiKey, hashApiKey, issueApiKey } from '../../db/apiKeys';
import type { Db } from '../../db/connection';
import { API_KEY_SCOPES } from '../../domain/apiKey';
import type { Timestamp } from '../../domain/time';

const EMAIL = 'demo@example.com';
/** Its window of 183 days shows everything that is ingested with fresh times. */
const PLAN = 'business';

export interface DemoKeyOptions {
  dataDir: string;
  pepper: string;
  now: Timestamp;
}

/**
 * A live key of the demo account that works on this database: the one of the run before (`demo-key` in the data folder)
 * as long as the database knows it, else a new one.
 */
export async function provideDemoKey(db: Db, { dataDir, pepper, now }: DemoKeyOptions): Promise<string> {
  const path = join(dataDir, 'demo-key');
  const earlier = readKey(path);
  if (earlier !== undefined) {
    const owner = await findApiKey(db, hashApiKey(earlier, pepper), now);
    if (owner && owner.key.revokedAt === null && owner.key.expiresAt === null) return earlier;
  }
  const secret = await db.transaction(async (transaction) => {
    const account =
      (await findAccountByEmail(transaction, EMAIL)) ??
      (await createAccount(transaction, { id: randomUUID(), email: EMAIL, planId: PLAN, name: 'Demo', now }));
    const key = await issueApiKey(transaction, {
      accountId: account.id,
      kind: 'live',
      scopes: API_KEY_SCOPES,
      expiresAt: null,
      name: 'key of npm start',
      pepper,
      now,
    });
    return key.secret;
  });
  writeFileSync(`${path}.draft`, `${secret}\n`, { mode: 0o600 });
  renameSync(`${path}.draft`, path);
  return secret;
}

function readKey(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').slice(0, 200).trim() || undefined;
  } catch {
    return undefined;
  }
}
