import type { ScreeningVerdict } from '../domain/screening/screen';
import type { Timestamp } from '../domain/time';
import type { Db } from './connection';

export interface RowVerdictOfScreening {
  rowNumber: number;
  verdict: ScreeningVerdict;
}

/** Stores what screening thought of rows, with every signal it saw. */
export async function insertScreeningVerdicts(
  db: Db,
  batchId: string,
  verdicts: readonly RowVerdictOfScreening[],
  decidedAt: Timestamp,
): Promise<void> {
  if (verdicts.length === 0) return;
  await db.raw(
    `insert into screening_verdicts (batch_id, row_number, verdict, score, model_version, signals, decided_at)
     select :batchId, v.*, cast(:decidedAt as timestamptz) from json_to_recordset(cast(:verdicts as json)) as v
       (row_number int, verdict text, score real, model_version text, signals json)
     on conflict do nothing`,
    {
      batchId,
      decidedAt,
      verdicts: JSON.stringify(
        verdicts.map(({ rowNumber, verdict }) => ({
          row_number: rowNumber,
          verdict: verdict.verdict,
          score: verdict.score,
          model_version: verdict.modelVersion,
          signals: verdict.signals,
        })),
      ),
    },
  );
}

/** How many jobs each of these clients has posted in the 24 hours before a time, by the client's id at the source. */
export async function countPostingsOfClients(
  db: Db,
  clients: readonly { clientId: string; postedOn: Timestamp }[],
): Promise<Map<string, number>> {
  if (clients.length === 0) return new Map();
  const { rows } = await db.raw<{ rows: { client_id: string; postings: number }[] }>(
    `select wanted.client_id, count(*) as postings
     from (
       select client_id, max(posted_on) as posted_on
       from unnest(cast(:clientIds as text[]), cast(:postedOns as timestamptz[])) as given (client_id, posted_on)
       group by client_id
     ) as wanted
     join jobs on jobs.content ->> 'clientId' = wanted.client_id
       and jobs.posted_on > wanted.posted_on - interval '24 hours' and jobs.posted_on <= wanted.posted_on
     group by wanted.client_id`,
    {
      clientIds: clients.map(({ clientId }) => clientId),
      postedOns: clients.map(({ postedOn }) => postedOn),
    },
  );
  return new Map(rows.map((row) => [row.client_id, row.postings]));
}
