import { validate } from '@readme/openapi-parser';
import { createTestApi, type TestApi } from '../support/api';
import { createTestOperators } from '../support/operators';

describe("the operators' OpenAPI document", () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.drop());

  it('is valid, asks for the token, and describes parameters and bodies as they are checked', async () => {
    const { body: document } = await createTestOperators(api).get('/admin/openapi.json').expect(200);
    expect(await validate(structuredClone(document))).toMatchObject({ valid: true });
    expect(document.security).toEqual([{ operatorToken: [] }]);
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/admin/accounts/{id}/suspend', '/admin/audit', '/admin/openapi.json']),
    );
    const names = document.paths['/admin/accounts'].get.parameters.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual(['X-Operator', 'cursor', 'email', 'id', 'limit', 'plan', 'suspended']);
    const terms =
      document.paths['/admin/accounts/{id}/overrides'].put.requestBody.content['application/json'];
    expect(terms.schema).toMatchObject({
      additionalProperties: false,
      properties: { monthly_calls: { type: ['integer', 'null'], minimum: 0 } },
    });
  });
});
