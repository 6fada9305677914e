import { createTransport } from 'nodemailer';
import { AppError } from '../domain/errors';
import { toMailOptions } from './composition';
import type { Mailer } from './mailer';

export interface SmtpMailerOptions {
  /** `smtp://user:password@host:port` (STARTTLS, port 587) or `smtps://` (TLS from the first byte, port 465). */
  url: string;
  /** `Name <address>`. */
  from: string;
  /** Nothing is sent over a connection that is not encrypted. Certificates are verified in any case. */
  requiresTls: boolean;
  /** Longest silence of the server at any step; 20 s unless given. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 20_000;
/** Steps at which a 5xx is about this recipient or this message. At others (connection, login, sender) it is for an operator to mend. */
const STEPS_OF_MESSAGE: ReadonlySet<unknown> = new Set(['RCPT TO', 'DATA']);
/** RFC 4954: the server wants a login first. */
const AUTHENTICATION_REQUIRED = 530;

/** Sends by a mail server, over a connection for each message. */
export function createSmtpMailer({
  url,
  from,
  requiresTls,
  timeoutMs = TIMEOUT_MS,
}: SmtpMailerOptions): Mailer {
  const { protocol, hostname, port, username, password } = new URL(url);
  const isSecure = protocol === 'smtps:';
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isSecure ? 465 : 587) : Number(port),
    secure: isSecure,
    requireTLS: requiresTls,
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  return {
    send: async (message) => {
      try {
        await transport.sendMail(toMailOptions(message, from));
        return { taken: true };
      } catch (error) {
        const { responseCode, command } = error as { responseCode?: unknown; command?: unknown };
        const isRefusal =
          STEPS_OF_MESSAGE.has(command) &&
          typeof responseCode === 'number' &&
          responseCode >= 500 &&
          responseCode !== AUTHENTICATION_REQUIRED;
        if (isRefusal) return { taken: false, code: replyCode(error) ?? String(responseCode) };
        // Without its cause: what servers answer names the address.
        throw new AppError('unavailable', `The mail server does not take mail now (${reasonOf(error)}).`);
      }
    },
    // What was handed over is the mail server's.
    forget: () => Promise.resolve(0),
  };
}

/** At which step it failed and how, by codes alone. */
function reasonOf(error: unknown): string {
  const { code, originalCode, command } = error as Record<'code' | 'originalCode' | 'command', unknown>;
  const parts = [originalCode ?? code, replyCode(error), command].filter(
    (part): part is string => typeof part === 'string',
  );
  return parts.length === 0 ? 'unknown error' : parts.join(', ').slice(0, 100);
}

/** The server's reply code with the enhanced one (RFC 3463) where it gives one. */
function replyCode(error: unknown): string | undefined {
  const { response } = error as { response?: unknown };
  return typeof response === 'string'
    ? /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3}\b)?/.exec(response)?.[0].replace('-', ' ')
    : undefined;
}
