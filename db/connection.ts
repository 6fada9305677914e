import knex, { type Knex } from 'knex';
import pg from 'pg';
import { migrationSource } from './migrations';

/** The pool, or a transaction: every query function takes either. */
export type Db = Knex;

const TIMESTAMPTZ = pg.types.builtins.TIMESTAMPTZ;
const INT8 = pg.types.builtins.INT8;
const NUMERIC = pg.types.builtins.NUMERIC;

/** Postgres's `2026-01-20 12:00:00.5+00` as `2026-01-20T12:00:00.500Z`; sessions run in UTC. */
function parseTimestamptz(text: string): string {
  const seconds = text.slice(11, 19);
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return `${text.slice(0, 10)}T${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
}

type TextParser = (text: string) => unknown;

const textParsers = new Map<number, TextParser>([
  [TIMESTAMPTZ, parseTimestamptz],
  [INT8, Number],
  [NUMERIC, Number],
]);

const customTypes = {
  getTypeParser: (oid: Parameters<typeof pg.types.getTypeParser>[0]): TextParser =>
    textParsers.get(oid) ?? (pg.types.getTypeParser(oid, 'text') as TextParser),
};

export interface ConnectionOptions {
  databaseUrl: string;
  /** Connections at most. */
  poolSize?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Takes what the pool has to say (a connection that cannot be had); nothing is printed. */
  onWarning?: (message: string) => void;
}

/**
 * Opens a pool. Timestamps come back as ISO 8601 text in UTC (`Timestamp`), bigints and numerics as numbers.
 */
export function connect({
  databaseUrl,
  poolSize = 10,
  applicationName,
  onWarning = () => undefined,
}: ConnectionOptions): Db {
  return knex({
    client: 'pg',
    connection: {
      connectionString: databaseUrl,
      application_name: applicationName,
      options: '-c timezone=UTC',
      types: customTypes,
    } as Knex.PgConnectionConfig,
    pool: { min: 0, max: poolSize },
    acquireConnectionTimeout: 10_000,
    // What is bound may be a secret or somebody's address: it must not get into the messages of errors.
    compileSqlOnError: false,
    log: {
      warn: (message: unknown) => onWarning(String(message)),
      error: (message: unknown) => onWarning(String(message)),
    },
  });
}

/** How much of a pool is taken. */
export interface PoolUse {
  /** Connections at work. */
  used: number;
  /** Open ones that have nothing to do. */
  free: number;
  /** Those who wait for one. */
  waiting: number;
  /** Connections that there may be. */
  most: number;
}

export function poolUse(db: Db): PoolUse {
  const { pool } = db.client as {
    pool: { max: number; numUsed(): number; numFree(): number; numPendingAcquires(): number };
  };
  return {
    used: pool.numUsed(),
    free: pool.numFree(),
    waiting: pool.numPendingAcquires(),
    most: pool.max,
  };
}

/** Brings the schema to the newest version; safe to call from several processes at once. */
export async function migrate(db: Db): Promise<void> {
  await db.transaction(async (transaction) => {
    // Knex's own lock fails the second caller; this one makes it wait.
    await transaction.raw(`select pg_advisory_xact_lock(hashtext('migrate'))`);
    await db.migrate.latest({ migrationSource });
  });
}
