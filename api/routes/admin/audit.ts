import { z } from 'zod';
import { listAuditEntries } from '../../../db/auditEntries';
import { auditEntryView, viewAuditEntry } from '../../adminViews';
import { operatorRoute } from '../../operatorRoute';
import { idText, limit, time } from './parameters';
import { pageBody, pageSchema } from './pages';

const list = operatorRoute({
  method: 'get',
  path: '/admin/audit',
  summary: 'Read the audit log, latest first',
  query: z.strictObject({
    account: idText.optional().describe('Id of the account'),
    actor: z.string().max(200).optional().describe('`operator` finds `operator:<name>`, too'),
    action: z.string().max(100).optional(),
    from: time.optional().describe('At or after'),
    to: time.optional().describe('Before'),
    limit,
    cursor: z
      .string()
      .regex(/^\d{1,15}$/, 'Give next_cursor of the page before')
      .transform(Number)
      .optional(),
  }),
  response: pageSchema(auditEntryView),
  handler: async ({ query, services }) => {
    const { account, cursor, limit: size, ...search } = query;
    const entries = await listAuditEntries(services.db, {
      ...search,
      accountId: account,
      after: cursor,
      limit: size + 1,
    });
    return { body: pageBody(entries.map(viewAuditEntry), size) };
  },
});

export const adminAuditRoutes = [list];
