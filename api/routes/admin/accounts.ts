import { z } from 'zod';
import { openAccount, restoreAccount, setOverrides, setPlan, suspendAccount } from '../../../db/accountActs';
import { listAccounts, showAccount } from '../../../db/accountDirectory';
import { planOverrides } from '../../../domain/plan';
import { accountDetailsView, accountView, viewAccount, viewListedAccount } from '../../adminViews';
import { itemBody, itemSchema } from '../../envelope';
import { operatorRoute } from '../../operatorRoute';
import type { Acting, AdminServices } from '../../operatorsServices';
import { idText, limit, reason } from './parameters';
import { pageBody, pageSchema } from './pages';

const params = z.object({ id: idText });
const oneAccount = itemSchema(accountDetailsView);
const optionalReason = z.strictObject({ reason: reason.optional() });

const list = operatorRoute({
  method: 'get',
  path: '/admin/accounts',
  summary: 'List accounts, newest first',
  query: z.strictObject({
    id: idText.optional(),
    email: z.string().max(254).optional().describe('Part of the address, whatever its case'),
    plan: z.string().max(100).optional(),
    suspended: z.enum(['true', 'false']).optional(),
    limit,
    cursor: idText.optional().describe('next_cursor of the page before'),
  }),
  response: pageSchema(accountView),
  handler: async ({ query, services }) => {
    const { plan, suspended, cursor, limit: size, ...search } = query;
    const accounts = await listAccounts(services.db, {
      ...search,
      planId: plan,
      suspended: suspended && suspended === 'true',
      after: cursor,
      limit: size + 1,
    });
    return { body: pageBody(accounts.map(viewListedAccount), size) };
  },
});

const create = operatorRoute({
  method: 'post',
  path: '/admin/accounts',
  summary: 'Make an account with its first key',
  description: 'The key has every scope, and is shown in this answer alone.',
  body: z.strictObject({
    email: z.string().max(254),
    plan: z.string().max(100),
    name: z.string().max(200).optional(),
  }),
  successStatus: 201,
  response: itemSchema(accountDetailsView.extend({ api_key: z.string() })),
  handler: async ({ value: { plan, ...account }, acting, services }) => {
    const { db, pepper } = services;
    const { accountId, key } = await openAccount(db, { ...account, ...acting, planId: plan, pepper });
    const details = await showAccount(db, accountId, acting.now);
    return { body: itemBody({ ...viewAccount(details), api_key: key.secret }) };
  },
});

const show = operatorRoute({
  method: 'get',
  path: '/admin/accounts/{id}',
  summary: 'Read an account: its terms, its usage in the period, its keys',
  params,
  response: oneAccount,
  handler: ({ params: { id }, acting, services }) => answerWith(id, acting, services),
});

const changePlan = operatorRoute({
  method: 'put',
  path: '/admin/accounts/{id}/plan',
  summary: 'Put an account on a plan, at once',
  description: 'The billing period goes on, and terms of its own stay.',
  params,
  body: z.strictObject({ plan: z.string().max(100), reason: reason.optional() }),
  response: oneAccount,
  handler: async ({ params: { id }, value, acting, services }) => {
    await setPlan(services.db, { accountId: id, planId: value.plan, reason: value.reason, ...acting });
    return await answerWith(id, acting, services);
  },
});

const changeOverrides = operatorRoute({
  method: 'put',
  path: '/admin/accounts/{id}/overrides',
  summary: "Let these be an account's own terms",
  description: "Terms that are not given are the plan's. Null is without limit.",
  params,
  body: planOverrides,
  response: oneAccount,
  handler: async ({ params: { id }, value, acting, services }) => {
    await setOverrides(services.db, { accountId: id, overrides: value, ...acting });
    return await answerWith(id, acting, services);
  },
});

const clearOverrides = operatorRoute({
  method: 'delete',
  path: '/admin/accounts/{id}/overrides',
  summary: 'Let an account have the terms of its plan',
  params,
  response: oneAccount,
  handler: async ({ params: { id }, acting, services }) => {
    await setOverrides(services.db, { accountId: id, overrides: {}, ...acting });
    return await answerWith(id, acting, services);
  },
});

const suspend = operatorRoute({
  method: 'post',
  path: '/admin/accounts/{id}/suspend',
  summary: 'Suspend an account',
  description: 'Metered routes answer it 402 from now on; the others stay open.',
  params,
  body: z.strictObject({ reason }),
  response: oneAccount,
  handler: async ({ params: { id }, value, acting, services }) => {
    await suspendAccount(services.db, { accountId: id, reason: value.reason, ...acting });
    return await answerWith(id, acting, services);
  },
});

const restore = operatorRoute({
  method: 'post',
  path: '/admin/accounts/{id}/restore',
  summary: 'End the suspension of an account',
  params,
  body: optionalReason,
  response: oneAccount,
  handler: async ({ params: { id }, value, acting, services }) => {
    await restoreAccount(services.db, { accountId: id, reason: value.reason, ...acting });
    return await answerWith(id, acting, services);
  },
});

export const adminAccountRoutes = [
  list,
  create,
  show,
  changePlan,
  changeOverrides,
  clearOverrides,
  suspend,
  restore,
];

/** Every act answers with the account as it is then. */
async function answerWith(accountId: string, { now }: Acting, { db }: AdminServices) {
  return { body: itemBody(viewAccount(await showAccount(db, accountId, now))) };
}
