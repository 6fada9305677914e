import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { printLine } from '../bin/commands/output';
import type { SupervisedChild } from '../bin/stack/children';
import { startApi } from '../bin/stack/nodeProcess';
import { anyFreePort } from '../bin/stack/ports';
import type { BenchStack } from './stack';

export interface ApiProcess {
  origin: string;
  /** Started again when it dies. */
  child: SupervisedChild;
}

/** Starts an API process on the stack's database, with a folder of its own. */
async function startAnotherApi(
  { file, config, secrets, dataDir }: BenchStack,
  { name, settings = {} }: { name: string; settings?: NodeJS.ProcessEnv },
): Promise<ApiProcess> {
  const folder = join(dataDir, name);
  mkdirSync(folder, { recursive: true });
  const port = await anyFreePort();
  const origin = `http://127.0.0.1:${port}`;
  const meilisearch = file.meiliUrl === undefined ? {} : { MEILI_URL: file.meiliUrl };
  const child = await startApi(origin, {
    dataDir: folder,
    environment: {
      API_PORT: String(port),
      OPERATORS_PORT: '',
      DATA_DIR: folder,
      DATABASE_URL: file.databaseUrl,
      TEMPORAL_ADDRESS: file.temporalAddress,
      TEMPORAL_NAMESPACE: file.temporalNamespace,
      KEY_PEPPER: secrets.keyPepper,
      KEY_ENCRYPTION_KEY: secrets.keyEncryptionKey,
      MEILI_MASTER_KEY: config.meiliMasterKey ?? secrets.meiliMasterKey,
      ...meilisearch,
      ...settings,
    },
    report: printLine,
  });
  return { origin, child };
}

/** With so many API processes, ended afterwards. */
export async function withApis<T>(
  stack: BenchStack,
  { names, settings }: { names: readonly string[]; settings?: NodeJS.ProcessEnv },
  action: (apis: ApiProcess[]) => Promise<T>,
): Promise<T> {
  const apis: ApiProcess[] = [];
  try {
    for (const name of names) apis.push(await startAnotherApi(stack, { name, settings }));
    return await action(apis);
  } finally {
    await Promise.all(apis.map(({ child }) => child.stop()));
  }
}
