import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  postgresPassword: z.string().min(16).max(200),
  keyPepper: z.string().min(32).max(200),
  /** Not in folders made before there was a Meilisearch: added then. */
  meiliMasterKey: z.string().min(16).max(200).optional(),
  /** Likewise, in folders made before anything was encrypted. 32 bytes in base64. */
  keyEncryptionKey: z.string().length(44).optional(),
});

export type Secrets = Required<z.infer<typeof secretsSchema>>;

/**
 * The secrets of the stack in this folder, made at random the first time and kept in `secrets.json` for its owner alone.
 * @throws Error with a sentence when the file is there and cannot be used.
 */
export function loadSecrets(dataDir: string): Secrets {
  const path = join(dataDir, 'secrets.json');
  const known = readSecrets(path);
  const secrets: Secrets = {
    postgresPassword: known?.postgresPassword ?? randomBytes(24).toString('base64url'),
    keyPepper: known?.keyPepper ?? randomBytes(32).toString('base64url'),
    meiliMasterKey: known?.meiliMasterKey ?? randomBytes(24).toString('base64url'),
    keyEncryptionKey: known?.keyEncryptionKey ?? randomBytes(32).toString('base64'),
  };
  if (Object.keys(secrets).length > Object.keys(known ?? {}).length) writeSecrets(dataDir, path, secrets);
  return secrets;
}

function readSecrets(path: string): z.infer<typeof secretsSchema> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `${path} is damaged: restore it, or remove the whole folder ${path.replace(/[^/\\]*$/, '')} to begin anew.`,
    );
  }
}

function writeSecrets(dataDir: string, path: string, secrets: Secrets): void {
  mkdirSync(dataDir, { recursive: true });
  // Whole or not at all: losing them would lock us out of the database made with them.
  const draft = `${path}.draft`;
  writeFileSync(draft, JSON.stringify(secrets), { mode: 0o600 });
  renameSync(draft, path);
}
