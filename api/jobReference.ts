import { z } from 'zod';
import { parseUpworkUrl } from '../domain/mapping/parsers/upworkId';

/** Longer than any id and any address that the browser shows for a posting. */
const MAX_REFERENCE_LENGTH = 1_000;
const EXPECTED = 'a job id, a ciphertext (~01... or ~02...) or the address of a posting at upwork.com';

/** What a job is asked for by: an id or alias as it is, an Upwork URL as the ciphertext in it. */
export const jobReference = z
  .string()
  .max(MAX_REFERENCE_LENGTH, `The id is longer than ${MAX_REFERENCE_LENGTH} characters; it is ${EXPECTED}.`)
  .transform((text, context) => {
    const reference = text.trim();
    // No id holds a slash.
    if (!reference.includes('/')) {
      return /^~01[0-9a-f]{16}$/i.test(reference) ? reference.toLowerCase() : reference;
    }
    const ciphertext = parseUpworkUrl(reference);
    if (ciphertext.ok) return ciphertext.value;
    const message = `The address ${ciphertext.message}; the id is ${EXPECTED}.`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({
    description: 'Id, alias, ciphertext or Upwork URL (percent-encoded) of the job',
    example: '1880000000000000001',
  });
