import { Readable } from 'node:stream';
import { z } from 'zod';
import { ACCOUNT_TABLES, readAccountRecords } from '../../db/accountRecords';
import { readAccountProfile } from '../../db/accountProfiles';
import type { Db } from '../../db/connection';
import { AppError } from '../../domain/errors';
import { type KeyedCall, route, type StreamReply } from '../route';

const exportAccount = route({
  method: 'get',
  path: '/account/export',
  tag: 'Accounts',
  summary: 'Export everything held about the account',
  description:
    'One JSON object: the account, and each kind of record as a list in a member of its own, the requests of the last 90 days among ' +
    'them. Keys and their hashes are not in it. It is streamed: an export that breaks off is no whole JSON.',
  scope: 'account:read',
  // Its success is a file.
  response: z.object({}),
  streams: { 'application/json': 'A JSON object without the envelope' },
  responseHeaders: { 'Content-Disposition': 'A name for the file.' },
  handler: startExport,
});

export const accountExportRoutes = [exportAccount];

async function startExport({
  caller,
  now,
  services,
  gone,
}: KeyedCall<unknown, undefined>): Promise<StreamReply> {
  const profile = await readAccountProfile(services.db, caller.account.id);
  if (!profile) throw new AppError('not_found', 'The account is deleted.');
  const account = {
    id: profile.id,
    email: profile.email,
    name: profile.name,
    company: profile.company,
    created_at: profile.createdAt,
    plan: caller.plan,
    period_anchor: profile.periodAnchor,
    suspended_at: profile.suspendedAt,
    monthly_overage_cap_cents: profile.monthlyOverageCapCents,
  };
  const head = { exported_at: now, account };
  return {
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Disposition': `attachment; filename="account-${now.slice(0, 10)}.json"`,
    },
    stream: Readable.from(writeRecords(services.db, profile.id, head, gone), { objectMode: false }),
  };
}

/** The head with the records of every table as further members, as pieces of the text of one JSON object. */
async function* writeRecords(
  db: Db,
  accountId: string,
  head: object,
  gone: AbortSignal,
): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1);
  for (const table of ACCOUNT_TABLES) {
    if (!table.exported) continue;
    yield `,\n${JSON.stringify(table.exported.as)}:[`;
    let isFirst = true;
    for await (const records of readAccountRecords(db, table, accountId, gone)) {
      yield `${isFirst ? '\n' : ',\n'}${records.map((record) => JSON.stringify(record)).join(',\n')}`;
      isFirst = false;
    }
    yield ']';
  }
  yield '}\n';
}
