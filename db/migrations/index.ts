import type { Knex } from 'knex';
import { jobs } from './0001_jobs';
import { accounts } from './0002_accounts';
import { sources } from './0003_sources';
import { push } from './0004_push';
import { screening } from './0005_screening';
import { inlinePostings } from './0006_inlinePostings';
import { tombstones } from './0007_tombstones';
import { market } from './0008_market';
import { searchWords } from './0009_searchWords';
import { jobsChanged } from './0010_jobsChanged';
import { searchIndexes } from './0011_searchIndexes';
import { keysChanged } from './0012_keysChanged';
import { metering } from './0013_metering';
import { signups } from './0014_signups';
import { status } from './0015_status';
import { keys } from './0016_keys';
import { erasure } from './0017_erasure';
import { webhooks } from './0018_webhooks';

const migrations: Record<string, Knex.Migration> = {
  '0001_jobs': jobs,
  '0002_accounts': accounts,
  '0003_sources': sources,
  '0004_push': push,
  '0005_screening': screening,
  '0006_inlinePostings': inlinePostings,
  '0007_tombstones': tombstones,
  '0008_market': market,
  '0009_searchWords': searchWords,
  '0010_jobsChanged': jobsChanged,
  '0011_searchIndexes': searchIndexes,
  '0012_keysChanged': keysChanged,
  '0013_metering': metering,
  '0014_signups': signups,
  '0015_status': status,
  '0016_keys': keys,
  '0017_erasure': erasure,
  '0018_webhooks': webhooks,
};

/** Migrations as imported modules, so that they run the same from source, from tests and from a bundle. */
export const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: () => Promise.resolve(Object.keys(migrations)),
  getMigrationName: (name) => name,
  getMigration: (name) => {
    const migration = migrations[name];
    if (!migration) throw new Error(`There is no migration named ${name}.`);
    return Promise.resolve(migration);
  },
};
