import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Db } from '../db/connection';
import { toMillis, type Timestamp } from '../domain/time';
import { summarise } from './measures';
import type { Receipts } from './receipts';
import type { SubscribedEndpoint, Subscriber } from './subscribers';

/** What became of the deliveries to all endpoints of a kind. */
export interface KindTally {
  kind: string;
  endpoints: number;
  expected: number;
  /** At least once. */
  received: number;
  /** Null where nothing is to arrive. */
  lost: number | null;
  /** Receipts beyond the first of an event. */
  repeated: number;
  /** Receipts under ids that no delivery to the endpoint has. */
  unknown: number;
  /** That are not noted as delivered. */
  undelivered: number;
  /** First receipts that came after one that was published later; null where there may be such. */
  outOfOrder: number | null;
  /** Likewise, of publications that went on at the same time, so that neither came first. */
  overlapping: number | null;
  /** From publication to the first receipt, in ms. */
  p50: number;
  p95: number;
}

interface Round {
  subscriber: Subscriber;
  /** That each endpoint is told of. */
  postings: number;
  receipts: ReadonlyMap<string, Receipts>;
  healthyKinds: ReadonlySet<string>;
}

interface DeliveryRow {
  endpointId: string;
  eventId: string;
  sequence: number;
  status: string;
  /** What was published with it. */
  batchId: string | null;
  /** When the publication began, and when it was over for certain: the batch was indexed. Null: it was not. */
  createdAt: Timestamp;
  overBy: Timestamp | null;
  hasFailed: boolean;
}

const LOOK_AGAIN_MS = 250;
/** Of an endpoint that takes one at a time and has never failed, the order is known. */
const ORDERED_KIND = 'ok';

/** Compares what was published with what was received, by kind of endpoint. Gives in words what is not as it must be. */
export async function tallyDeliveries(
  databaseUrl: string,
  round: Round,
): Promise<{ tallies: KindTally[]; faults: string[] }> {
  const rows = await readRows(databaseUrl, round.subscriber);
  const kinds = [...new Set(round.subscriber.endpoints.map(kindOf))];
  const tallies = kinds.map((kind) => tallyKind(kind, { ...round, rows }));
  const faults = tallies.flatMap((tally) => faultsOf(tally));
  const paths = new Set(round.subscriber.endpoints.map(({ path }) => path));
  const elsewhere = [...round.receipts.keys()].filter((path) => !paths.has(path));
  if (elsewhere.length > 0) faults.push(`something was sent to ${elsewhere.join(', ')}`);
  if (rows.length !== paths.size * round.postings) {
    faults.push(`there are ${rows.length} deliveries, not ${paths.size * round.postings}`);
  }
  return { tallies, faults };
}

/** Waits until nothing is on its way to these endpoints any more. Gives whether that was so before the deadline, in ms since the epoch. */
export async function untilSettled(
  databaseUrl: string,
  endpointIds: readonly string[],
  deadline: number,
): Promise<boolean> {
  return withDatabase(databaseUrl, async (db) => {
    const waiting = () =>
      db('webhook_deliveries').where({ status: 'pending' }).whereIn('endpoint_id', endpointIds).first('id');
    while ((await waiting()) !== undefined) {
      if (Date.now() > deadline) return false;
      await delay(LOOK_AGAIN_MS);
    }
    return true;
  });
}

/** Over a connection of its own: those that were there may have been lost. */
async function withDatabase<T>(databaseUrl: string, action: (db: Db) => Promise<T>): Promise<T> {
  const db = connect({ databaseUrl, poolSize: 1, applicationName: 'chaos' });
  try {
    return await action(db);
  } finally {
    await db.destroy();
  }
}

async function readRows(databaseUrl: string, { accountId }: Subscriber): Promise<DeliveryRow[]> {
  return withDatabase(databaseUrl, async (db) => {
    const { rows } = await db.raw<{ rows: DeliveryRow[] }>(
      `select d.endpoint_id as "endpointId", d.event_id as "eventId", d.sequence, d.status, d.created_at as "createdAt",
         published.batch_id as "batchId", published.over_by as "overBy",
         exists (select from jsonb_array_elements(d.attempts) as attempt where attempt ->> 'error' is not null) as "hasFailed"
       from webhook_deliveries d
       left join (
         select o.job_id, min(b.id) as batch_id, min(b.indexed_at) as over_by
         from posting_outcomes o join batches b on b.id = o.batch_id where o.outcome = 'accepted' group by o.job_id
       ) published on published.job_id = d.job_id
       where d.account_id = :accountId order by d.sequence`,
      { accountId },
    );
    return rows;
  });
}

function kindOf({ path }: SubscribedEndpoint): string {
  return path.slice(1, path.lastIndexOf('/'));
}

function tallyKind(
  kind: string,
  { subscriber, postings, receipts, healthyKinds, rows }: Round & { rows: readonly DeliveryRow[] },
): KindTally {
  const endpoints = subscriber.endpoints.filter((endpoint) => kindOf(endpoint) === kind);
  const parts = endpoints.map(({ id, path }) =>
    tallyEndpoint(
      rows.filter(({ endpointId }) => endpointId === id),
      receipts.get(path) ?? { ids: [], times: [] },
    ),
  );
  const sum = (name: Exclude<keyof EndpointTally, 'delaysMs'>) =>
    parts.reduce((total, part) => total + part[name], 0);
  const expected = endpoints.length * postings;
  const received = sum('received');
  const { p50, p95 } = summarise(
    parts.flatMap(({ delaysMs }) => delaysMs),
    1,
  );
  return {
    ...{ kind, endpoints: endpoints.length, expected, received, p50, p95 },
    lost: healthyKinds.has(kind) ? expected - received : null,
    repeated: sum('repeated'),
    unknown: sum('unknown'),
    undelivered: sum('undelivered'),
    outOfOrder: kind === ORDERED_KIND ? sum('outOfOrder') : null,
    overlapping: kind === ORDERED_KIND ? sum('overlapping') : null,
  };
}

interface EndpointTally extends Pick<KindTally, 'received' | 'repeated' | 'unknown' | 'undelivered'> {
  outOfOrder: number;
  overlapping: number;
  delaysMs: number[];
}

function tallyEndpoint(rows: readonly DeliveryRow[], { ids, times }: Receipts): EndpointTally {
  const rowOf = new Map(rows.map((row) => [row.eventId, row]));
  const first = new Map<DeliveryRow, number>();
  let unknown = 0;
  ids.forEach((id, place) => {
    const row = rowOf.get(id);
    if (!row) unknown += 1;
    else if (!first.has(row)) first.set(row, times[place] ?? Number.NaN);
  });
  const hasFailed = rows.some((row) => row.hasFailed);
  return {
    received: first.size,
    repeated: ids.length - unknown - first.size,
    unknown,
    undelivered: rows.filter(({ status }) => status !== 'delivered').length,
    ...(hasFailed ? { outOfOrder: 0, overlapping: 0 } : countDisorder([...first.keys()])),
    delaysMs: [...first].map(([{ createdAt }, receivedAt]) => receivedAt - toMillis(createdAt)),
  };
}

/** @param received in the order of their first receipts. */
function countDisorder(received: readonly DeliveryRow[]): Pick<EndpointTally, 'outOfOrder' | 'overlapping'> {
  let outOfOrder = 0;
  let overlapping = 0;
  let latestSequence = -1;
  let latestBegin = '';
  const latestOf = new Map<string | null, number>();
  for (const { sequence, batchId, createdAt, overBy } of received) {
    const sameBatch = latestOf.get(batchId) ?? -1;
    if ((overBy !== null && overBy < latestBegin) || sequence < sameBatch) outOfOrder += 1;
    else if (sequence < latestSequence) overlapping += 1;
    latestSequence = Math.max(latestSequence, sequence);
    latestBegin = createdAt > latestBegin ? createdAt : latestBegin;
    latestOf.set(batchId, Math.max(sameBatch, sequence));
  }
  return { outOfOrder, overlapping };
}

function faultsOf({ kind, received, lost, unknown, undelivered, outOfOrder }: KindTally): string[] {
  const faults: string[] = [];
  if (lost === null && received > 0) faults.push(`endpoints "${kind}" have accepted ${received}`);
  if (lost !== null && lost !== 0) faults.push(`endpoints "${kind}" have lost ${lost}`);
  if (lost !== null && undelivered > 0) {
    faults.push(`${undelivered} deliveries to endpoints "${kind}" are not noted as delivered`);
  }
  if (unknown > 0) faults.push(`endpoints "${kind}" have received ${unknown} under unknown ids`);
  if (outOfOrder !== null && outOfOrder > 0) {
    faults.push(`endpoints "${kind}" have received ${outOfOrder} out of order`);
  }
  return faults;
}
