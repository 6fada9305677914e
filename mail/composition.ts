import type { SendMailOptions } from 'nodemailer';
import type { Message } from './mailer';

/** A message as nodemailer takes it. @param from the sender, as `Name <address>`. */
export function toMailOptions({ to, subject, text, html, id }: Message, from: string): SendMailOptions {
  return {
    from,
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${id}@${domainOf(from)}>`,
    headers: {
      // RFC 3834: nobody's out-of-office notice is to answer it.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function domainOf(from: string): string {
  return /@([^\s<>@]+)>?$/.exec(from)?.[1] ?? 'localhost';
}
