import { createTestApi, type TestApi } from '../support/api';
import { canonicalRecord, ingestRows } from '../support/ingest';
import { createTestOperators, type TestOperators } from '../support/operators';

/** In doubt: a messenger named as the way to get in touch. */
const doubtful = (id: string, fields: Record<string, unknown> = {}) =>
  canonicalRecord({
    id,
    title: `Logo for bakery ${id}`,
    description:
      'We bake bread in a small town and need a logo for our bags, our van and the sign above the door. Two drafts, then the ' +
      'files for print. Tell us which logos you have drawn before and how long it takes. Please contact me on Telegram @bakery_logo.',
    ...fields,
  });

const FIRST = '2013625432109875200';
const SECOND = '2013625432109875201';

describe('operators', () => {
  let api: TestApi;
  let operators: TestOperators;
  beforeEach(async () => {
    api = await createTestApi();
    operators = createTestOperators(api);
    const report = await ingestRows(api.db, [
      doubtful(FIRST, { buyer: { country: 'DE', city: 'Bonn' } }),
      doubtful(SECOND, { buyer: { country: 'PT', city: 'Faro' } }),
    ]);
    expect(report).toMatchObject({ quarantined: 2 });
  });
  afterEach(() => api.drop());

  const waiting = async (): Promise<{ id: number; posting: string }[]> =>
    (await operators.get('/admin/quarantine').expect(200)).body.data;
  const idOf = async (posting: string) => (await waiting()).find((entry) => entry.posting === posting)!.id;

  it('see what waits and why', async () => {
    const { body } = await operators.get('/admin/quarantine').expect(200);
    expect(body).toMatchObject({
      count: 2,
      data: expect.arrayContaining([
        expect.objectContaining({
          posting: FIRST,
          title: `Logo for bakery ${FIRST}`,
          rules: expect.arrayContaining([expect.any(String)]),
          row_number: 1,
        }),
      ]),
    });
  });

  it('accept a posting, which is published, and reject another, which is not; once each', async () => {
    const [accepted, rejected] = [await idOf(FIRST), await idOf(SECOND)];
    await operators.post(`/admin/quarantine/${accepted}/accept`).expect(200);
    await operators.post(`/admin/quarantine/${accepted}/accept`).expect(200);
    await operators.post(`/admin/quarantine/${rejected}/reject`).expect(200);
    await operators.post(`/admin/quarantine/${rejected}/reject`).expect(200);
    expect(await waiting()).toEqual([]);
    expect(await api.db('jobs').pluck('id')).toEqual([FIRST]);
    const act = { actor: 'operator:anna', account_id: null };
    expect(await operators.audited()).toEqual([
      { ...act, action: 'posting.accepted', subject: String(accepted), details: { posting: FIRST } },
      { ...act, action: 'posting.rejected', subject: String(rejected), details: { posting: SECOND } },
    ]);
  });

  it('cannot decide the other way afterwards', async () => {
    const id = await idOf(FIRST);
    await operators.post(`/admin/quarantine/${id}/reject`).expect(200);
    const { body } = await operators.post(`/admin/quarantine/${id}/accept`).expect(409);
    expect(body.code).toBe('conflict');
    expect(await operators.audited()).toHaveLength(1);
  });

  it('get 404 for a number that is none of a posting, and 400 for what is no number', async () => {
    await operators.post('/admin/quarantine/999999/accept').expect(404);
    for (const id of ['x', '-1', '1.5', '9'.repeat(16)]) {
      const { body } = await operators.post(`/admin/quarantine/${id}/reject`).expect(400);
      expect(body.errors).toMatchObject([{ parameter: 'id', received: id }]);
    }
    expect(await operators.audited()).toEqual([]);
  });
});
