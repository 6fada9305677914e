import { ACCOUNT_TABLES } from '../../db/accountRecords';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** They hold bare ids, or are dealt with by themselves. */
const APART = ['accounts', 'erasures', 'matching_changes'];

describe('the list of tables that hold something about accounts', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('misses no table that knows accounts, keys, owners or addresses', async () => {
    const { rows } = await database.db.raw<{ rows: { name: string }[] }>(
      `select distinct c.table_name as name
       from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'
         and c.column_name in ('account_id', 'key_id', 'owner', 'email') order by 1`,
    );
    const listed = [...ACCOUNT_TABLES.map(({ table }) => table), ...APART].sort();
    expect(rows.map(({ name }) => name).filter((name) => !listed.includes(name))).toEqual([]);
  });

  it('leaves no column out of the export but the account itself, hashes and answers', async () => {
    const leftOut: string[] = [];
    for (const { table, exported } of ACCOUNT_TABLES) {
      if (!exported) continue;
      const columns = Object.keys(await database.db(table).columnInfo());
      const shown = exported.columns.map((column) => column.replace(/::.*/, ''));
      leftOut.push(
        ...columns.filter((column) => !shown.includes(column)).map((column) => `${table}.${column}`),
      );
    }
    expect(leftOut).toEqual([
      'signups.account_id',
      'signups.sealed_secret',
      'api_keys.account_id',
      'api_keys.hash',
      'webhook_deliveries.account_id',
      'webhook_deliveries.payload_id',
      'webhook_told_jobs.account_id',
      'webhook_endpoints.account_id',
      'webhook_endpoints.sealed_url',
      'webhook_endpoints.sealed_headers',
      'webhook_endpoints.sealed_secret',
      'webhook_endpoints.sealed_previous_secret',
      'saved_searches.account_id',
      'billing_periods.account_id',
      'usage_hours.account_id',
      'events.account_id',
      'events.occurrence',
      'idempotency_keys.owner',
      'idempotency_keys.request_hash',
      'idempotency_keys.answer',
      'idempotency_keys.sealed_answer',
      'audit_log.account_id',
      'request_log.account_id',
    ]);
  });
});
