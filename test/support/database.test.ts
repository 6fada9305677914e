import { createTestDatabase } from './database';

describe('the database of a test', () => {
  it('has the newest schema and belongs to that test alone', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    try {
      await one.db.raw('create table mine (n int)');
      await expect(other.db.raw('select * from mine')).rejects.toThrow('does not exist');
      const { rows } = await one.db.raw('select count(*) as count from knex_migrations');
      expect(rows[0].count).toBeGreaterThan(0);
    } finally {
      await Promise.all([one.drop(), other.drop()]);
    }
  });
});
