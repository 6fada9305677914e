import type { ErasureReport } from '../domain/erasure';
import { AppError } from '../domain/errors';
import type { Timestamp } from '../domain/time';
import { ACCOUNT_TABLES, type AccountTable } from './accountRecords';
import { recordAct } from './auditLog';
import type { Db } from './connection';

/** An account that is to be erased, or was. */
export interface Erasure {
  id: string;
  accountId: string;
  requestedAt: Timestamp;
  finishedAt: Timestamp | null;
}

/** Enough to make statements pay, few enough that each is over in a moment. */
const ROWS_PER_SLICE = 10_000;
/** Keep that something happened to an account by its id alone. */
const TABLES_OF_BARE_IDS = ['audit_log', 'erasures', 'matching_changes'];

const ERASURE_COLUMNS = `id, account_id as "accountId", requested_at as "requestedAt", finished_at as "finishedAt"`;

/**
 * Marks an account as being erased: from the commit on none of its keys works. Asking again gives the erasure under way. To be called
 * in a transaction; what is marked is erased by the workflow `eraseAccount`.
 * @param actor who asks, as in the audit log.
 * @throws AppError `not_found` when there is no such account.
 */
export async function requestErasure(
  db: Db,
  { id, accountId, actor, now }: { id: string; accountId: string; actor: string; now: Timestamp },
): Promise<Erasure> {
  const marked = await db('accounts')
    .where({ id: accountId })
    .update({ erasing_since: db.raw('coalesce(erasing_since, ?)', [now]) });
  if (marked === 0) throw new AppError('not_found', `There is no account ${accountId.slice(0, 100)}.`);
  const { rows } = await db.raw<{ rows: Erasure[] }>(
    `insert into erasures (id, account_id, requested_at) values (:id, :accountId, :now)
     on conflict (account_id) do nothing returning ${ERASURE_COLUMNS}`,
    { id, accountId, now },
  );
  const [erasure] = rows;
  if (!erasure) return await readErasure(db, { accountId });
  await recordAct(db, { actor, action: 'account.erasure_requested', accountId, now });
  return erasure;
}

/** @throws AppError `not_found`. */
export async function readErasure(db: Db, wanted: { id: string } | { accountId: string }): Promise<Erasure> {
  const [column, value] = 'id' in wanted ? ['id', wanted.id] : ['account_id', wanted.accountId];
  const { rows } = await db.raw<{ rows: Erasure[] }>(`select ${ERASURE_COLUMNS} from erasures where ?? = ?`, [
    column,
    value,
  ]);
  if (rows[0]) return rows[0];
  throw new AppError('not_found', `There is no erasure of ${column} ${value.slice(0, 100)}.`);
}

/** Erasures that are not finished and were asked for before a time, in order of their ids, behind one of them. */
export async function listUnfinishedErasures(
  db: Db,
  { requestedBefore, afterId, most }: { requestedBefore: Timestamp; afterId: string; most: number },
): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `select id from erasures where finished_at is null and requested_at < :requestedBefore and id > :afterId
     order by id limit :most`,
    { requestedBefore, afterId, most },
  );
  return rows.map(({ id }) => id);
}

/** Ends every key of an account. */
export async function revokeAllKeys(db: Db, accountId: string, now: Timestamp): Promise<void> {
  await db('api_keys').where({ account_id: accountId, revoked_at: null }).update({ revoked_at: now });
}

/**
 * Removes a slice of what a table holds of an account, or takes the person out of it, and counts the rows in the erasure by the same
 * statement: whatever is interrupted, what was counted was removed. Returns their number, 0 once nothing is left.
 */
export async function eraseSlice(
  db: Db,
  { id, accountId }: Pick<Erasure, 'id' | 'accountId'>,
  { table, belongs, anonymised }: AccountTable,
): Promise<number> {
  const act = anonymised ? `update ${table} set ${anonymised.set}` : `delete from ${table}`;
  const left = anonymised ? `${belongs} and ${anonymised.where}` : belongs;
  const { rows } = await db.raw<{ rows: { count: number }[] }>(
    `with erased as (
       ${act} where ctid = any (array(select ctid from ${table} where ${left} limit :most)) returning 1
     ), counted as (select count(*) as count from erased)
     update erasures set removed = removed || jsonb_build_object(
       cast(:table as text), coalesce((removed ->> :table)::bigint, 0) + counted.count)
     from counted where id = :id returning counted.count`,
    { id, accountId, table, most: ROWS_PER_SLICE },
  );
  return rows[0]?.count ?? 0;
}

/** Whether an account is on its way out: no key of it works any more. */
export async function isBeingErased(db: Db, accountId: string): Promise<boolean> {
  const { rows } = await db.raw<{ rows: { isErasing: boolean }[] }>(
    'select erasing_since is not null as "isErasing" from accounts where id = ?',
    [accountId],
  );
  return rows[0]?.isErasing ?? false;
}

/** Whom to tell that an account is erased; null when its address is forgotten already, or was told. */
export async function findHolderToTell(
  db: Db,
  erasureId: string,
): Promise<{ email: string; name: string | null } | null> {
  const { rows } = await db.raw<{ rows: { email: string; name: string | null }[] }>(
    `select a.email, a.name from erasures e join accounts a on a.id = e.account_id
     where e.id = :erasureId and e.told_at is null`,
    { erasureId },
  );
  return rows[0] ?? null;
}

/** The address of an account that is being erased; null when it is forgotten already. */
export async function findErasedEmail(db: Db, erasureId: string): Promise<string | null> {
  const { rows } = await db.raw<{ rows: { email: string }[] }>(
    'select a.email from erasures e join accounts a on a.id = e.account_id where e.id = ?',
    [erasureId],
  );
  return rows[0]?.email ?? null;
}

/** Notes that the holder was told. */
export async function markHolderTold(db: Db, erasureId: string, now: Timestamp): Promise<void> {
  await db('erasures').where({ id: erasureId }).update({ told_at: now });
}

/**
 * Ends an erasure in one transaction: removes what came in meanwhile and the account itself, makes sure that nothing of it is
 * left, and keeps the proof. One that is finished stays as it is.
 * @throws AppError `internal` naming the tables that still hold something of the account: then nothing was done.
 */
export async function finishErasure(db: Db, id: string, now: Timestamp): Promise<ErasureReport> {
  return await db.transaction(async (transaction) => {
    const { accountId, finishedAt } = await lockErasure(transaction, id);
    if (finishedAt === null) {
      const email = await removeAccount(transaction, { id, accountId });
      const tables = await tablesWithTraces(transaction, { accountId, email });
      if (tables.length > 0) {
        throw new AppError('internal', `Something of the account is left in ${tables.join(', ')}.`);
      }
      await recordAct(transaction, { actor: 'system', action: 'account.erased', accountId, now });
      await transaction('erasures').where({ id }).update({ finished_at: now });
    }
    return await readReport(transaction, id);
  });
}

async function lockErasure(db: Db, id: string): Promise<Erasure> {
  await db.raw('select from erasures where id = ? for update', [id]);
  return await readErasure(db, { id });
}

/** Removes the account with what is left of its records. Returns the address that it had. */
async function removeAccount(db: Db, erasure: Pick<Erasure, 'id' | 'accountId'>): Promise<string | null> {
  // Whoever stores something of it holds the account first: it is waited for, and who comes later finds no account.
  await db.raw('select from accounts where id = ? for update', [erasure.accountId]);
  for (const table of ACCOUNT_TABLES) {
    while ((await eraseSlice(db, erasure, table)) > 0);
  }
  const { rows } = await db.raw<{ rows: { email: string }[] }>(
    'delete from accounts where id = ? returning email',
    [erasure.accountId],
  );
  await db.raw(
    `update erasures set removed = removed || jsonb_build_object('accounts', cast(:count as integer)) where id = :id`,
    { id: erasure.id, count: rows.length },
  );
  return rows[0]?.email ?? null;
}

/** Columns by which a table may know an account, whatever tables there are. */
const IDENTIFYING_COLUMNS = ['account_id', 'owner', 'email'];

/** Tables that know the account by its id or its address; those that keep bare ids aside. */
async function tablesWithTraces(
  db: Db,
  { accountId, email }: { accountId: string; email: string | null },
): Promise<string[]> {
  const { rows: columns } = await db.raw<{ rows: { table: string; column: string }[] }>(
    `select c.table_name as table, c.column_name as column
     from information_schema.columns c
     join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'
       and c.column_name = any (?) and c.table_name <> all (?)
     order by 1, 2`,
    [IDENTIFYING_COLUMNS, TABLES_OF_BARE_IDS],
  );
  const traces: string[] = [];
  for (const { table, column } of columns) {
    const value = column === 'email' ? email : accountId;
    const { rows } = await db.raw<{ rows: { found: boolean }[] }>(
      'select exists (select from ?? where ?? = ?) as found',
      [table, column, value],
    );
    if (rows[0]?.found) traces.push(table);
  }
  return traces;
}

async function readReport(db: Db, id: string): Promise<ErasureReport> {
  const { rows } = await db.raw<{ rows: ErasureReport[] }>(
    `select requested_at as "requestedAt", finished_at as "finishedAt", removed, told_at is not null as told
     from erasures where id = :id and finished_at is not null`,
    { id },
  );
  if (rows[0]) return rows[0];
  throw new AppError('not_found', `There is no finished erasure ${id.slice(0, 100)}.`);
}
