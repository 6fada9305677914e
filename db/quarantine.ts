import type { Identity } from '../domain/identity';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';
import type { StoredPosting } from './postings';

export type QuarantineState = 'pending' | 'accepted' | 'rejected';

export interface QuarantinedPosting {
  id: number;
  identity: Identity;
  state: QuarantineState;
  batchId: string;
  rowNumber: number;
  title: string;
  rules: string[];
  heldAt: Timestamp;
}

interface QuarantineRow {
  id: number;
  identity_kind: Identity['kind'];
  identity_value: string;
  state: QuarantineState;
  batch_id: string;
  row_number: number;
  title: string;
  rules: string[];
  held_at: Timestamp;
}

const COLUMNS = 'id, identity_kind, identity_value, state, batch_id, row_number, title, rules, held_at';

function toQuarantined(row: QuarantineRow): QuarantinedPosting {
  return {
    id: row.id,
    identity: { kind: row.identity_kind, value: row.identity_value },
    state: row.state,
    batchId: row.batch_id,
    rowNumber: row.row_number,
    title: row.title,
    rules: row.rules,
    heldAt: row.held_at,
  };
}

/** Holds a posting for an operator, or renews the entry of one that is held: its newest row is the one to decide on. */
export async function holdPosting(
  db: Db,
  batchId: string,
  posting: Pick<StoredPosting, 'rowNumber' | 'identities' | 'content'> & { rules: readonly string[] },
  now: Timestamp,
): Promise<void> {
  const [identity] = posting.identities;
  if (!identity) throw new RangeError('A posting without identity cannot be held.');
  await db.raw(
    `insert into quarantined_postings
       (identity_kind, identity_value, batch_id, row_number, title, rules, held_at)
     values (:kind, :value, :batchId, :rowNumber, :title, cast(:rules as text[]), :now)
     on conflict (identity_kind, identity_value) do update
       set batch_id = excluded.batch_id, row_number = excluded.row_number, title = excluded.title,
           rules = excluded.rules, state = 'pending', decided_at = null`,
    {
      kind: identity.kind,
      value: identity.value,
      batchId,
      rowNumber: posting.rowNumber,
      title: posting.content.title,
      rules: posting.rules,
      now,
    },
  );
}

/** What operators have decided on postings with these identities, by kind and value joined by a colon. */
export async function readDecisions(
  db: Db,
  identities: readonly Identity[],
): Promise<Map<string, QuarantineState>> {
  const { rows } = await db.raw<{ rows: { key: string; state: QuarantineState }[] }>(
    `select q.identity_kind || ':' || q.identity_value as key, q.state from quarantined_postings q
     join unnest(cast(:kinds as text[]), cast(:values as text[])) as wanted (kind, value)
       on wanted.kind = q.identity_kind and wanted.value = q.identity_value`,
    { kinds: identities.map(({ kind }) => kind), values: identities.map(({ value }) => value) },
  );
  return new Map(rows.map((row) => [row.key, row.state]));
}

/** Postings that wait for an operator, longest first; at most 1,000. */
export async function listQuarantined(db: Db): Promise<QuarantinedPosting[]> {
  const { rows } = await db.raw<{ rows: QuarantineRow[] }>(
    `select ${COLUMNS} from quarantined_postings where state = 'pending' order by held_at, id limit 1000`,
  );
  return rows.map(toQuarantined);
}

/** The entry, locked until the transaction ends; null when there is none. */
export async function lockQuarantined(db: Db, id: number): Promise<QuarantinedPosting | null> {
  const { rows } = await db.raw<{ rows: QuarantineRow[] }>(
    `select ${COLUMNS} from quarantined_postings where id = :id for update`,
    { id },
  );
  return rows[0] ? toQuarantined(rows[0]) : null;
}

export async function decideQuarantined(
  db: Db,
  { id, state, now }: { id: number; state: 'accepted' | 'rejected'; now: Timestamp },
): Promise<void> {
  await db.raw(`update quarantined_postings set state = :state, decided_at = :now where id = :id`, {
    id,
    state,
    now,
  });
}
