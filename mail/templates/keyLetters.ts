import {
  displayRecoveryCode,
  MAX_RECOVERY_ATTEMPTS,
  RECOVERY_CODE_LIFETIME_MS,
} from '../../domain/recoveryCode';
import type { Plan } from '../../domain/plan';
import { type Block, type Contacts, type RenderedLetter, renderLetter } from './letter';

const MINUTE_MS = 60_000;
const SIGNED_UP = 'You get this because somebody signed up with this address.';
const NOT_YOU = 'It was not you? Then nothing has happened, and there is nothing to do.';

/** To a new account, with its key. */
export function welcomeLetter(
  { key, plan }: { key: string; plan: Pick<Plan, 'name' | 'monthly_calls'> },
  contacts: Contacts,
): RenderedLetter {
  const calls =
    plan.monthly_calls === null
      ? 'calls without limit'
      : `${plan.monthly_calls.toLocaleString('en-US')} calls a month`;
  return renderLetter(
    {
      subject: 'Your API key',
      preview: 'Your account is there. Here is your key.',
      heading: 'Your account is there',
      blocks: [
        {
          kind: 'paragraph',
          text: `It is on the ${plan.name} plan: ${calls}. This is your key. We keep no copy that could be read, so store it where you store passwords.`,
        },
        ...keyBlocks(key, contacts),
        {
          kind: 'paragraph',
          text: `Larger plans have more calls, filters and history: write to ${contacts.salesEmail}.`,
        },
      ],
      reason: SIGNED_UP,
    },
    contacts,
  );
}

/** To an account that lost its key, with another one. */
export function newKeyLetter(key: string, contacts: Contacts): RenderedLetter {
  return renderLetter(
    {
      subject: 'Your new API key',
      preview: 'Another key for your account. The keys you have stay as they are.',
      heading: 'Another key for your account',
      blocks: [
        {
          kind: 'paragraph',
          text: 'The keys you have stay as they are. With this one you can list them and revoke those that you do not need any more.',
        },
        ...keyBlocks(key, contacts),
      ],
      reason: 'You get this because the code that we mailed to this address was used.',
    },
    contacts,
  );
}

/** To an address that has an account already, with a code. @param code as it is issued, without a dash. */
export function recoveryCodeLetter(code: string, contacts: Contacts): RenderedLetter {
  const shown = displayRecoveryCode(code);
  const body = JSON.stringify({ email: 'YOUR_ADDRESS', code: shown });
  return renderLetter(
    {
      subject: 'Your code for another API key',
      preview: 'This address has an account already. With this code you get another key.',
      heading: 'You have an account already',
      blocks: [
        {
          kind: 'paragraph',
          text: 'If you have your key, go on using it. If it is lost, get another one with this code:',
        },
        { kind: 'secret', label: 'Code', value: shown },
        {
          kind: 'command',
          text: `curl -s '${contacts.publicUrl}/signup/recover' \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`,
        },
        {
          kind: 'paragraph',
          text: `The code works once, for ${RECOVERY_CODE_LIFETIME_MS / MINUTE_MS} minutes, and ends after ${MAX_RECOVERY_ATTEMPTS} wrong attempts. ${NOT_YOU}`,
        },
      ],
      reason: SIGNED_UP,
    },
    contacts,
  );
}

function keyBlocks(key: string, { publicUrl }: Contacts): Block[] {
  return [
    { kind: 'secret', label: 'API key', value: key },
    { kind: 'paragraph', text: 'A first question:' },
    {
      kind: 'command',
      text: `curl -s '${publicUrl}/jobs?search=python&limit=3' \\\n  -H 'X-API-KEY: ${key}'`,
    },
    { kind: 'link', label: 'Getting started', url: `${publicUrl}/docs/getting-started` },
  ];
}
