import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { createAccount } from '../../db/accounts';
import { issueApiKey } from '../../db/apiKeys';
import { API_KEY_SCOPES } from '../../domain/apiKey';
import { toTimestamp } from '../../domain/time';
import { withRunningStack } from '../runningStack';
import { printJson, printPairs } from './output';

interface CreateOptions {
  email: string;
  plan: string;
  name?: string;
  json?: true;
}

export function registerAccountCommands(program: Command): void {
  const account = program.command('account').description('customer accounts');
  account
    .command('create')
    .description('create an account with a live key; the key is shown this once')
    .requiredOption('--email <address>', 'e-mail address of the account')
    .requiredOption('--plan <plan>', 'starter, professional, business or enterprise')
    .option('--name <name>', "the holder's name")
    .option('--json', 'print { "account_id", "api_key" }')
    .action(async ({ email, plan, name, json }: CreateOptions) => {
      const created = await withRunningStack(({ db, pepper }) =>
        db.transaction(async (transaction) => {
          const now = toTimestamp(Date.now());
          const { id } = await createAccount(transaction, {
            id: randomUUID(),
            email,
            planId: plan,
            name,
            now,
          });
          const key = await issueApiKey(transaction, {
            accountId: id,
            kind: 'live',
            scopes: API_KEY_SCOPES,
            expiresAt: null,
            name: 'first key',
            pepper,
            now,
          });
          return { account_id: id, api_key: key.secret };
        }),
      );
      if (json) printJson(created);
      else printPairs(created);
    });
}
