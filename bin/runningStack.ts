import { Client, Connection } from '@temporalio/client';
import { connect, type Db } from '../db/connection';
import { type Config, ConfigError, loadConfig } from './config';
import { loadSecrets } from './stack/secrets';
import { readStackFile } from './stack/stackFile';

export interface RunningStack {
  config: Config;
  db: Db;
  pepper: string;
  connectTemporal(): Promise<Client>;
  close(): Promise<void>;
}

/**
 * Reaches the stack that runs under DATA_DIR, or the one the environment names (DATABASE_URL, TEMPORAL_ADDRESS, KEY_PEPPER).
 * @throws ConfigError when there is neither.
 */
function openRunningStack(): RunningStack {
  const config = loadConfig(process.env);
  const file = readStackFile(config.dataDir);
  const running = file?.status === 'running' ? file : undefined;
  const databaseUrl = pick(config.databaseUrl ?? running?.databaseUrl, 'DATABASE_URL', config);
  const db = connect({ databaseUrl, poolSize: 4, applicationName: 'cli' });
  let connection: Connection | undefined;
  return {
    config,
    db,
    pepper: pick(
      config.keyPepper ?? (running && loadSecrets(config.dataDir).keyPepper),
      'KEY_PEPPER',
      config,
    ),
    async connectTemporal() {
      const address = pick(config.temporalAddress ?? running?.temporalAddress, 'TEMPORAL_ADDRESS', config);
      connection = await Connection.connect({ address }).catch((error: unknown) => {
        throw new ConfigError(
          `Temporal does not answer at ${address}. Is the stack running? (${String(error)})`,
        );
      });
      return new Client({ connection, namespace: config.temporalNamespace });
    },
    async close() {
      await Promise.all([db.destroy(), connection?.close()]);
    },
  };
}

function pick(value: string | undefined, variable: string, config: Config): string {
  if (value !== undefined) return value;
  throw new ConfigError(
    `No stack runs under ${config.dataDir} and ${variable} is not set. Start one with npm start, or name one by DATA_DIR or by DATABASE_URL, TEMPORAL_ADDRESS and KEY_PEPPER.`,
  );
}

/** Runs a command against the running stack and closes what it opened. */
export async function withRunningStack<T>(action: (stack: RunningStack) => Promise<T>): Promise<T> {
  const stack = openRunningStack();
  try {
    return await action(stack);
  } finally {
    await stack.close();
  }
}
