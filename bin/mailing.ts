import { join } from 'node:path';
import type { Logger } from 'pino';
import { createFileMailer } from '../mail/files';
import type { Mailer } from '../mail/mailer';
import { createSmtpMailer } from '../mail/smtp';
import type { Contacts } from '../mail/templates/letter';
import { type Config, required } from './config';

const LOCAL_SENDER = 'Upwork jobs API <no-reply@example.com>';

/** The mail server of SMTP_URL; without one, files under DATA_DIR/outbox. */
export function createMailer(config: Config, logger: Logger): Mailer {
  const { smtpUrl, smtpTlsRequired, mailFrom, dataDir } = config;
  if (smtpUrl !== undefined) {
    return createSmtpMailer({
      url: smtpUrl,
      from: required(mailFrom, 'MAIL_FROM'),
      requiresTls: smtpTlsRequired,
    });
  }
  const folder = join(dataDir, 'outbox');
  logger.info({ folder }, 'SMTP_URL is not set: mail is kept as files');
  return createFileMailer({ folder, from: mailFrom ?? LOCAL_SENDER });
}

/** What every letter names. */
export function contactsOf(config: Config): Contacts {
  return {
    publicUrl: required(config.publicUrl, 'PUBLIC_URL'),
    supportEmail: config.supportEmail,
    salesEmail: config.salesEmail,
  };
}
