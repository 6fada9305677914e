import { type Contacts, type RenderedLetter, renderLetter } from './letter';

export interface DisabledEndpoint {
  /** Its address is left out: it may be a password. */
  endpointId: string;
  reason: 'gone' | 'failing';
}

const REASONS = {
  gone: 'It answered 410 Gone, which says that nothing is to be sent there any more.',
  failing: 'It has not accepted a single request for five days.',
} as const;

/** To an account one of whose webhook endpoints was disabled. */
export function endpointDisabledLetter(
  { endpointId, reason }: DisabledEndpoint,
  contacts: Contacts,
): RenderedLetter {
  const heading = 'One of your webhook endpoints is disabled';
  return renderLetter(
    {
      subject: heading,
      preview: REASONS[reason],
      heading,
      blocks: [
        {
          kind: 'paragraph',
          text: `Nothing is sent to the endpoint ${endpointId} any more. ${REASONS[reason]}`,
        },
        {
          kind: 'paragraph',
          text: 'What could not be delivered is kept for 30 days. Enable the endpoint again (PATCH /webhooks/endpoints/{id}), and have it all sent (POST /webhooks/endpoints/{id}/recover).',
        },
        {
          kind: 'link',
          label: 'Endpoints, retries and recovering',
          url: `${contacts.publicUrl}/docs/webhooks`,
        },
      ],
      reason: 'You get this because your account has a webhook endpoint that we had to disable.',
    },
    contacts,
  );
}
