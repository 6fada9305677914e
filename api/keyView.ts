import { z } from 'zod';
import type { ListedApiKey } from '../db/apiKeys';
import { API_KEY_KINDS, API_KEY_SCOPES, apiKeyPrefix } from '../domain/apiKey';
import { API_KEY_STATUSES, apiKeyStatus } from '../domain/apiKeyTerms';
import type { Timestamp } from '../domain/time';

const time = z.iso.datetime().nullable();

/** A key as its account sees it: everything but the key. */
export const keyViewSchema = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    kind: z.enum(API_KEY_KINDS).describe('Test keys read samples only, and change nothing'),
    prefix: z.string().describe('What the key begins with'),
    last_four: z.string().describe('What it ends with'),
    status: z.enum(API_KEY_STATUSES),
    scopes: z.array(z.enum(API_KEY_SCOPES)),
    allowed_ips: z.array(z.string()).describe('Networks from which it may be used; none: from everywhere'),
    requests_per_minute: z.number().int().nullable().describe("A limit of its own; null: the account's"),
    monthly_calls: z.number().int().nullable().describe("A limit of its own; null: the account's"),
    created_at: z.iso.datetime(),
    expires_at: time,
    revoked_at: time,
    last_used_at: time.describe('Some seconds late; null when it never was'),
    replaced_by: z.string().nullable().describe('Id of the key that took its place'),
  })
  .meta({ id: 'ApiKey', description: 'An API key, without the key itself.' });
export type KeyView = z.infer<typeof keyViewSchema>;

export const issuedKeySchema = keyViewSchema
  .extend({ secret: z.string().describe('The key itself: shown this once, and stored nowhere in the clear') })
  .meta({ id: 'IssuedApiKey', description: 'A key that was just made, with the key itself.' });
export const rotatedKeySchema = issuedKeySchema
  .extend({ replaces: keyViewSchema.describe('The old key') })
  .meta({ id: 'RotatedApiKey', description: 'A key that takes the place of another one.' });

export function toKeyView(key: ListedApiKey, now: Timestamp): KeyView {
  return {
    id: key.id,
    name: key.name,
    kind: key.kind,
    prefix: apiKeyPrefix(key.kind),
    last_four: key.lastFour,
    status: apiKeyStatus(key, now),
    scopes: key.scopes,
    allowed_ips: key.allowedIps,
    requests_per_minute: key.requestsPerMinute,
    monthly_calls: key.monthlyCalls,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    revoked_at: key.revokedAt,
    last_used_at: key.lastUsedAt,
    replaced_by: key.replacedBy,
  };
}
