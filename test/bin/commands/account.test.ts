import { Command } from 'commander';
import { registerAccountCommands } from '../../../bin/commands/account';
import { registerAuditCommands } from '../../../bin/commands/audit';
import { registerKeyCommands } from '../../../bin/commands/key';
import { registerOperatorCommands } from '../../../bin/commands/operator';
import { isOperatorToken } from '../../../api/operatorToken';
import { createTestDatabase, type TestDatabase } from '../../support/database';

const EMAIL = 'Ada@example.com';

describe('the command line', () => {
  let database: TestDatabase;
  let environment: NodeJS.ProcessEnv;
  let accountId: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    environment = { ...process.env };
    process.env.DATABASE_URL = database.databaseUrl;
    process.env.KEY_PEPPER = 'a pepper of more than thirty-two characters';
    const made = await runJson('account', 'create', '--email', EMAIL, '--plan', 'starter');
    accountId = made.account_id;
  });
  afterEach(async () => {
    process.env = environment;
    await database.drop();
  });

  /** What a command prints. */
  async function run(...words: string[]): Promise<string> {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    registerAccountCommands(program);
    registerAuditCommands(program);
    registerKeyCommands(program);
    registerOperatorCommands(program);
    for (const command of program.commands.flatMap((group) => group.commands)) {
      command.exitOverride().configureOutput({ writeErr: () => undefined });
    }
    let output = '';
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output += String(text);
      return true;
    });
    try {
      await program.parseAsync(words, { from: 'user' });
    } finally {
      write.mockRestore();
    }
    return output;
  }
  const runJson = async (...words: string[]) => JSON.parse(await run(...words, '--json'));
  const acts = async (): Promise<
    { actor: string; action: string; subject: string | null; details: object }[]
  > => (await runJson('audit', 'list', '--account', accountId)).reverse();

  it('records what it does to accounts and keys as done by the command line', async () => {
    const { key_id: keyId } = await runJson('key', 'create', '--email', EMAIL, '--name', 'robot');
    await run('key', 'revoke', keyId, '--email', EMAIL);
    await run('key', 'revoke', keyId, '--email', EMAIL);
    expect(await acts()).toMatchObject([
      { actor: 'cli', action: 'account.created', account_id: accountId, details: { plan: 'starter' } },
      { actor: 'cli', action: 'key.created' },
      { actor: 'cli', action: 'key.created', subject: keyId },
      { actor: 'cli', action: 'key.revoked', subject: keyId },
    ]);
  });

  it('suspends an account, named by its id or its address, and restores it', async () => {
    const suspended = await runJson('account', 'suspend', EMAIL.toLowerCase(), '--reason', 'Unpaid.');
    expect(suspended).toMatchObject({ id: accountId, suspended_at: expect.any(String) });
    expect(await runJson('account', 'list', '--suspended')).toMatchObject([{ id: accountId }]);
    expect(await runJson('account', 'restore', accountId)).toMatchObject({ suspended_at: null });
    expect(await runJson('account', 'list', '--suspended')).toEqual([]);
    expect((await acts()).slice(2)).toMatchObject([
      { action: 'account.suspended', details: { reason: 'Unpaid.' } },
      { action: 'account.restored' },
    ]);
    await expect(run('account', 'suspend', accountId)).rejects.toThrow(/--reason/);
  });

  it('changes the plan and the terms, and shows what is in force', async () => {
    await run('account', 'set-plan', accountId, 'enterprise', '--reason', 'Contract 17');
    const terms = ['monthly_calls=250000', 'exports=false', 'retention_days=null'];
    const changed = await runJson('account', 'set-terms', accountId, ...terms);
    expect(changed).toMatchObject({
      plan: 'enterprise',
      overrides: { monthly_calls: 250_000, exports: false, retention_days: null },
      terms: { monthly_calls: 250_000, exports: false, support_target_hours: 2 },
    });
    expect(await run('account', 'show', accountId)).toContain('250000');
    expect(await runJson('account', 'set-terms', accountId)).toMatchObject({ overrides: {} });
  });

  it('names terms that are none, and changes nothing', async () => {
    const setting = run('account', 'set-terms', accountId, 'monthly_cals=5', 'exports=yes', 'retention_days');
    await expect(setting).rejects.toMatchObject({
      code: 'invalid_parameter',
      faults: expect.arrayContaining([
        expect.objectContaining({ parameter: 'monthly_cals', did_you_mean: 'monthly_calls' }),
        expect.objectContaining({ parameter: 'exports' }),
        expect.objectContaining({ parameter: 'retention_days' }),
      ]),
    });
    expect(await acts()).toHaveLength(2);
  });

  it('says that an account is not there', async () => {
    await expect(run('account', 'show', 'none@example.com')).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no account none@example.com.',
    });
  });

  it("makes a token of the operators' API with the hash that fits", async () => {
    const { token, hash } = await runJson('operator', 'token');
    expect(token).toMatch(/^uj_operator_[0-9A-Za-z]{38}$/);
    expect(isOperatorToken(token, Buffer.from(hash, 'hex'))).toBe(true);
    expect((await runJson('operator', 'token')).token).not.toBe(token);
  });
});
