import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProcesses, type TestProcesses } from '../support/processes';

/** A shape unlike those that ship: an agency's export, with German amounts and local times. */
const AGENCY_CSV = [
  'Ref;Headline;Text;Pay;Seen;Public since;Where',
  '2013625432109875200;Oak kitchen in 3D;Model an oak kitchen from a floor plan & render four views.;1.500,00 €;20.01.2026 18:30;20.01.2026 15:51;Deutschland',
  '2013625432109875201;Translate a cookbook;Sixty recipes from Italian into plain German, with measures.;640,50 €;20.01.2026 18:30;19.01.2026 09:00;Austria',
  '2013625432109875202;;No headline was seen for this one.;10,00 €;20.01.2026 18:30;19.01.2026 09:00;Austria',
].join('\n');

const AGENCY_MAPPING = {
  name: 'agency-export',
  match: { all: ['Ref', 'Headline', 'Pay'] },
  currency: 'EUR',
  observedAt: { from: 'Seen', parse: 'time', format: 'dd.MM.yyyy HH:mm', zone: 'Europe/Berlin' },
  fields: {
    uid: { from: 'Ref' },
    title: { from: 'Headline' },
    description: { from: 'Text', parse: 'html' },
    budget: { from: 'Pay', parse: 'money' },
    posted_on: { from: 'Public since', parse: 'time', format: 'dd.MM.yyyy HH:mm', zone: 'Europe/Berlin' },
    'buyer.country': { from: 'Where' },
  },
};

describe('the command line against a running API and worker', () => {
  let processes: TestProcesses;
  let folder: string;
  let apiUrl: string;

  beforeAll(async () => {
    processes = await startProcesses({ apis: 1, workers: 1 });
    ({ folder } = processes);
    apiUrl = processes.apiUrls.join();
  });
  afterAll(() => processes.stop());

  const run = (...words: string[]) => processes.run(...words);
  const runJson = (...words: string[]) => processes.runJson(...words);

  const file = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  it('makes an account, ingests a shape never seen before by a mapping alone, and the API finds its jobs', async () => {
    const { account_id, api_key } = await runJson(
      'account',
      'create',
      '--email',
      'a@example.com',
      '--plan',
      'enterprise',
    );
    expect(account_id).toMatch(/^[0-9a-f-]{36}$/);
    const get = async (path: string): Promise<{ data: unknown[]; total: number }> =>
      JSON.parse(await (await fetch(apiUrl + path, { headers: { 'X-API-KEY': api_key } })).text());

    const postings = file('agency.csv', AGENCY_CSV);
    const mapping = file('agency-export.json', JSON.stringify(AGENCY_MAPPING));
    const ingest = ['ingest', postings, '--mapping', mapping, '--source', 'agency'];
    expect(await runJson(...ingest)).toEqual({
      received: 3,
      accepted: 2,
      updated: 0,
      unchanged: 0,
      duplicates: 0,
      quarantined: 0,
      rejected: 1,
      reasons: { title_missing: 1 },
    });
    expect(await runJson(...ingest)).toMatchObject({ received: 3, accepted: 0, unchanged: 2, rejected: 1 });

    const found = await get('/jobs?search=3D%20kitchens');
    expect(found.data).toMatchObject([
      {
        id: '2013625432109875200',
        title: 'Oak kitchen in 3D',
        description: 'Model an oak kitchen from a floor plan & render four views.',
        budget: { fixed_amount: 1500, currency: 'EUR' },
        posted_on: '2026-01-20T14:51:00.000Z',
        last_visited_at: '2026-01-20T17:30:00.000Z',
        buyer: { country: 'DE' },
      },
    ]);
    expect((await get('/jobs?budget_min=1000')).total).toBe(1);
    expect(await runJson('stats')).toMatchObject({
      jobs: 2,
      stale_in_index: 0,
      rows: { received: 6, accepted: 2 },
    });

    const address = 'https://www.upwork.com/jobs/Oak-kitchen_~022013625432109875200/';
    const shown = await runJson('job', 'show', address);
    expect(await runJson('job', 'show', '~022013625432109875200')).toEqual(shown);
    expect(shown.fields).toContainEqual(
      expect.objectContaining({ field: 'budget', source: 'agency', row: 1 }),
    );
    expect(shown.verdicts.map((verdict: { outcome: string }) => verdict.outcome)).toEqual([
      'accepted',
      'unchanged',
    ]);
  });

  it('says what a mapping would make of the rows, and stores nothing', async () => {
    const postings = file('checked.csv', AGENCY_CSV.replaceAll('20136254321098752', '20136254321098753'));
    const mapping = file('checked.json', JSON.stringify(AGENCY_MAPPING));
    const before = await runJson('stats');
    const check = await runJson('ingest', postings, '--mapping', mapping, '--check');
    expect(check).toMatchObject({
      mappings: { 'agency-export': 3 },
      report: { received: 3, accepted: 2, rejected: 1 },
      reason_examples: { title_missing: 'row 3 of checked.csv: The posting has no title.' },
      fields: { title: { filled: 2, parsed: 2, failed: 0 }, budget: { filled: 3, parsed: 3, failed: 0 } },
    });
    expect(await runJson('stats')).toEqual(before);

    const unmapped = await runJson('ingest', postings, '--check');
    expect(unmapped.reason_examples.mapping_missing).toContain('Ref, Headline, Text, Pay');
  });

  it('refuses a faulty mapping before the run, naming what and where', async () => {
    const faulty = {
      ...AGENCY_MAPPING,
      fields: {
        ...AGENCY_MAPPING.fields,
        titel: { from: 'Headline' },
        budget: { from: 'Pay', parse: 'mony' },
      },
    };
    const { code, errors } = await run(
      'ingest',
      file('refused.csv', AGENCY_CSV),
      '--mapping',
      file('faulty.json', JSON.stringify(faulty)),
    );
    expect(code).toBe(1);
    expect(errors).toContain('fields.titel');
    expect(errors).toContain('did you mean title?');
    expect(errors).toContain('fields.budget');
    expect(errors).toContain('did you mean money?');
  });

  it('reads a mapping that begins with a byte order mark, and tells where one stops being JSON', async () => {
    const text = JSON.stringify(AGENCY_MAPPING, undefined, 2);
    expect((await run('mapping', 'check', file('marked.json', `\ufeff${text}`))).code).toBe(0);
    const { code, errors } = await run('mapping', 'check', file('comma.json', text.replace(',\n', ',,\n')));
    expect(code).toBe(1);
    expect(errors).toContain('unexpected text in line 2');
  });

  it('makes no key that has expired already', async () => {
    await runJson('account', 'create', '--email', 'c@example.com', '--plan', 'starter');
    const words = ['key', 'create', '--email', 'c@example.com', '--expires-at'];
    expect(await run(...words, '2020-01-01')).toMatchObject({ code: 1, output: '' });
    expect(await run(...words, '2100-01-01')).toMatchObject({ code: 0 });
  });

  it('tells in a sentence that a path is not there', async () => {
    const { code, errors } = await run('ingest', join(folder, 'nowhere.csv'));
    expect(code).toBe(1);
    expect(errors).toContain('nowhere.csv');
    expect(errors.trim().split('\n')).toHaveLength(1);
  });

  it('ends a key at once', async () => {
    const { api_key } = await runJson('account', 'create', '--email', 'b@example.com', '--plan', 'starter');
    const status = async () =>
      (await fetch(`${apiUrl}/health`, { headers: { 'X-API-KEY': api_key } })).status;
    expect(await status()).toBe(200);
    const [key] = await runJson('key', 'list', '--email', 'b@example.com');
    await run('key', 'revoke', key.id, '--email', 'b@example.com');
    expect(await status()).toBe(401);
  });
});
