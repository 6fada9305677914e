import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Message } from '../../mail/mailer';
import { createSmtpMailer, type SmtpMailerOptions } from '../../mail/smtp';
import { startMailServer, type MailServerOptions, type TestMailServer } from '../support/mailServer';

const FROM = 'Upwork jobs API <no-reply@jobs.example>';
const MESSAGE: Message = {
  to: 'ada@example.org',
  subject: 'Grüße – and a key',
  text: 'Your key is uj_live_secret.\n',
  html: '<p>Your key is <b>uj_live_secret</b>.</p>',
  id: 'signup-1',
};

describe('mail by SMTP', () => {
  let server: TestMailServer;

  const start = async (options?: MailServerOptions) => {
    server = await startMailServer(options);
  };
  afterEach(() => server.stop());

  const send = (options: Partial<SmtpMailerOptions> = {}, message: Partial<Message> = {}) =>
    createSmtpMailer({ url: server.url, from: FROM, requiresTls: false, ...options }).send({
      ...MESSAGE,
      ...message,
    });
  /** What it throws, which must tell nothing of who gets what. */
  const failureOf = async (sending: Promise<unknown>) => {
    const error = (await sending.catch((thrown: unknown) => thrown)) as Error & { code: string };
    expect(error).toMatchObject({ name: 'AppError', code: 'unavailable' });
    expect(error.cause).toBeUndefined();
    expect(`${error.message} ${error.stack}`).not.toMatch(/ada|uj_live|pa55/);
    return error.message;
  };

  it('hands a message over with its subject, both forms of its text, and a Message-ID made of its id', async () => {
    await start();
    expect(await send()).toEqual({ taken: true });
    expect(await send()).toEqual({ taken: true });
    expect(server.received).toHaveLength(2);
    for (const mail of server.received) {
      expect(mail).toMatchObject({
        to: ['ada@example.org'],
        messageId: '<signup-1@jobs.example>',
        subject: MESSAGE.subject,
        text: MESSAGE.text,
        html: MESSAGE.html,
      });
      expect(mail.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
      expect(mail.raw).toMatch(/^From: Upwork jobs API <no-reply@jobs\.example>\r$/m);
    }
  });

  it('takes a subject for one line, whatever is in it', async () => {
    await start();
    await send({}, { to: "o'hara+keys@example.org", subject: 'One\r\nBcc: eve@example.org' });
    expect(server.received[0]!.to).toEqual(["o'hara+keys@example.org"]);
    expect(server.received[0]!.raw).not.toMatch(/^Bcc:/m);
  });

  it.each([
    ['550 5.1.1 <ada@example.org> is unknown here', 'recipient', '550 5.1.1'],
    ['553 no such ada@example.org', 'recipient', '553'],
    ['554 5.7.1 We do not like what you write to ada@example.org', 'content', '554 5.7.1'],
  ] as const)('tells that it is refused for good: %s', async (reply, step, code) => {
    await start();
    server.behave({ [step]: reply });
    expect(await send()).toEqual({ taken: false, code });
  });

  it.each([
    ['450 4.2.1 ada@example.org is busy', 'recipient', '450 4.2.1, RCPT TO'],
    ['452 4.3.1 No room for ada@example.org', 'content', '452 4.3.1, DATA'],
    ['530 5.7.0 Log in first, ada@example.org', 'recipient', '530 5.7.0, RCPT TO'],
  ] as const)('asks to be tried again: %s', async (reply, step, codes) => {
    await start();
    server.behave({ [step]: reply });
    expect(await failureOf(send())).toContain(codes);
  });

  it('asks to be tried again when nobody listens', async () => {
    await start();
    await server.stop();
    expect(await failureOf(send())).toContain('ECONNREFUSED');
    await start();
  });

  it('asks to be tried again when the login is refused, which an operator has to mend', async () => {
    await start({ login: { user: 'api', pass: 'right' } });
    const url = (pass: string) => server.url.replace('//', `//api:${pass}@`);
    expect(await failureOf(send({ url: url('pa55') }))).toContain('EAUTH, 535');
    expect(await send({ url: url('right') })).toEqual({ taken: true });
  });

  it('does not wait longer than it may for a server that has gone silent', async () => {
    await start();
    server.behave({ hangs: true });
    const startedAt = performance.now();
    expect(await failureOf(send({ timeoutMs: 300 }))).toContain('ETIMEDOUT');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('does not wait longer than it may for one that never greets', async () => {
    await start();
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    expect(await failureOf(send({ url, timeoutMs: 300 }))).toContain('ETIMEDOUT');
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  });

  it('sends nothing over a connection that cannot be encrypted, unless that is allowed', async () => {
    await start();
    expect(await failureOf(send({ requiresTls: true }))).toContain('ETLS');
    expect(server.received).toEqual([]);
  });

  it.each([true, false])(
    'sends nothing to a server whose certificate nobody has signed (TLS required: %s)',
    async (requiresTls) => {
      await start({ tls: true });
      expect(await failureOf(send({ requiresTls }))).toMatch(/CERT|SELF_SIGNED|ETLS|ESOCKET/);
      expect(server.received).toEqual([]);
    },
  );
});
