import { randomBytes } from 'node:crypto';
import { connect, type Db } from '../../db/connection';

export interface TestDatabase {
  db: Db;
  databaseUrl: string;
  /** Closes the pool and drops the database, whoever else is connected. */
  drop: () => Promise<void>;
}

/** A database of the test's own, at the newest schema and empty: a copy of the one the global set-up migrated. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const templateUrl = process.env.TEST_DATABASE_URL;
  if (!templateUrl)
    throw new Error('TEST_DATABASE_URL is not set: the global set-up of the tests did not run.');
  const template = new URL(templateUrl).pathname.slice(1);
  const name = `test_${process.env.JEST_WORKER_ID ?? '0'}_${randomBytes(6).toString('hex')}`;
  await administrate(templateUrl, `create database ${name} template ${template}`);

  const url = new URL(templateUrl);
  url.pathname = `/${name}`;
  const db = connect({ databaseUrl: url.href, applicationName: name });
  return {
    db,
    databaseUrl: url.href,
    drop: async () => {
      await db.destroy();
      await administrate(templateUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

/** Runs a statement beside the databases of the tests: one that is connected to cannot be copied. */
async function administrate(anyUrl: string, statement: string): Promise<void> {
  const url = new URL(anyUrl);
  url.pathname = '/postgres';
  const db = connect({ databaseUrl: url.href, poolSize: 1 });
  try {
    await db.raw(statement);
  } finally {
    await db.destroy();
  }
}
