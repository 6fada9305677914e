import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { createFileMailer } from '../../mail/files';
import type { Message } from '../../mail/mailer';

const MESSAGE: Message = {
  to: 'ada@example.org',
  subject: 'Your key',
  text: 'Your key is uj_live_secret.\n',
  html: '<p>Your key is uj_live_secret.</p>',
  id: 'signup-1',
};

describe('mail kept as files', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'outbox-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const mailer = (outbox = join(folder, 'outbox')) =>
    createFileMailer({ folder: outbox, from: 'API <no-reply@jobs.example>' });

  it('is a message that mail programs open, readable by its owner alone', async () => {
    expect(await mailer().send(MESSAGE)).toEqual({ taken: true });
    const path = join(folder, 'outbox', 'signup-1.eml');
    expect(await simpleParser(readFileSync(path))).toMatchObject({
      subject: 'Your key',
      text: MESSAGE.text,
      messageId: '<signup-1@jobs.example>',
      to: { text: 'ada@example.org' },
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'outbox')).mode & 0o777).toBe(0o700);
  });

  it('is forgotten by the address it went to, and no other', async () => {
    const outbox = mailer();
    expect(await outbox.forget('ada@example.org')).toBe(0);
    await outbox.send(MESSAGE);
    await outbox.send({ ...MESSAGE, id: 'signup-2', to: 'grace@example.org', text: 'To: ada@example.org\n' });
    writeFileSync(join(folder, 'outbox', 'half.eml.draft'), 'To: Ada@Example.org\r\n');

    expect(await outbox.forget('ada@example.org')).toBe(2);
    expect(readdirSync(join(folder, 'outbox'))).toEqual(['signup-2.eml']);
  });

  it('is there once, however often it is sent', async () => {
    await mailer().send(MESSAGE);
    await mailer().send(MESSAGE);
    expect(readdirSync(join(folder, 'outbox'))).toEqual(['signup-1.eml']);
  });

  it('asks to be tried again when the folder cannot be written to', async () => {
    writeFileSync(join(folder, 'outbox'), 'a file where the folder should be');
    await expect(mailer().send(MESSAGE)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
