import { z } from 'zod';
import type { AccountDetails, ListedAccount } from '../db/accountDirectory';
import type { ApiKey } from '../db/apiKeys';
import type { AuditEntry } from '../db/auditEntries';
import type { QuarantinedPosting } from '../db/quarantine';
import { API_KEY_KINDS, API_KEY_SCOPES } from '../domain/apiKey';
import { planOverrides, planTerms } from '../domain/plan';

const time = z.iso.datetime();

export const keyView = z.object({
  id: z.string(),
  account_id: z.string(),
  kind: z.enum(API_KEY_KINDS),
  last_four: z.string(),
  name: z.string().nullable(),
  scopes: z.array(z.enum(API_KEY_SCOPES)),
  created_at: time,
  expires_at: time.nullable(),
  revoked_at: time.nullable(),
  allowed_ips: z.array(z.string()).describe('Networks that may use it; none: all'),
  requests_per_minute: z.number().int().nullable().describe('A limit of its own; null: that of the account'),
  monthly_calls: z.number().int().nullable().describe('A limit of its own; null: that of the account'),
});

export function viewKey(key: ApiKey): z.input<typeof keyView> {
  return {
    id: key.id,
    account_id: key.accountId,
    kind: key.kind,
    last_four: key.lastFour,
    name: key.name,
    scopes: key.scopes,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    revoked_at: key.revokedAt,
    allowed_ips: key.allowedIps,
    requests_per_minute: key.requestsPerMinute,
    monthly_calls: key.monthlyCalls,
  };
}

export const accountView = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  company: z.string().nullable(),
  plan: z.string(),
  overrides: planOverrides.describe("The account's own terms, in the place of the plan's"),
  suspended_at: time.nullable(),
  monthly_overage_cap_cents: z.number().int().nullable().describe("The account's own; null: none"),
  created_at: time,
});

export function viewListedAccount(account: ListedAccount): z.input<typeof accountView> {
  return {
    id: account.id,
    email: account.email,
    name: account.name,
    company: account.company,
    plan: account.planId,
    overrides: account.overrides,
    suspended_at: account.suspendedAt,
    monthly_overage_cap_cents: account.monthlyOverageCapCents,
    created_at: account.createdAt,
  };
}

export const accountDetailsView = accountView.extend({
  terms: planTerms.describe('In force: those of the plan, and its own instead'),
  period: z.object({
    starts_at: time,
    ends_at: time,
    calls_drawn: z.number().int().describe('Units drawn from the quota: what blocks'),
    calls_counted: z.number().int().describe('Calls that count, as their usage came in: what is billed'),
    requests: z.number().int().describe('Requests of any kind, as their usage came in'),
  }),
  keys: z.array(keyView),
});

export function viewAccount(account: AccountDetails): z.input<typeof accountDetailsView> {
  const { plan, period, keys } = account;
  return {
    ...viewListedAccount(account),
    terms: planTerms.parse(Object.fromEntries(TERMS.map((term) => [term, plan[term]]))),
    period: {
      starts_at: period.startsAt,
      ends_at: period.endsAt,
      calls_drawn: period.callsDrawn,
      calls_counted: period.callsCounted,
      requests: period.requests,
    },
    keys: keys.map(viewKey),
  };
}

/** A plan has more than terms: its id, its name, its rank. */
const TERMS = planTerms.keyof().options;

export const auditEntryView = z.object({
  id: z.number().int(),
  occurred_at: time,
  actor: z.string().describe('`operator`, `operator:<name>`, `cli`, `key:<id>`, `system`'),
  action: z.string(),
  account_id: z.string().nullable(),
  subject: z.string().nullable().describe('What was acted on, where that is not the account itself'),
  details: z.looseObject({}),
});

export function viewAuditEntry(entry: AuditEntry): z.input<typeof auditEntryView> {
  return {
    id: entry.id,
    occurred_at: entry.occurredAt,
    actor: entry.actor,
    action: entry.action,
    account_id: entry.accountId,
    subject: entry.subject,
    details: { ...entry.details },
  };
}

export const sourceView = z.object({
  source: z.string(),
  kind: z.enum(['file', 'http', 'upwork', 'push']),
  location: z.string().nullable().describe('Without password and values of its query; null: it is pushed to'),
  interval_seconds: z.number().int().nullable(),
  mapping: z.string().nullable().describe("Name of the source's own mapping; null: picked row by row"),
  options: z
    .looseObject({})
    .nullable()
    .describe('How the pages of a source read over HTTP follow each other'),
  paused: z.boolean(),
  last_run: z
    .object({
      started_at: time,
      ended_at: time.nullable(),
      outcome: z.enum(['done', 'failed', 'under way']),
      rows: z.number().int(),
      failure: z.string().nullable(),
    })
    .nullable(),
});

export const quarantinedView = z.object({
  id: z.number().int(),
  held_at: time,
  posting: z.string().describe('Its id, or what stands for one'),
  title: z.string(),
  rules: z.array(z.string()).describe('Signals for which it is held'),
  batch_id: z.string(),
  row_number: z.number().int(),
});

export function viewQuarantined(entry: QuarantinedPosting): z.input<typeof quarantinedView> {
  return {
    id: entry.id,
    held_at: entry.heldAt,
    posting: entry.identity.value,
    title: entry.title,
    rules: entry.rules,
    batch_id: entry.batchId,
    row_number: entry.rowNumber,
  };
}
