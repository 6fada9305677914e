import { type Command, InvalidArgumentError } from 'commander';
import { viewAccount, viewListedAccount } from '../../api/adminViews';
import { readBodyValue } from '../../api/bodyValue';
import { openAccount, restoreAccount, setOverrides, setPlan, suspendAccount } from '../../db/accountActs';
import { findAccountId, listAccounts, showAccount } from '../../db/accountDirectory';
import type { Db } from '../../db/connection';
import { planOverrides } from '../../domain/plan';
import { toTimestamp } from '../../domain/time';
import { withRunningStack } from '../runningStack';
import { actingNow } from './acting';
import { parseLimit } from './options';
import { display, printJson, printLine, printPairs, printTable } from './output';

const MAX_LISTED = 200;
const MAX_TERMS = 100;

interface JsonOption {
  json?: true;
}

interface CreateOptions extends JsonOption {
  email: string;
  plan: string;
  name?: string;
}

interface ListOptions extends JsonOption {
  email?: string;
  plan?: string;
  suspended?: true;
  limit: number;
}

interface ReasonOption extends JsonOption {
  reason?: string;
}

export function registerAccountCommands(program: Command): void {
  const account = program
    .command('account')
    .description('customer accounts; <account> is an id or an e-mail address');
  account
    .command('create')
    .description('create an account with a live key; the key is shown this once')
    .requiredOption('--email <address>', 'e-mail address of the account')
    .requiredOption('--plan <plan>', 'starter, professional, business or enterprise')
    .option('--name <name>', "the holder's name")
    .option('--json', 'print { "account_id", "api_key" }')
    .action(async ({ email, plan, name, json }: CreateOptions) => {
      const created = await withRunningStack(async ({ db, pepper }) => {
        const opened = await openAccount(db, { email, planId: plan, name, pepper, ...actingNow() });
        return { account_id: opened.accountId, api_key: opened.key.secret };
      });
      if (json) printJson(created);
      else printPairs(created);
    });
  account
    .command('list')
    .description('list accounts, newest first')
    .option('--email <text>', 'only those with this in their address')
    .option('--plan <plan>', 'only those on this plan')
    .option('--suspended', 'only those that are suspended')
    .option('--limit <number>', `how many, ${MAX_LISTED} at most`, parseLimit(MAX_LISTED), 50)
    .option('--json', 'print JSON')
    .action(async ({ email, plan, suspended, limit, json }: ListOptions) => {
      const found = await withRunningStack(({ db }) =>
        listAccounts(db, { email, planId: plan, suspended, limit }),
      );
      if (json) {
        printJson(found.map(viewListedAccount));
        return;
      }
      printTable(
        ['id', 'e-mail', 'name', 'plan', 'own terms', 'suspended', 'created'],
        found.map((each) => [
          each.id,
          each.email,
          display(each.name),
          each.planId,
          Object.keys(each.overrides).length === 0 ? '-' : display(each.overrides),
          display(each.suspendedAt),
          each.createdAt,
        ]),
      );
    });
  account
    .command('show <account>')
    .description('an account with its terms, its usage in the period and its keys')
    .option('--json', 'print JSON')
    .action((name: string, options: JsonOption) => actAndShow(name, options, () => Promise.resolve()));
  account
    .command('suspend <account>')
    .description('answer its metered calls 402 from now on')
    .requiredOption('--reason <text>', 'why, for the audit log', parseReason)
    .option('--json', 'print JSON')
    .action((name: string, options: JsonOption & { reason: string }) =>
      actAndShow(name, options, (db, accountId) =>
        suspendAccount(db, { accountId, reason: options.reason, ...actingNow() }),
      ),
    );
  account
    .command('restore <account>')
    .description('end a suspension')
    .option('--reason <text>', 'why, for the audit log', parseReason)
    .option('--json', 'print JSON')
    .action((name: string, options: ReasonOption) =>
      actAndShow(name, options, (db, accountId) =>
        restoreAccount(db, { accountId, reason: options.reason, ...actingNow() }),
      ),
    );
  account
    .command('set-plan <account> <plan>')
    .description('put an account on a plan, at once')
    .option('--reason <text>', 'why, for the audit log', parseReason)
    .option('--json', 'print JSON')
    .action((name: string, planId: string, options: ReasonOption) =>
      actAndShow(name, options, (db, accountId) =>
        setPlan(db, { accountId, planId, reason: options.reason, ...actingNow() }),
      ),
    );
  account
    .command('set-terms <account> [terms...]')
    .description(
      "let these be its own terms, all others the plan's; null is without limit: monthly_calls=250000 retention_days=null",
    )
    .option('--reason <text>', 'why, for the audit log', parseReason)
    .option('--json', 'print JSON')
    .action((name: string, terms: string[], options: ReasonOption) => {
      const overrides = readBodyValue(planOverrides, readTerms(terms));
      return actAndShow(name, options, (db, accountId) =>
        setOverrides(db, { accountId, overrides, reason: options.reason, ...actingNow() }),
      );
    });
}

/** Does something to an account and prints it as it is then. */
async function actAndShow(
  name: string,
  { json }: JsonOption,
  act: (db: Db, accountId: string) => Promise<void>,
): Promise<void> {
  const details = await withRunningStack(async ({ db }) => {
    const accountId = await findAccountId(db, name);
    await act(db, accountId);
    return await showAccount(db, accountId, toTimestamp(Date.now()));
  });
  const view = viewAccount(details);
  if (json) {
    printJson(view);
    return;
  }
  const { keys, terms, period, ...fields } = view;
  printPairs({ ...fields, period: `${period.starts_at} to ${period.ends_at}` });
  printLine('\nterms');
  printPairs(terms);
  printLine('\nusage of the period');
  const { calls_drawn, calls_counted, requests } = period;
  printPairs({ calls_drawn, calls_counted, requests, keys: keys.length });
}

/** `monthly_calls=250000` as the value it stands for, by name; what is no JSON stays text, and is refused as such. */
function readTerms(terms: string[]): Record<string, unknown> {
  if (terms.length > MAX_TERMS) throw new InvalidArgumentError('There are too many terms.');
  return Object.fromEntries(
    terms.map((term) => {
      const [name = '', ...rest] = term.split('=');
      const text = rest.join('=');
      try {
        return [name, JSON.parse(text) as unknown];
      } catch {
        return [name, text];
      }
    }),
  );
}

const MAX_REASON_LENGTH = 500;

function parseReason(text: string): string {
  const reason = text.trim();
  if (reason !== '' && reason.length <= MAX_REASON_LENGTH) return reason;
  throw new InvalidArgumentError(`Give 1 to ${MAX_REASON_LENGTH} characters.`);
}
