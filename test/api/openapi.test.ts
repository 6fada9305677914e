import { validate } from '@readme/openapi-parser';
import supertest from 'supertest';
import { z } from 'zod';
import { jobViewSchema } from '../../domain/jobView';
import { JOB_QUERY_GRAMMAR } from '../../domain/jobFilter';
import { createTestApi, type TestApi } from '../support/api';

interface ObjectSchema {
  properties: Record<string, { description?: string }>;
}

interface Operation {
  operationId: string;
  tags: string[];
  security: object[];
  requestBody?: { content: { 'application/json': { example?: unknown } } };
  parameters?: { name: string; in: string; schema: unknown; description: string; example?: unknown }[];
  responses: Record<string, { content?: { 'application/json': { example?: unknown; examples?: object } } }>;
}

const memberOf = (holder: unknown, name: string): unknown =>
  (holder as Record<string, unknown> | undefined)?.[name];

/** Parts of a schema that take values of any size. */
function unboundedIn(schema: unknown): unknown[] {
  const { type, anyOf, items, ...bounds } = schema as Record<string, unknown>;
  if (Array.isArray(anyOf)) return anyOf.flatMap(unboundedIn);
  const isBounded =
    type === 'array'
      ? 'maxItems' in bounds
      : type === 'string'
        ? 'maxLength' in bounds || 'enum' in bounds
        : type === 'boolean' || ('minimum' in bounds && 'maximum' in bounds);
  return [...(isBounded ? [] : [schema]), ...(items === undefined ? [] : unboundedIn(items))];
}

describe('the OpenAPI document', () => {
  let api: TestApi;
  let document: {
    paths: Record<string, Partial<Record<'get' | 'post', Operation>>>;
    webhooks: Record<string, Partial<Record<'post', Operation>>>;
    tags: { name: string; description: string }[];
    components: { schemas: Record<string, ObjectSchema> };
  };
  let operations: Record<string, Operation>;

  beforeAll(async () => {
    api = await createTestApi();
    document = (await api.get('/openapi.json').expect(200)).body;
    operations = Object.fromEntries(
      Object.entries(document.paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => [
          method === 'get' ? path : `${method} ${path}`,
          operation,
        ]),
      ),
    );
  });
  afterAll(() => api.drop());

  it('is the bare document, the same under /v1', async () => {
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/' }, { url: '/v1' }] });
    expect((await api.get('/v1/openapi.json').expect(200)).body).toEqual(document);
  });

  it('is valid by the rules of OpenAPI 3.1', async () => {
    // The validator resolves references in place.
    const result = await validate(structuredClone(document) as unknown as Parameters<typeof validate>[0]);
    expect(result).toMatchObject({ valid: true, warnings: [] });
  });

  it('describes every tag that a route has', () => {
    const described = document.tags.map(({ name }) => name);
    for (const { tags } of Object.values(operations)) expect(described).toEqual(expect.arrayContaining(tags));
  });

  it('describes, bounds and shows every parameter', () => {
    const parameters = Object.values(operations).flatMap((operation) => operation.parameters ?? []);
    expect(parameters.length).toBeGreaterThan(50);
    for (const parameter of parameters) {
      const { name, description, schema } = parameter;
      const example = parameter.example ?? memberOf(schema, 'example');
      expect([name, description]).toEqual([name, expect.stringMatching(/\w{3}/)]);
      expect([name, example]).toEqual([name, expect.anything()]);
      expect([name, unboundedIn(schema)]).toEqual([name, []]);
    }
  });

  it('shows an answer for every failure', () => {
    for (const [path, { responses }] of Object.entries(operations)) {
      for (const [status, { content }] of Object.entries(responses)) {
        if (Number(status) < 400) continue;
        const examples = Object.keys(content?.['application/json'].examples ?? {});
        expect([path, status, examples.length]).toEqual([path, status, expect.any(Number)]);
        expect(examples).not.toEqual([]);
      }
    }
  });

  it('holds every route, and says which need a key', () => {
    const needsKey = Object.fromEntries(
      Object.entries(operations).map(([path, { security }]) => [path, security.length > 0]),
    );
    expect(needsKey).toEqual({
      '/jobs': true,
      '/jobs/changes': true,
      '/jobs/export': true,
      '/jobs/{id}': true,
      '/jobs/{id}/similar': true,
      '/jobs/trends': true,
      '/saved-searches': true,
      'post /saved-searches': true,
      'post /saved-searches/preview': true,
      '/saved-searches/{id}': true,
      'patch /saved-searches/{id}': true,
      'delete /saved-searches/{id}': true,
      '/saved-searches/{id}/jobs': true,
      '/skills': true,
      '/categories': true,
      'post /jobs/search': true,
      '/account': true,
      'patch /account': true,
      'delete /account': true,
      '/account/usage': true,
      '/account/export': true,
      '/account/keys': true,
      'post /account/keys': true,
      'patch /account/keys/{id}': true,
      'delete /account/keys/{id}': true,
      'post /account/keys/{id}/rotate': true,
      '/webhooks/events': true,
      '/webhooks/endpoints': true,
      'post /webhooks/endpoints': true,
      '/webhooks/endpoints/{id}': true,
      'patch /webhooks/endpoints/{id}': true,
      'delete /webhooks/endpoints/{id}': true,
      '/webhooks/endpoints/{id}/secret': true,
      'post /webhooks/endpoints/{id}/rotate-secret': true,
      'post /webhooks/endpoints/{id}/test': true,
      '/webhooks/endpoints/{id}/deliveries': true,
      'post /webhooks/endpoints/{id}/recover': true,
      'post /webhooks/endpoints/{id}/replay': true,
      '/webhooks/deliveries/{id}': true,
      'delete /webhooks/deliveries/{id}': true,
      'post /webhooks/deliveries/{id}/resend': true,
      'post /ingest/jobs': true,
      'post /signup': false,
      'post /signup/recover': false,
      '/health': true,
      '/livez': false,
      '/readyz': false,
      '/status': false,
      '/openapi.json': false,
    });
    const ids = Object.values(operations).map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('holds every parameter of the search, with its other names', () => {
    const documented = new Map(
      operations['/jobs']!.parameters!.map((parameter) => [parameter.name, parameter]),
    );
    expect([...documented.keys()]).toEqual(JOB_QUERY_GRAMMAR.parameters.map(({ name }) => name));
    for (const { name, aliases } of JOB_QUERY_GRAMMAR.parameters) {
      for (const alias of aliases) expect(documented.get(name)!.description).toContain(alias);
    }
  });

  it('gives examples of parameters that the search takes', async () => {
    const { secret } = await api.issueKey({ planId: 'professional' });
    for (const { name, example } of operations['/jobs']!.parameters!) {
      const { status, body } = await api.get(`/jobs?${name}=${encodeURIComponent(String(example))}`, secret);
      expect({ name, status, errors: body.errors }).toEqual({ name, status: 200, errors: undefined });
    }
  });

  it('shows a misspelt parameter as it is answered', async () => {
    const { secret } = await api.issueKey();
    const { body } = await api.get('/jobs?limt=5', secret).expect(400);
    const { examples } = operations['/jobs']!.responses['400']!.content!['application/json'];
    const shown = memberOf(memberOf(examples, 'invalid_parameter'), 'value') as object;
    expect({ ...body, last_updated: '', request_id: '' }).toEqual({
      ...shown,
      last_updated: '',
      request_id: '',
    });
  });

  it('says which kinds of file an export is, with neither ETag nor 304', () => {
    const { responses } = operations['/jobs/export']!;
    expect(Object.keys(responses['200']!.content!)).toEqual([
      'text/csv',
      'application/x-ndjson',
      'application/vnd.apache.parquet',
    ]);
    expect(responses['200']).toHaveProperty(['headers', 'X-Export-Rows']);
    expect(responses['200']).not.toHaveProperty(['headers', 'ETag']);
    expect(responses).not.toHaveProperty('304');
  });

  it('holds the parameter of the path', () => {
    expect(operations['/jobs/{id}']!.parameters).toMatchObject([{ name: 'id', in: 'path', required: true }]);
  });

  it('shows what each failure looks like', () => {
    const failures = Object.keys(operations['/jobs/{id}']!.responses).filter(
      (status) => Number(status) >= 400,
    );
    expect(failures).toEqual(['400', '401', '402', '403', '404', '405', '429', '431', '500', '503']);
    expect(operations['/jobs']!.responses['401']!.content!['application/json'].examples).toHaveProperty(
      'expired_api_key',
    );
  });

  it('describes what a source pushes, with what, and every refusal', async () => {
    const { security, parameters, requestBody, responses } = operations['post /ingest/jobs']!;
    expect(security).toEqual([{ sourceToken: [] }, { apiKey: [] }]);
    expect(parameters).toMatchObject([{ name: 'Idempotency-Key', in: 'header', required: false }]);
    expect(Object.keys(responses)).toEqual([
      '202',
      '400',
      '401',
      '403',
      '405',
      '408',
      '409',
      '413',
      '415',
      '429',
      '431',
      '500',
      '503',
    ]);

    const { example } = requestBody!.content['application/json'];
    const { secret } = await api.issueToken();
    const answer = await supertest(api.app)
      .post('/ingest/jobs')
      .set('X-API-KEY', secret)
      .send(example as object);
    const shown = responses['202']!.content!['application/json'].example as Record<string, unknown>;
    const { data, count, accepted, rejected } = answer.body;
    expect(Object.keys(answer.body).sort()).toEqual(Object.keys(shown).sort());
    expect(shown).toMatchObject({ data, count, accepted, rejected });
  });

  it('describes every field of a job', () => {
    const described = document.components.schemas['Job']!.properties;
    expect(Object.keys(described)).toEqual(Object.keys(jobViewSchema.shape));
    for (const [field, { description }] of Object.entries(described)) {
      expect({ field, description }).toEqual({ field, description: expect.any(String) });
    }
  });

  it('refers only to what it holds', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path!,
    );
    expect(references.length).toBeGreaterThan(0);
    for (const path of references) {
      const target = path.split('/').reduce<unknown>(memberOf, document);
      expect({ path, target: typeof target }).toEqual({ path, target: 'object' });
    }
  });

  it('describes what endpoints are sent, type by type, with an example', async () => {
    const { secret } = await api.issueKey();
    const { body } = await api.get('/webhooks/events', secret);
    const types = (body.data as { type: string }[]).map(({ type }) => type);
    expect(Object.keys(document.webhooks)).toEqual(types);
    for (const [type, { post }] of Object.entries(document.webhooks)) {
      expect(post!.requestBody!.content['application/json'].example).toMatchObject({ type });
      expect(post!.parameters!.map(({ name }) => name)).toEqual([
        'webhook-id',
        'webhook-timestamp',
        'webhook-signature',
      ]);
    }
  });

  it('gives an example job that is one', () => {
    const { example } = operations['/jobs']!.responses['200']!.content!['application/json'];
    expect(z.object({ data: z.array(jobViewSchema).length(1) }).safeParse(example).error).toBeUndefined();
  });
});
