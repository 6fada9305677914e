import { z } from 'zod';

/** Longer than any id and any address that the browser shows for a posting. */
const MAX_REFERENCE_LENGTH = 1_000;
const EXPECTED = 'a job id, a ciphertext (~01... or ~02...) or the address of a posting at upwork.com';
const ADDRESS = /^(https?:|([\w-]+\.)*upwork\.com\/)/i;
const CIPHERTEXT_IN_PATH = /~(01[0-9a-f]{16}|02\d{1,20})(?![0-9a-z])/i;

/** What a job is asked for by: an id or alias as it is, an Upwork URL as the ciphertext in it. */
export const jobReference = z
  .string()
  .max(MAX_REFERENCE_LENGTH, `The id is longer than ${MAX_REFERENCE_LENGTH} characters; it is ${EXPECTED}.`)
  .transform((text, context) => {
    const reference = text.trim();
    if (!ADDRESS.test(reference)) return reference;
    const ciphertext = ciphertextOfUrl(/^https?:/i.test(reference) ? reference : `https://${reference}`);
    if (ciphertext !== null) return ciphertext;
    context.addIssue({ code: 'custom', message: `That is no address of a posting; the id is ${EXPECTED}.` });
    return z.NEVER;
  })
  .describe('Id, alias, ciphertext or Upwork URL (percent-encoded) of the job');

function ciphertextOfUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { hostname, pathname } = new URL(text);
  if (hostname !== 'upwork.com' && !hostname.endsWith('.upwork.com')) return null;
  return CIPHERTEXT_IN_PATH.exec(pathname.replace(/%7e/gi, '~'))?.[0].toLowerCase() ?? null;
}
