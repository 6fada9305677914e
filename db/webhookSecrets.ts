import type { WebhookTarget } from '../domain/webhooks/message';
import type { Timestamp } from '../domain/time';
import type { SecretBox } from './secretBox';

/** The columns of an endpoint that are encrypted at rest. */
export interface SealedEndpoint {
  id: string;
  sealed_url: Buffer;
  sealed_headers: Buffer | null;
  sealed_secret: Buffer;
  sealed_previous_secret: Buffer | null;
  previous_secret_until: Timestamp | null;
}

type SealedPart = 'url' | 'headers' | 'secret';

/** Encrypts a part of an endpoint; what was sealed for one endpoint or part opens for no other. */
export function sealEndpointPart(
  secretBox: SecretBox,
  { endpointId, part, text }: { endpointId: string; part: SealedPart; text: string },
): Buffer {
  return secretBox.seal(text, contextOf(endpointId, part));
}

function openEndpointPart(
  secretBox: SecretBox,
  { endpointId, part, sealed }: { endpointId: string; part: SealedPart; sealed: Buffer },
): string {
  return secretBox.open(sealed, contextOf(endpointId, part));
}

/** Where the endpoint is, and what signs for it: while a rotation runs, two secrets. */
export function openTarget(secretBox: SecretBox, endpoint: SealedEndpoint, now: Timestamp): WebhookTarget {
  const open = (part: SealedPart, sealed: Buffer) =>
    openEndpointPart(secretBox, { endpointId: endpoint.id, part, sealed });
  const {
    sealed_headers: headers,
    sealed_previous_secret: previous,
    previous_secret_until: until,
  } = endpoint;
  const isRotating = previous !== null && until !== null && now < until;
  return {
    url: open('url', endpoint.sealed_url),
    headers: headers === null ? {} : (JSON.parse(open('headers', headers)) as Record<string, string>),
    secrets: [open('secret', endpoint.sealed_secret), ...(isRotating ? [open('secret', previous)] : [])],
  };
}

function contextOf(endpointId: string, part: SealedPart): string {
  return `webhook:${endpointId}:${part}`;
}
