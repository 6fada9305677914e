import { WEBHOOK_EVENT_TYPES } from '../../domain/webhooks/eventTypes';
import { z } from 'zod';
import { createTestApi, type TestApi } from '../support/api';

interface Kind {
  type: string;
  description: string;
  schema: z.core.JSONSchema.JSONSchema;
  example: Record<string, unknown>;
}

describe('GET /webhooks/events', () => {
  let api: TestApi;
  let kinds: Kind[];

  beforeAll(async () => {
    api = await createTestApi();
    const { secret } = await api.issueKey({ scopes: ['account:read'] });
    kinds = (await api.get('/webhooks/events', secret).expect(200)).body.data;
  });
  afterAll(() => api.drop());

  it('lists the types that endpoints can ask for and that are sent, and the test', () => {
    const types = kinds.map(({ type }) => type);
    const asked = WEBHOOK_EVENT_TYPES.filter((type) => !type.startsWith('invoice.'));
    expect(types).toEqual([...asked, 'webhook.test']);
    for (const { description } of kinds) expect(description).toMatch(/\.$/);
  });

  it('describes bodies by schemas that the examples keep, and bodies with further members', () => {
    for (const { type, schema, example } of kinds) {
      expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
      const read = z.fromJSONSchema(schema);
      expect([type, read.safeParse(example).error]).toEqual([type, undefined]);
      expect(read.safeParse({ ...example, added: 'later' }).success).toBe(true);
      expect(read.safeParse({ ...example, type: 'other' }).success).toBe(false);
      expect(read.safeParse({ ...example, data: {} }).success).toBe(false);
    }
  });

  it('counts as no call of the quota, and asks for a key', async () => {
    await api.get('/webhooks/events').expect(401);
    const { secret } = await api.issueKey();
    const before = (await api.get('/webhooks/events', secret)).headers['x-quota-remaining'];
    expect((await api.get('/webhooks/events', secret)).headers['x-quota-remaining']).toBe(before);
  });
});
