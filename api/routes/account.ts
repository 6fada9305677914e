import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  type AccountProfile,
  changeAccountProfile,
  countPeriodCalls,
  readAccountProfile,
} from '../../db/accountProfiles';
import { recordAct } from '../../db/auditLog';
import { requestErasure } from '../../db/erasures';
import { billingPeriodAt } from '../../domain/billingPeriod';
import { AppError } from '../../domain/errors';
import { planTerms } from '../../domain/plan';
import type { Timestamp } from '../../domain/time';
import { changeRoute } from '../changeRoute';
import { itemBody, itemSchema } from '../envelope';
import type { Caller } from '../middleware/authentication';
import { route } from '../route';
import type { ApiServices } from '../services';

const MAX_NAME_LENGTH = 200;
const MAX_CENTS = 1_000_000_000;

const planView = z
  .object({ id: z.string(), name: z.string(), ...planTerms.shape })
  .describe(
    "The plan, under the account's own terms where there are any; null is without limit, or by contract",
  );

const accountView = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  company: z.string().nullable(),
  created_at: z.iso.datetime(),
  suspended_at: z.iso.datetime().nullable().describe('Null: it is not suspended'),
  plan: planView,
  period: z
    .object({
      starts_at: z.iso.datetime(),
      ends_at: z.iso.datetime(),
      calls: z.number().int().describe('Calls that count, up to a few seconds ago'),
      quota: z.number().int().nullable().describe('Null: without limit'),
      remaining: z.number().int().nullable().describe('Calls that the quota has left; null: without limit'),
    })
    .describe('The billing period under way'),
  monthly_overage_cap_cents: z
    .number()
    .int()
    .nullable()
    .describe("Your own limit to what a period's calls beyond the plan's may cost; null: none"),
  support: z.object({
    email: z.string(),
    target_hours: z.number().int().describe('Hours within which we mean to answer'),
  }),
});
type AccountView = z.infer<typeof accountView>;

const EXAMPLE: AccountView = {
  id: '3f0c6b0e-6d0f-4a53-9a0e-2f6f0d1c7a10',
  email: 'dev@example.com',
  name: 'Ada Example',
  company: 'Example Ltd',
  created_at: '2026-01-05T10:00:00.000Z',
  suspended_at: null,
  plan: {
    id: 'professional',
    name: 'Professional',
    monthly_price_cents: 9_900,
    annual_discount_percent: 20,
    monthly_calls: 25_000,
    overage_cents_per_call: 1,
    requests_per_minute: 100,
    requests_in_flight: 20,
    retention_days: 30,
    saved_searches: 25,
    webhook_endpoints: 0,
    advanced_filters: true,
    exports: false,
    support_target_hours: 12,
  },
  period: {
    starts_at: '2026-01-05T10:00:00.000Z',
    ends_at: '2026-02-05T10:00:00.000Z',
    calls: 11_350,
    quota: 25_000,
    remaining: 13_650,
  },
  monthly_overage_cap_cents: 5_000,
  support: { email: 'support@example.com', target_hours: 12 },
};

const readAccount = route({
  method: 'get',
  path: '/account',
  tag: 'Accounts',
  summary: 'Read the account',
  description: 'Who it belongs to, its plan, the billing period under way, and where help is to be had.',
  scope: 'account:read',
  response: itemSchema(accountView),
  example: itemBody(EXAMPLE),
  handler: async ({ caller, now, services }) => {
    const profile = await readAccountProfile(services.db, caller.account.id);
    if (!profile) throw accountIsGone();
    return { body: itemBody(await toAccountView(profile, { caller, now, services })) };
  },
});

const text = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME_LENGTH)
  // It is written into e-mails.
  .regex(/^\P{Cc}*$/u, 'Must be a text of one line')
  .nullable();
const profileChange = z
  .strictObject({
    name: text.describe('Of the holder; null: none'),
    company: text.describe('Null: none'),
    monthly_overage_cap_cents: z
      .number()
      .int()
      .min(0)
      .max(MAX_CENTS)
      .nullable()
      .describe("At most so much for calls beyond the plan's in a billing period, then 402; null: no limit"),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, {
    message: 'Must have a member to change',
    // Where a name is misspelt, that is the fault.
    when: ({ issues }) => issues.length === 0,
  });

const changeAccount = changeRoute({
  method: 'patch',
  path: '/account',
  tag: 'Accounts',
  summary: 'Change the account',
  description:
    'Members that are left out stay as they are. The e-mail address is not changed here, for a new one needs proof that it is yours: ' +
    'ask support.',
  scope: 'account:write',
  body: { schema: profileChange, example: { company: 'Example Ltd', monthly_overage_cap_cents: 5_000 } },
  response: itemSchema(accountView),
  example: itemBody(EXAMPLE),
  handler: async ({ caller, value, now, services }) => {
    const { name, company, monthly_overage_cap_cents: monthlyOverageCapCents } = value;
    const profile = await services.db.transaction(async (transaction) => {
      const { id } = caller.account;
      const changed = await changeAccountProfile(transaction, id, { name, company, monthlyOverageCapCents });
      if (!changed) throw accountIsGone();
      const details = { changed: Object.keys(value), monthly_overage_cap_cents: monthlyOverageCapCents };
      const actor = actorOf(caller);
      await recordAct(transaction, { actor, action: 'account.changed', accountId: id, details, now });
      return changed;
    });
    services.keys.forgetOwners();
    return { body: itemBody(await toAccountView(profile, { caller, now, services })) };
  },
});

const erasureView = z.object({
  id: z.string().describe('To quote when asking about it'),
  state: z.literal('under_way'),
  requested_at: z.iso.datetime(),
});

const deleteAccount = changeRoute({
  method: 'delete',
  path: '/account',
  tag: 'Accounts',
  summary: 'Delete the account for good',
  description:
    'From this answer on no key of the account works. Everything held about it is erased, usually within a minute; an e-mail tells ' +
    'when that is done. It cannot be taken back: fetch `GET /account/export` first if you want to keep something.',
  scope: 'account:write',
  body: {
    schema: z.strictObject({
      confirm: z
        .string()
        .max(254)
        .describe("The account's e-mail address, so that nobody deletes it by mistake"),
    }),
    example: { confirm: 'dev@example.com' },
  },
  response: itemSchema(erasureView),
  successStatus: 202,
  example: itemBody({
    id: '0d5f0a52-64b8-4a0b-8df5-5a2f1a0c9f3e',
    state: 'under_way' as const,
    requested_at: '2026-01-20T12:00:00.000Z',
  }),
  handler: async ({ caller, value, now, services }) => {
    refuseUnlessConfirmed(value.confirm, caller);
    const { id, requestedAt } = await services.db.transaction((transaction) =>
      requestErasure(transaction, {
        id: randomUUID(),
        accountId: caller.account.id,
        actor: actorOf(caller),
        now,
      }),
    );
    services.keys.forgetOwners();
    await services.startErasure(id).catch((error: unknown) => {
      services.logger.warn({ err: error, erasureId: id }, 'erasure is left to the schedule');
    });
    return { body: itemBody({ id, state: 'under_way' as const, requested_at: requestedAt }) };
  },
});

export const accountRoutes = [readAccount, changeAccount, deleteAccount];

function refuseUnlessConfirmed(given: string, { account }: Caller): void {
  if (given.trim().toLowerCase() === account.email.toLowerCase()) return;
  const message = "confirm is not the account's e-mail address: nothing was deleted.";
  throw new AppError('invalid_parameter', message, { faults: [{ parameter: 'confirm', message }] });
}

/** As the audit log names who acts. */
function actorOf({ key }: Caller): string {
  return `key:${key.id}`;
}

/** Deleted while the request was under way. */
function accountIsGone(): AppError {
  return new AppError('not_found', 'The account is deleted.');
}

async function toAccountView(
  profile: AccountProfile,
  { caller, now, services }: { caller: Caller; now: Timestamp; services: ApiServices },
): Promise<AccountView> {
  const period = billingPeriodAt(profile.periodAnchor, now);
  const calls = await countPeriodCalls(services.db, profile.id, period);
  const { monthly_calls: quota, support_target_hours } = caller.plan;
  return {
    id: profile.id,
    email: profile.email,
    name: profile.name,
    company: profile.company,
    created_at: profile.createdAt,
    suspended_at: profile.suspendedAt,
    plan: planView.parse(caller.plan),
    period: {
      starts_at: period.startsAt,
      ends_at: period.endsAt,
      calls,
      quota,
      remaining: quota === null ? null : Math.max(0, quota - calls),
    },
    monthly_overage_cap_cents: profile.monthlyOverageCapCents,
    support: { email: services.supportEmail, target_hours: support_target_hours },
  };
}
