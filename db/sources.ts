import type { Db } from './connection';

export type SourceKind = 'file' | 'http' | 'upwork' | 'push';

export interface Source {
  id: string;
  kind: SourceKind;
  /** Its postings are samples: seen by test keys, and by live keys only under `npm start`. */
  isSample: boolean;
}

/** Registers a source under its name; a name that is there already keeps its kind and its nature as a sample. */
export async function registerSource(db: Db, { id, kind, isSample }: Source): Promise<Source> {
  await db.raw(
    `insert into sources (id, kind, is_sample) values (:id, :kind, :isSample) on conflict (id) do nothing`,
    { id, kind, isSample },
  );
  const { rows } = await db.raw<{ rows: { id: string; kind: SourceKind; is_sample: boolean }[] }>(
    `select id, kind, is_sample from sources where id = :id`,
    { id },
  );
  const row = rows[0];
  if (!row) throw new Error(`Source ${id} vanished while it was registered.`);
  return { id: row.id, kind: row.kind, isSample: row.is_sample };
}
