import { z } from 'zod';
import { declaredRoutes } from '../../api/app';
import { openApiDocument } from '../../api/openapi';
import { publicRoute, route } from '../../api/route';
import { forStrictClients, repeatableRoutesOf } from '../../sdk/openApiDocument';

const signUp = {
  ...publicRoute({
    method: 'get',
    path: '/signup',
    tag: 'Accounts',
    summary: 'Sign up',
    response: z.object({ plan: z.enum(['starter', 'professional']), level: z.literal([1, 2]).nullable() }),
    handler: () => Promise.resolve({ body: { plan: 'starter' as const, level: 1 as const } }),
  }),
  method: 'post' as const,
};
const rotateKey = {
  ...route({
    method: 'post',
    path: '/account/keys/{id}/rotate',
    tag: 'Accounts',
    summary: 'Rotate a key',
    scope: 'any',
    params: z.object({ id: z.string() }),
    response: z.object({}),
    handler: () => Promise.resolve({ body: {} }),
  }),
  body: { schema: z.object({}), maxBytes: 100 },
};
const document = openApiDocument([...declaredRoutes, signUp, rotateKey]);

describe('routes that a client may ask again', () => {
  const { readOnly, keyed } = repeatableRoutesOf(document);

  it('are those that take an Idempotency-Key, with any id in their path', () => {
    const rotate = keyed.find(({ path }) => path.includes('rotate'))!;
    expect(rotate.method).toBe('POST');
    expect('/account/keys/k1/rotate').toMatch(new RegExp(rotate.path));
    expect('/account/keys/k1/others/rotate').not.toMatch(new RegExp(rotate.path));
    expect(keyed.map(({ path }) => path)).toContain('^/ingest/jobs$');
  });

  it('are searches by a body, and not a POST without a key, which may change something', () => {
    expect(readOnly).toEqual([
      { method: 'POST', path: '^/jobs/search$' },
      { method: 'POST', path: '^/saved-searches/preview$' },
    ]);
  });
});

describe('the document for clients that check what they get', () => {
  const strict = forStrictClients(document);

  it('leaves the values of answers open, and keeps those of parameters', () => {
    const answers = JSON.stringify([strict.components!.schemas, strict.paths!['/signup']!.post!.responses]);
    expect(answers).not.toContain('"enum":[');
    const { plan, level } = JSON.parse(JSON.stringify(strict.paths!['/signup']!.post!.responses!['200']))
      .content['application/json'].schema.properties;
    expect(plan).toEqual({ type: 'string' });
    expect(level).toEqual({ type: ['integer', 'null'] });
    expect(JSON.stringify(strict.paths!['/jobs']!.get!.parameters)).toContain('"enum":[');
  });

  it('states no defaults, which a client would send and so fix', () => {
    expect(JSON.stringify(document.paths!['/jobs']!.get!.parameters)).toContain('"default":');
    expect(JSON.stringify(strict.paths!['/jobs']!.get!.parameters)).not.toContain('"default":');
  });
});
