import { Command } from 'commander';
import { registerKeyCommands } from '../../../bin/commands/key';
import { createTestApi, type TestApi } from '../../support/api';
import { type KeyHolder, keyHolder } from '../../support/keys';

describe('cli key', () => {
  let api: TestApi;
  let environment: NodeJS.ProcessEnv;
  let holder: KeyHolder;

  beforeAll(async () => {
    api = await createTestApi();
    environment = process.env;
    process.env = { ...environment, DATABASE_URL: api.databaseUrl, KEY_PEPPER: api.services.keys.pepper };
  });
  beforeEach(async () => {
    holder = await keyHolder(api);
  });
  afterAll(async () => {
    process.env = environment;
    await api.drop();
  });

  /** What a command prints. */
  async function run(...words: string[]): Promise<string> {
    const program = new Command();
    registerKeyCommands(program);
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
  const rotate = async (...words: string[]) =>
    JSON.parse(
      await run('key', 'rotate', holder.id, '--email', `${holder.accountId}@example.com`, '--json', ...words),
    ) as { key_id: string; api_key: string };

  it('replaces a key, which works on as long as it is said, and records it', async () => {
    const made = await rotate('--overlap-hours', '168');
    await api.get('/health', made.api_key).expect(200);
    await api.get('/health', holder.secret).expect(200);
    const old = await api.db('api_keys').where({ id: holder.id }).first();
    expect(old.replaced_by).toBe(made.key_id);
    const overlapMs = Date.parse(old.expires_at) - Date.now();
    expect(Math.round(overlapMs / 3_600_000)).toBe(168);
    expect(await api.db('audit_log').where({ account_id: holder.accountId })).toMatchObject([
      { actor: 'cli', action: 'key.rotated', subject: holder.id, details: { replaced_by: made.key_id } },
    ]);
    await expect(rotate()).rejects.toMatchObject({ code: 'conflict' });
  });

  it.each(['-1', '169', 'long', ' '])('refuses an overlap of %s', async (hours) => {
    await expect(rotate('--overlap-hours', hours)).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    });
  });

  it('tells when a key was last used, and shows its last four characters alone', async () => {
    const last_used_at = '2026-02-01T11:59:58.000Z';
    await api.db('api_key_uses').insert({ key_id: holder.id, last_used_at });
    const output = await run('key', 'find', '--last4', holder.secret.slice(-4));
    expect(output).toContain(last_used_at);
    expect(output).not.toContain(holder.secret.slice(0, -4));
  });
});
