import { createNoticeActivities } from '../../activities/notices';
import { createSignUpActivities, type SignUpServices } from '../../activities/signUp';
import { createSecretBox } from '../../db/secretBox';
import type { Db } from '../../db/connection';
import type { Mailer } from '../../mail/mailer';
import { NOW, PEPPER } from './api';
import type { ReceivedMail } from './mailServer';

const CONTACTS = {
  publicUrl: 'https://api.jobs.example',
  supportEmail: 'support@jobs.example',
  salesEmail: 'sales@jobs.example',
};

/** What sign-up and notices do, over a database, with a mailer. */
export function signUpActivities(db: Db, mailer: Mailer, others: Partial<SignUpServices> = {}) {
  const services = { db, mailer, contacts: CONTACTS, now: () => NOW, ...others };
  return {
    ...createSignUpActivities({
      secretBox: createSecretBox(Buffer.alloc(32, 'a key of the tests').toString('base64')),
      pepper: PEPPER,
      startSignUp: () => Promise.resolve(false),
      ...services,
    }),
    ...createNoticeActivities(services),
  };
}

/** The key in a letter. */
export function keyIn(mail: ReceivedMail | undefined): string {
  return /uj_live_\w+/.exec(mail?.text ?? '')?.[0] ?? 'no key';
}

/** The code in a letter, as it is shown. */
export function codeIn(mail: ReceivedMail | undefined): string {
  return /^ {4}(\w{5}-\w{5})$/m.exec(mail?.text ?? '')?.[1] ?? 'no code';
}
