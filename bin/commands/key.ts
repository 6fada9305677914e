import { type Command, InvalidArgumentError, Option } from 'commander';
import { findAccountByEmail, lockAccount } from '../../db/accounts';
import { issueKey, revokeKey } from '../../db/accountActs';
import { replaceApiKey } from '../../db/apiKeyChanges';
import { findAccountKey, findApiKeysByLastFour, listApiKeys } from '../../db/apiKeys';
import { recordAct } from '../../db/auditLog';
import type { Db } from '../../db/connection';
import { API_KEY_KINDS, API_KEY_SCOPES, type ApiKeyKind } from '../../domain/apiKey';
import { DEFAULT_OVERLAP_HOURS, MAX_OVERLAP_HOURS } from '../../domain/apiKeyTerms';
import { AppError } from '../../domain/errors';
import { HOUR_MS, type Timestamp, toTimestamp } from '../../domain/time';
import { withRunningStack } from '../runningStack';
import { actingNow } from './acting';
import { parseTimeOption } from './options';
import { display, printJson, printPairs, printTable } from './output';

interface AccountOption {
  email: string;
}

export function registerKeyCommands(program: Command): void {
  const key = program.command('key').description('API keys; a key itself is shown once, when it is made');
  key
    .command('create')
    .description('make another key for an account')
    .requiredOption('--email <address>', 'e-mail address of the account')
    .addOption(
      new Option('--kind <kind>', 'test keys read the samples only').choices(API_KEY_KINDS).default('live'),
    )
    .option('--name <name>', 'what it is for')
    .option('--expires-at <time>', 'ISO 8601 time after which it is refused', parseTimeOption)
    .option('--scopes <list>', `of ${API_KEY_SCOPES.join(', ')}`, parseScopes, [...API_KEY_SCOPES])
    .option('--json', 'print JSON')
    .action(async (options: AccountOption & CreateOptions) => {
      const now = toTimestamp(Date.now());
      if (options.expiresAt !== undefined && options.expiresAt <= now) {
        throw new AppError('invalid_parameter', `The key would have expired already: ${options.expiresAt}.`);
      }
      const made = await withRunningStack(async ({ db, pepper }) => {
        const issued = await issueKey(db, {
          accountId: await accountIdOf(db, options.email),
          kind: options.kind,
          scopes: options.scopes,
          expiresAt: options.expiresAt ?? null,
          name: options.name ?? null,
          pepper,
          ...actingNow(),
        });
        return { key_id: issued.id, api_key: issued.secret };
      });
      if (options.json) printJson(made);
      else printPairs(made);
    });
  key
    .command('list')
    .description("list an account's keys")
    .requiredOption('--email <address>', 'e-mail address of the account')
    .option('--json', 'print JSON')
    .action(async ({ email, json }: AccountOption & { json?: true }) => {
      const keys = await withRunningStack(async ({ db }) => listApiKeys(db, await accountIdOf(db, email)));
      if (json) printJson(keys);
      else printKeys(keys);
    });
  key
    .command('find')
    .description('find keys by their last four characters, as logs show them')
    .requiredOption('--last4 <characters>', 'the last four characters')
    .option('--json', 'print JSON')
    .action(async ({ last4, json }: { last4: string; json?: true }) => {
      const keys = await withRunningStack(({ db }) => findApiKeysByLastFour(db, last4));
      if (json) printJson(keys);
      else printKeys(keys);
    });
  key
    .command('revoke <keyId>')
    .description('end a key at once')
    .requiredOption('--email <address>', 'e-mail address of the account')
    .action(async (id: string, { email }: AccountOption) => {
      await withRunningStack(async ({ db }) => {
        const accountId = await accountIdOf(db, email);
        await revokeKey(db, { accountId, keyId: id, ...actingNow() });
      });
      printPairs({ revoked: id });
    });
  key
    .command('rotate <keyId>')
    .description('make a key of the same terms that takes the place of this one, which works on for a while')
    .requiredOption('--email <address>', 'e-mail address of the account')
    .option(
      '--overlap-hours <hours>',
      `how long the old one works on, 0 to ${MAX_OVERLAP_HOURS}`,
      parseOverlap,
      DEFAULT_OVERLAP_HOURS,
    )
    .option('--json', 'print JSON')
    .action(async (id: string, { email, overlapHours, json }: AccountOption & RotateOptions) => {
      const made = await withRunningStack(({ db, pepper }) =>
        rotate(db, { id, email, overlapHours, pepper }),
      );
      if (json) printJson(made);
      else printPairs(made);
    });
}

interface RotateOptions {
  overlapHours: number;
  json?: true;
}

async function rotate(
  db: Db,
  { id, email, overlapHours, pepper }: AccountOption & RotateOptions & { id: string; pepper: string },
) {
  const now = toTimestamp(Date.now());
  return await db.transaction(async (transaction) => {
    const accountId = await accountIdOf(transaction, email);
    await lockAccount(transaction, accountId);
    const old = await findAccountKey(transaction, { accountId, id });
    if (!old) throw new AppError('not_found', `The account of ${email} has no key ${id}.`);
    const made = await replaceApiKey(transaction, old, { overlapMs: overlapHours * HOUR_MS, pepper, now });
    await recordAct(transaction, {
      actor: 'cli',
      action: 'key.rotated',
      accountId,
      subject: id,
      details: { replaced_by: made.id, overlap_hours: overlapHours },
      now,
    });
    return { key_id: made.id, api_key: made.secret };
  });
}

function parseOverlap(text: string): number {
  const hours = Number(text);
  if (text.trim() !== '' && hours >= 0 && hours <= MAX_OVERLAP_HOURS) return hours;
  throw new InvalidArgumentError(`It is no number from 0 to ${MAX_OVERLAP_HOURS}.`);
}

interface CreateOptions {
  kind: ApiKeyKind;
  scopes: (typeof API_KEY_SCOPES)[number][];
  name?: string;
  expiresAt?: Timestamp;
  json?: true;
}

function parseScopes(text: string): (typeof API_KEY_SCOPES)[number][] {
  return text.split(',').map((name) => {
    const scope = API_KEY_SCOPES.find((known) => known === name.trim());
    if (!scope)
      throw new InvalidArgumentError(`There is no scope ${name}; there are ${API_KEY_SCOPES.join(', ')}.`);
    return scope;
  });
}

async function accountIdOf(db: Db, email: string): Promise<string> {
  const account = await findAccountByEmail(db, email);
  if (!account) throw new AppError('not_found', `There is no account for ${email}.`);
  return account.id;
}

function printKeys(keys: Awaited<ReturnType<typeof listApiKeys>>): void {
  printTable(
    ['id', 'account', 'kind', 'last four', 'name', 'scopes', 'created', 'last used', 'expires', 'revoked'],
    keys.map((key) => [
      key.id,
      key.accountId,
      key.kind,
      key.lastFour,
      display(key.name),
      key.scopes.join(' '),
      key.createdAt,
      display(key.lastUsedAt),
      display(key.expiresAt),
      display(key.revokedAt),
    ]),
  );
}
