import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { exampleJobView } from '../../api/examples';
import { addMillis, DAY_MS } from '../../domain/time';
import { EVENT_KINDS, exampleEvent } from '../../domain/webhooks/events';
import { createTestApi, NOW, type TestApi } from '../support/api';
import { type Proxy, startProxy } from '../support/proxy';
import { json } from '../support/scriptedServer';

const repositoryRoot = resolve(__dirname, '../..');
const loader = pathToFileURL(require.resolve('tsx')).href;
const folder = mkdtempSync(join(tmpdir(), 'sdk-test-'));

// Whether Python can be tried shows before tests are declared: only so can they be said to be skipped.
const generated: { typescript: string; python: string | null; left_out?: string } = JSON.parse(
  execFileSync(process.execPath, ['--import', loader, 'bin/sdk.ts', '--json', '--output', folder], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  }),
);

type Act = (act: string, given?: unknown) => Promise<{ value?: unknown; failure?: Record<string, unknown> }>;

/** A customer's program that uses the client. */
interface Consumer {
  act: Act;
  stop: () => void;
}

const JOB_COUNT = 120;
const ids = Array.from({ length: JOB_COUNT }, (_, index) =>
  String(1_900_000_000_000_000_000n + BigInt(index)),
);
const unavailable = (retryAfter: number) => ({
  status: 503,
  ...json(
    { success: false, code: 'unavailable', message: 'Down.', retry_after: retryAfter },
    { 'retry-after': String(retryAfter) },
  ),
});

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
/** Of the Standard Webhooks specification. */
const PUBLISHED = {
  body: '{"event_type":"ping","data":{"success":true}}',
  headers: {
    'webhook-id': 'msg_loFOjxBNrRLzqYUf',
    'webhook-timestamp': '1731705121',
    'Webhook-Signature': 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
  },
  secret: 'whsec_plJ3nmyCDGBKInavdOK15jsl',
  now: 1731705121,
};

/** As an endpoint receives them now. */
function signedHeaders(body: string, secrets: readonly string[]): Record<string, string> {
  const [id, now] = ['evt_4f9d1c0a7be24a0f8d3b5e6a90c1d2e3', new Date()];
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
  };
}

const pythonHome = join(folder, 'python-home');
const languages = [
  { language: 'TypeScript', missing: null, prepare: prepareTypeScript },
  { language: 'Python', missing: generated.left_out ?? installPython(), prepare: preparePython },
];

for (const { language, missing, prepare } of languages) {
  const title = `the ${language} client${missing === null ? '' : `, skipped: ${missing}`}`;
  (missing === null ? describe : describe.skip)(title, () => {
    let api: TestApi;
    let proxy: Proxy;
    let start: (key: string) => Consumer;
    let consumer: Consumer;
    let act: Act;

    beforeAll(async () => {
      start = prepare(() => `${proxy.origin}/v1/`);
      api = await createTestApi();
      proxy = await startProxy(api.app);
      // Several were posted at the same time: pages must not lose any of them.
      const postedOn = (index: number) => addMillis(NOW, -DAY_MS - Math.floor(index / 7) * 1000);
      await Promise.all(ids.map((id, index) => api.saveJob({ id, postedOn: postedOn(index) })));
      consumer = start((await api.issueKey()).secret);
      act = consumer.act;
    });
    afterAll(async () => {
      consumer.stop();
      await proxy.stop();
      await api.drop();
    });
    beforeEach(() => proxy.next());

    it('gives every job over all pages once', async () => {
      const { value } = await act('jobs', {});
      expect(value).toHaveLength(JOB_COUNT);
      expect(new Set(value as string[])).toEqual(new Set(ids));
      expect(proxy.requests).toHaveLength(3);
    });

    it('pages by relevance, where there is no cursor, by offset', async () => {
      const { value } = await act('jobs', { search: 'job', sort: 'relevance' });
      expect(value).toHaveLength(JOB_COUNT);
      expect(new Set(value as string[])).toEqual(new Set(ids));
      expect(proxy.requests.map(({ path }) => /offset=(\d+)/.exec(path)?.[1])).toEqual([
        undefined,
        '50',
        '100',
      ]);
    });

    it('goes on from the cursor of an earlier page', async () => {
      const all = (await act('jobs', {})).value as string[];
      expect((await act('secondPage')).value).toEqual(all.slice(50));
    });

    it('follows the changes as far as there are any', async () => {
      const { value } = await act('changes', { since: '-7d' });
      expect(value).toHaveLength(JOB_COUNT);
      expect(new Set(value as string[])).toEqual(new Set(ids));
      expect(proxy.requests).toHaveLength(3);
    });

    it('sends filters of every kind', async () => {
      const given = {
        search: '"job 19"',
        skills_not: ['php', 'perl'],
        payment_verified: false,
        'buyer.total_spent_min': 5,
      };
      const { failure } = await act('jobs', language === 'Python' ? withUnderscores(given) : given);
      expect(failure).toMatchObject({ status: 403, code: 'plan_upgrade_required' });
      const asked = new URL(proxy.requests[0]!.path, proxy.origin).searchParams;
      expect(asked.getAll('skills_not').join()).toBe('php,perl');
      expect(asked.get('search')).toBe('"job 19"');
      expect(asked.get('payment_verified')).toBe('false');
      expect(asked.get('buyer.total_spent_min')).toMatch(/^5(\.0)?$/);
    });

    it('reads one job, and a search by its body', async () => {
      expect((await act('read', { id: ids[0] })).value).toEqual([`Job ${ids[0]}`, addMillis(NOW, -DAY_MS)]);
      expect((await act('search', { search: ids[3] })).value).toEqual([1, 1]);
    });

    it('takes jobs of which only some fields are asked for', async () => {
      expect((await act('fields')).value).toMatch(/^Job \d+$/);
    });

    it('hands a body over as it comes', async () => {
      expect((await act('raw')).value).toBe('Upwork jobs API');
    });

    it('asks again after 503, no sooner than Retry-After says', async () => {
      proxy.next(unavailable(1), unavailable(1));
      const { value } = await act('read', { id: ids[0] });
      expect(value).toEqual([`Job ${ids[0]}`, expect.any(String)]);
      const times = proxy.requests.map(({ at }) => at);
      expect(times).toHaveLength(3);
      // Timers may fire a little early.
      expect(times[1]! - times[0]!).toBeGreaterThan(990);
      expect(times[2]! - times[1]!).toBeGreaterThan(990);
    });

    it('asks again after 429, after a gateway that says no JSON, and when the answer is lost or breaks off', async () => {
      proxy.next({ status: 429 }, { status: 502, body: '<h1>Bad gateway</h1>' }, 'answer lost', 'answer cut');
      expect((await act('search', { search: ids[3] })).value).toEqual([1, 1]);
      expect(proxy.requests).toHaveLength(5);
    });

    it('gives up after five attempts with the last failure', async () => {
      const gateway = { status: 504, body: 'too slow', headers: { 'x-request-id': 'of the gateway' } };
      proxy.next(gateway, gateway, gateway, gateway, gateway);
      const { failure } = await act('read', { id: ids[0] });
      expect(failure).toMatchObject({
        name: 'ApiError',
        status: 504,
        code: 'http_504',
        request_id: 'of the gateway',
      });
      expect(proxy.requests).toHaveLength(5);
      proxy.next('answer lost', 'answer lost', 'answer lost', 'answer lost', 'answer lost');
      expect((await act('read', { id: ids[0] })).failure).toEqual({ name: 'ConnectionError' });
      expect(proxy.requests).toHaveLength(5);
    });

    it('does not wait for longer than it may in all', async () => {
      proxy.next(unavailable(3600));
      const { failure } = await act('read', { id: ids[0] });
      expect(failure).toMatchObject({ status: 503, code: 'unavailable', retry_after: 3600 });
      expect(proxy.requests).toHaveLength(1);
    });

    it('tells every fault of a refused request, and does not repeat it', async () => {
      const { failure } = await act('jobs', { sort: 'newest', posted_after: 'soon' });
      expect(failure).toMatchObject({
        name: 'ApiError',
        status: 400,
        code: 'invalid_parameter',
        message: '2 faults in the parameters posted_after, sort.',
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        errors: [{ parameter: 'posted_after' }, { parameter: 'sort', received: 'newest' }],
        retry_after: null,
      });
      expect(proxy.requests).toHaveLength(1);
    });

    it('pushes once what it pushes again because the answer was lost', async () => {
      const source = start((await api.issueToken()).secret);
      try {
        proxy.next('answer lost', { status: 503 });
        const posting = {
          id: '1950000000000000001',
          title: 'Paint a barn',
          posted_on: '2026-01-31T09:00:00Z',
        };
        const { value } = await source.act('push', [posting]);
        expect(value).toEqual([1, expect.any(String)]);
        const keys = proxy.requests.map(({ headers }) => headers['idempotency-key']);
        expect(keys).toEqual([keys[0], keys[0], keys[0]]);
        expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
        const batches = await api.db('raw_postings').countDistinct('batch_id as count').first();
        expect(Number(batches?.count)).toBe(1);
      } finally {
        source.stop();
      }
    });

    it("takes what an endpoint is sent, by either secret of a rotation and by any of a receiver's", async () => {
      const body = JSON.stringify(exampleEvent('job.matched', EVENT_KINDS['job.matched']!, exampleJobView));
      for (const signers of [[SECRET], [OTHER_SECRET, SECRET], [SECRET, OTHER_SECRET]]) {
        const given = { body, headers: signedHeaders(body, signers), secret: SECRET };
        expect((await act('verify', given)).value).toBe(exampleJobView.title);
      }
      const given = { body, headers: signedHeaders(body, [SECRET]), secret: [OTHER_SECRET, SECRET] };
      expect((await act('verify', given)).value).toBe(exampleJobView.title);
    });

    it('takes what the specification gives as an example', async () => {
      const { value } = await act('verify', PUBLISHED);
      expect(value).toEqual({ event_type: 'ping', data: { success: true } });
    });

    it.each<[string, object, RegExp]>([
      ['another secret', { secret: OTHER_SECRET }, /No signature/],
      ['another body', { body: PUBLISHED.body.replace('ping', 'pong') }, /No signature/],
      ['another id', { headers: { ...PUBLISHED.headers, 'webhook-id': 'msg_1' } }, /No signature/],
      [
        'a signature of another version',
        {
          headers: {
            ...PUBLISHED.headers,
            'webhook-signature': PUBLISHED.headers['Webhook-Signature'].replace('v1', 'v2'),
            'Webhook-Signature': undefined,
          },
        },
        /No signature/,
      ],
      ['a request of six minutes ago', { now: PUBLISHED.now + 360 }, /too far from now/],
      ['a request of times to come', { now: PUBLISHED.now - 360 }, /too far from now/],
      ['no time', { headers: { ...PUBLISHED.headers, 'webhook-timestamp': 'now' } }, /no time/],
      ['no id', { headers: { ...PUBLISHED.headers, 'webhook-id': undefined } }, /webhook-id is missing/],
      ['no signature', { headers: { ...PUBLISHED.headers, 'Webhook-Signature': undefined } }, /is missing/],
    ])('refuses %s', async (_what, changes, message) => {
      const { failure } = await act('verify', { ...PUBLISHED, ...changes });
      expect(failure).toEqual({
        name: 'WebhookVerificationError',
        message: expect.stringMatching(message),
      });
    });
  });
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a machine without Python', () => {
  it('gets the TypeScript client alone, is told so, and keeps no Python client of an earlier document', () => {
    const output = join(folder, 'without-python');
    mkdirSync(join(output, 'python'), { recursive: true });
    const said = execFileSync(process.execPath, ['--import', loader, 'bin/sdk.ts', '--output', output], {
      cwd: repositoryRoot,
      encoding: 'utf8',
      env: { ...process.env, PATH: '' },
    });
    expect(said).toContain('TypeScript: ');
    expect(said).toContain(
      'Python is left out: Python 3.11 or newer was not found (python3: not installed, python: not installed).',
    );
    expect(readdirSync(output)).toEqual(['typescript']);
    expect(readdirSync(join(output, 'typescript')).sort()).toEqual(['README.md', 'dist', 'package.json']);
  });
});

function withUnderscores(given: object): object {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name.replace('.', '_'), value]));
}

/** Compiles a customer's program, and the example of the README, against the package. */
function prepareTypeScript(origin: () => string) {
  const home = join(folder, 'typescript-consumer');
  cpSync(join(__dirname, 'consumer'), home, { recursive: true });
  mkdirSync(join(home, 'node_modules'));
  symlinkSync(generated.typescript, join(home, 'node_modules', 'upwork-jobs-client'));
  symlinkSync(join(repositoryRoot, 'node_modules', '@types'), join(home, 'node_modules', '@types'));
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(home, 'readme.ts'), exampleIn(join(generated.typescript, 'README.md'), 'ts'));
  run(process.execPath, [require.resolve('typescript/bin/tsc'), '--project', home]);
  return (key: string) => startConsumer(process.execPath, [join(home, 'consumer.js'), origin(), key], {});
}

/** Installs the package as a customer would, with what it depends on. @returns why not, when that cannot be had */
function installPython(): string | null {
  const options = ['--quiet', '--disable-pip-version-check', '--target', pythonHome];
  try {
    run('python3', ['-m', 'pip', 'install', ...options, generated.python!]);
    return null;
  } catch (error) {
    if (!/No matching distribution|connection/i.test(String(error))) throw error;
    return 'pip cannot fetch what the package depends on';
  }
}

function preparePython(origin: () => string) {
  const example = join(folder, 'readme.py');
  writeFileSync(example, exampleIn(join(generated.python!, 'README.md'), 'python'));
  run('python3', ['-m', 'py_compile', example]);
  const program = join(__dirname, 'consumer', 'consumer.py');
  return (key: string) => startConsumer('python3', [program, origin(), key], { PYTHONPATH: pythonHome });
}

function exampleIn(file: string, language: string): string {
  const blocks = readFileSync(file, 'utf8').matchAll(new RegExp('```' + language + '\n(.*?)```', 'gs'));
  return [...blocks].map(([, block]) => block).join('\n');
}

function run(program: string, args: string[]): void {
  try {
    execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(' ')} failed.\n${stdout}${stderr}`, { cause: error });
  }
}

function startConsumer(program: string, args: string[], environment: NodeJS.ProcessEnv): Consumer {
  const child: ChildProcess = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    act: async (name, given = {}) => {
      child.stdin!.write(`${JSON.stringify({ act: name, given })}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error('The program that uses the client has ended.');
      return JSON.parse(value);
    },
    stop: () => void child.kill(),
  };
}
