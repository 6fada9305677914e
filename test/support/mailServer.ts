import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  /** Of the envelope. */
  to: string[];
  messageId: string;
  subject: string;
  text: string;
  html: string;
  raw: string;
}

/** What the server does with the next messages: an answer to RCPT TO or to the content, or silence. */
interface Behaviour {
  /** Reply to the recipient: `550 5.1.1 <...> unknown`. */
  recipient?: string;
  /** Reply to the content, which is not kept. */
  content?: string;
  /** Never answers the content. */
  hangs?: boolean;
}

export interface TestMailServer {
  url: string;
  received: ReceivedMail[];
  behave: (behaviour: Behaviour) => void;
  stop: () => Promise<void>;
}

export interface MailServerOptions {
  /** Offers STARTTLS, under a certificate that nobody has signed. */
  tls?: boolean;
  /** Wants this login. */
  login?: { user: string; pass: string };
  port?: number;
}

/** A mail server on 127.0.0.1 that speaks SMTP and keeps what it takes. */
export async function startMailServer({
  tls = false,
  login,
  port = 0,
}: MailServerOptions = {}): Promise<TestMailServer> {
  const received: ReceivedMail[] = [];
  let behaviour: Behaviour = {};
  const server = new SMTPServer({
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, done) => {
      if (username === login?.user && password === login?.pass) done(null, { user: username });
      else done(replyOf('535 5.7.8 Authentication failed'));
    },
    onRcptTo: (_address, _session, done) =>
      done(behaviour.recipient === undefined ? null : replyOf(behaviour.recipient)),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (behaviour.hangs) return;
        if (behaviour.content !== undefined) {
          done(replyOf(behaviour.content));
          return;
        }
        const raw = Buffer.concat(chunks);
        void simpleParser(raw).then(({ messageId = '', subject = '', text = '', html }) => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          received.push({ to, messageId, subject, text, html: html || '', raw: raw.toString() });
          done();
        });
      });
    },
  });
  server.on('error', () => undefined);
  const listening = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  return {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    received,
    behave: (next) => {
      behaviour = next;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function replyOf(reply: string): Error {
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}
