import type { Db } from '../../db/connection';

/**
 * Where any of the texts stands in the database: every row of every table, whatever its columns, as text. As `table: text`.
 */
export async function findInDatabase(db: Db, texts: readonly string[]): Promise<string[]> {
  const { rows: tables } = await db.raw<{ rows: { name: string }[] }>(
    `select table_name as name from information_schema.tables
     where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    for (const text of texts) {
      const { rows } = await db.raw<{ rows: { count: number }[] }>(
        'select count(*) as count from ?? as held where held::text ilike ?',
        [name, `%${text}%`],
      );
      if (rows[0]!.count > 0) found.push(`${name}: ${text}`);
    }
  }
  return found;
}
