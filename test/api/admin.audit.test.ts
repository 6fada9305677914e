import { createTestApi, type TestApi } from '../support/api';
import { createTestOperators, type TestOperators } from '../support/operators';

describe('the audit log', () => {
  let api: TestApi;
  let operators: TestOperators;
  beforeAll(async () => {
    api = await createTestApi();
    operators = createTestOperators(api);
    await api.db('audit_log').insert(
      Array.from({ length: 12 }, (_, index) => ({
        occurred_at: `2026-01-${String(index + 1).padStart(2, '0')}T12:00:00Z`,
        actor: ['operator', 'operator:anna', 'cli'][index % 3],
        action: index % 2 === 0 ? 'account.suspended' : 'account.restored',
        account_id: index < 6 ? 'first' : null,
        subject: `${index}`,
        details: { reason: 'x' },
      })),
    );
  });
  afterAll(() => api.drop());

  const subjects = async (query: string) =>
    (await operators.get(`/admin/audit?${query}`).expect(200)).body.data
      .map(({ subject }: { subject: string }) => subject)
      .join(' ');

  it('is read latest first, by account, by who acted, by what was done and by time', async () => {
    expect(await subjects('')).toBe('11 10 9 8 7 6 5 4 3 2 1 0');
    expect(await subjects('account=first')).toBe('5 4 3 2 1 0');
    expect(await subjects('actor=operator')).toBe('10 9 7 6 4 3 1 0');
    expect(await subjects('actor=operator:anna')).toBe('10 7 4 1');
    expect(await subjects('action=account.restored&account=first')).toBe('5 3 1');
    expect(await subjects('from=2026-01-04T12:00:00Z&to=2026-01-06T13:00:00%2B01:00')).toBe('4 3');
    expect(await subjects('account=none')).toBe('');
  });

  it('tells each act whole', async () => {
    const { body } = await operators.get('/admin/audit?limit=1').expect(200);
    expect(body.data).toEqual([
      {
        id: expect.any(Number),
        occurred_at: '2026-01-12T12:00:00.000Z',
        actor: 'cli',
        action: 'account.restored',
        account_id: null,
        subject: '11',
        details: { reason: 'x' },
      },
    ]);
  });

  it('is walked page by page, also while it grows', async () => {
    const first = await operators.get('/admin/audit?limit=5&account=first').expect(200);
    expect(first.body).toMatchObject({ count: 5, next_cursor: expect.any(String) });
    await api.db('audit_log').insert({
      occurred_at: '2026-01-20T12:00:00Z',
      actor: 'cli',
      action: 'account.suspended',
      account_id: 'first',
    });
    const second = await operators
      .get(`/admin/audit?limit=5&account=first&cursor=${first.body.next_cursor}`)
      .expect(200);
    expect(second.body).toMatchObject({ data: [{ subject: '0' }], next_cursor: null });
  });

  it('names what is wrong with a search', async () => {
    const { body } = await operators
      .get('/admin/audit?from=yesterday&to=0000-01-01T00:00:00Z&cursor=x&acount=first&limit=1.5')
      .expect(400);
    expect(body.errors.map((fault: { parameter: string }) => fault.parameter).sort()).toEqual([
      'acount',
      'cursor',
      'from',
      'limit',
      'to',
    ]);
  });
});
