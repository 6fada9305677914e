import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { type TestMailServer, startMailServer } from '../support/mailServer';
import { findInDatabase } from '../support/personalData';
import { startProcesses, type TestProcesses } from '../support/processes';
import { codeIn, keyIn } from '../support/signUps';
import { until } from '../support/until';

const EMAIL = 'ada.lovelace@example.org';
const SMTP_PASSWORD = 'the-password-of-the-mail-server';
const DEADLINE = { deadlineMs: 60_000 };

/** Everything that was ever a secret here, and where it must not be found. */
describe('secrets', () => {
  let mail: TestMailServer;
  let processes: TestProcesses;
  let temporal: Connection;
  const secrets: Record<string, string> = { SMTP_PASSWORD };

  beforeAll(async () => {
    mail = await startMailServer({ login: { user: 'platform', pass: SMTP_PASSWORD } });
    const { port } = new URL(mail.url);
    processes = await startProcesses(
      { apis: 1, workers: 1 },
      {
        SMTP_URL: `smtp://platform:${SMTP_PASSWORD}@127.0.0.1:${port}`,
        SMTP_TLS: 'optional',
        MAIL_FROM: 'no-reply@example.org',
        LOG_LEVEL: 'debug',
      },
    );
    temporal = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS });
    await useEverything();
  });
  afterAll(async () => {
    await temporal.close();
    await processes.stop();
    await mail.stop();
  });

  async function ask(method: string, path: string, { key, body }: { key?: string; body?: object } = {}) {
    const response = await fetch(`${processes.apiUrls[0]}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { 'X-API-KEY': key, 'Idempotency-Key': `${method} ${path}` }),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, text: await response.text() };
  }
  const secretIn = (text: string) => (JSON.parse(text) as { data: { secret: string } }).data.secret;
  const untilMails = (count: number) => until(() => mail.received.length >= count, DEADLINE);

  /** The whole life of keys, with failures on the way. */
  async function useEverything(): Promise<void> {
    mail.behave({ recipient: `450 4.2.1 <${EMAIL}> is busy` });
    expect((await ask('POST', '/signup', { body: { email: EMAIL } })).status).toBe(202);
    await until(() => processes.logs().includes('unavailable'), DEADLINE).catch(() => undefined);
    mail.behave({});
    await untilMails(1);
    const first = (secrets.first = keyIn(mail.received[0]));

    const made = await ask('POST', '/account/keys', {
      key: first,
      body: { name: 'another', scopes: ['jobs:read', 'account:read'] },
    });
    secrets.made = secretIn(made.text);
    const [{ id }] = (
      JSON.parse((await ask('GET', '/account/keys', { key: first })).text) as { data: { id: string }[] }
    ).data as [{ id: string }];
    secrets.rotated = secretIn((await ask('POST', `/account/keys/${id}/rotate`, { key: first })).text);

    await ask('POST', '/signup', { body: { email: EMAIL.toUpperCase() } });
    await untilMails(2);
    const code = (secrets.code = codeIn(mail.received[1]));
    await ask('POST', '/signup/recover', { body: { email: EMAIL, code: 'AAAAA-AAAAA' } });
    await ask('POST', '/signup/recover', { body: { email: EMAIL, code } });
    await untilMails(3);
    const recovered = (secrets.recovered = keyIn(mail.received[2]));

    const [last] = recovered.slice(-1);
    for (const key of [
      recovered,
      `${recovered} `,
      `"${recovered}"`,
      recovered.slice(0, -1) + (last === 'A' ? 'B' : 'A'),
    ]) {
      await ask('GET', '/jobs?limit=1', { key }).catch(() => undefined);
      await ask('GET', '/jobs?limt=1', { key }).catch(() => undefined);
    }
    await ask('POST', '/account/keys', { key: recovered, body: { nmae: recovered } });
    await ask('GET', `/jobs/${recovered}`, { key: recovered });
    secrets.byCommandLine = (
      await processes.runJson('account', 'create', '--email', 'grace@example.org', '--plan', 'business')
    ).api_key;
    await until(async () => {
      const { rows } = await processes.database.db.raw('select count(*) as count from usage_hours');
      return (rows as { count: number }[])[0]!.count > 0;
    }, DEADLINE);
  }

  function expectNone(place: string, text: string): void {
    for (const [name, secret] of Object.entries(secrets)) {
      expect(secret.length).toBeGreaterThan(10);
      // The checksum or the prefix alone tells nothing: the body of a key is what must not be there.
      const body = secret.startsWith('uj_') ? secret.slice(8, 40) : secret;
      expect([place, name, text.includes(body)]).toEqual([place, name, false]);
    }
  }

  it('are in no log and no error', () => {
    const logs = processes.logs();
    expect(logs).toContain('"route":"/account/keys"');
    expectNone('logs', logs);
  });

  it('are in no table', async () => {
    const bodies = Object.values(secrets).map((secret) =>
      secret.startsWith('uj_') ? secret.slice(8, 40) : secret,
    );
    expect(await findInDatabase(processes.database.db, bodies)).toEqual([]);
    expect(await findInDatabase(processes.database.db, [EMAIL])).not.toEqual([]);
  });

  it('are in no workflow history', async () => {
    const client = new Client({ connection: temporal });
    let histories = '';
    for await (const { workflowId, runId, taskQueue } of client.workflow.list()) {
      if (taskQueue !== processes.taskQueue) continue;
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      histories += JSON.stringify(history, (_name, value: unknown) =>
        value instanceof Uint8Array || (value as { type?: string } | null)?.type === 'Buffer'
          ? Buffer.from((value as { data?: number[] }).data ?? (value as Uint8Array)).toString()
          : value,
      );
    }
    expect(histories).toContain('mailSecret');
    expectNone('histories', histories);
  });

  it('are in no file but the mail itself', () => {
    const files = (folder: string): string[] =>
      readdirSync(folder).flatMap((name) => {
        const path = join(folder, name);
        return statSync(path).isDirectory() ? files(path) : [path];
      });
    for (const path of files(processes.folder)) expectNone(path, readFileSync(path, 'latin1'));
  });

  it('are not in the export of everything held', async () => {
    const { status, text } = await ask('GET', '/account/export', { key: secrets.recovered });
    expect(status).toBe(200);
    expect(text).toContain(EMAIL);
    expectNone('export', text);
  });
});
