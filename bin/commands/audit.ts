import type { Command } from 'commander';
import { viewAuditEntry } from '../../api/adminViews';
import { findAccountId } from '../../db/accountDirectory';
import { listAuditEntries } from '../../db/auditEntries';
import type { Timestamp } from '../../domain/time';
import { withRunningStack } from '../runningStack';
import { parseLimit, parseTimeOption } from './options';
import { display, printJson, printTable } from './output';

const MAX_LISTED = 1_000;

interface ListOptions {
  account?: string;
  actor?: string;
  action?: string;
  from?: Timestamp;
  to?: Timestamp;
  limit: number;
  json?: true;
}

export function registerAuditCommands(program: Command): void {
  const audit = program.command('audit').description('who did what, to accounts and to the platform');
  audit
    .command('list')
    .description('the audit log, latest first')
    .option('--account <account>', 'id or e-mail address')
    .option('--actor <actor>', 'operator, operator:<name>, cli, key:<id>, system')
    .option('--action <action>', 'as account.suspended')
    .option('--from <time>', 'at or after this ISO 8601 time', parseTimeOption)
    .option('--to <time>', 'before this ISO 8601 time', parseTimeOption)
    .option('--limit <number>', `how many, ${MAX_LISTED} at most`, parseLimit(MAX_LISTED), 50)
    .option('--json', 'print JSON')
    .action(async ({ account, json, ...search }: ListOptions) => {
      const entries = await withRunningStack(async ({ db }) => {
        const accountId = account === undefined ? undefined : await findAccountId(db, account);
        return await listAuditEntries(db, { ...search, accountId });
      });
      if (json) {
        printJson(entries.map(viewAuditEntry));
        return;
      }
      printTable(
        ['at', 'actor', 'action', 'account', 'subject', 'details'],
        entries.map((entry) => [
          entry.occurredAt,
          entry.actor,
          entry.action,
          display(entry.accountId),
          display(entry.subject),
          display(entry.details),
        ]),
      );
    });
}
