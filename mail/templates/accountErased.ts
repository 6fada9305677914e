import { type Contacts, type RenderedLetter, renderLetter } from './letter';

/** To whoever had an account that is erased; the last that this address hears. */
export function accountErasedLetter(contacts: Contacts): RenderedLetter {
  return renderLetter(
    {
      subject: 'Your account is erased',
      preview: 'Your account and what we held about it are gone.',
      heading: 'Your account is erased',
      blocks: [
        {
          kind: 'paragraph',
          text: 'Its keys do not work any more, and what we held about the account is removed. Invoices, if there were any, are kept as long as the law asks for.',
        },
        {
          kind: 'paragraph',
          text: 'With this message we forget this address, too. You can sign up anew whenever you like.',
        },
      ],
      reason: 'You get this because the erasure of your account was asked for with one of its keys.',
    },
    contacts,
  );
}
