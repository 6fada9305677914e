import { issueSourceToken } from '../db/sourceTokens';
import { putSource } from '../db/sources';
import { toTimestamp } from '../domain/time';
import type { Posting } from './postings';
import type { BenchStack } from './stack';

/** Adds a source that pushes. Gives its token. */
export async function openPushSource({ db, secrets, config }: BenchStack, sourceId: string): Promise<string> {
  const now = toTimestamp(Date.now());
  await putSource(db, {
    id: sourceId,
    kind: 'push',
    location: null,
    intervalSeconds: 300,
    mapping: null,
    options: {},
    now,
  });
  const pepper = config.keyPepper ?? secrets.keyPepper;
  return (await issueSourceToken(db, { sourceId, pepper, now })).secret;
}

/**
 * Pushes postings, all of which must be accepted. Gives the ids under which their jobs will be found, in the same order.
 * @param idempotencyKey to push them again when the answer was lost.
 */
export async function push(
  { file }: BenchStack,
  {
    token,
    postings,
    idempotencyKey,
  }: { token: string; postings: readonly Posting[]; idempotencyKey?: string },
): Promise<string[]> {
  const response = await fetch(`${file.apiUrl}/ingest/jobs`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
    },
    body: JSON.stringify({ jobs: postings }),
  });
  const body = (await response.json()) as { accepted?: number; data?: { id: string }[] };
  if (response.status !== 202 || body.accepted !== postings.length) {
    throw new Error(`A push was answered with ${response.status}: ${JSON.stringify(body).slice(0, 500)}`);
  }
  return (body.data ?? []).map(({ id }) => id);
}
