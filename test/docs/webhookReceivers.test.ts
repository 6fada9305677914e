import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { exampleJobView } from '../../api/examples';
import { EVENT_KINDS, exampleEvent } from '../../domain/webhooks/events';
import { checkFormatOptions } from '../../domain/webhooks/formats';
import { MAX_BODY_BYTES } from '../../domain/webhooks/formats/fit';
import { WEBHOOK_FORMATS } from '../../domain/webhooks/message';
import { DEFAULT_RETRY_SECONDS } from '../../domain/webhooks/retrySchedule';
import { until } from '../support/until';

const REPOSITORY = resolve(__dirname, '../..');
const page = readFileSync(join(REPOSITORY, 'docs/webhooks.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'receivers-'));
const pythonPackages = join(folder, 'python');

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const COMPILE_TIMEOUT_MS = 300_000;

/** How a receiver on the page is run. */
interface Language {
  mark: string;
  /** Says why it cannot be run here. @returns null when it can */
  missing: (code: string) => string | null;
  /** Program and arguments. */
  command: (code: string, port: number) => string[];
}

const LANGUAGES: readonly Language[] = [
  {
    mark: 'js',
    missing: () => null,
    command: (code) => [process.execPath, '--input-type=module', '-e', code],
  },
  {
    mark: 'python',
    missing: (code) =>
      lacking('python3', '--version') ?? (code.includes('standardwebhooks') ? installPythonLibrary() : null),
    command: (code) => ['python3', '-c', code],
  },
  {
    mark: 'php',
    missing: () => lacking('php', '--version'),
    command: (code, port) => ['php', '-S', `127.0.0.1:${port}`, fileOf('receiver.php', code)],
  },
  {
    mark: 'go',
    missing: () => lacking('go', 'version'),
    command: (code) => {
      const program = join(folder, 'receiver');
      execFileSync('go', ['build', '-o', program, fileOf('receiver.go', code)], {
        stdio: 'pipe',
        timeout: COMPILE_TIMEOUT_MS,
      });
      return [program];
    },
  },
];

interface Request {
  body: string;
  headers: Record<string, string>;
}

const event = exampleEvent('job.matched', EVENT_KINDS['job.matched']!, {
  ...exampleJobView,
  title: 'Gîte: 予約 🏔 <b>"now"</b> &amp; \\n',
});

function signed(secrets: readonly string[], { secondsAgo = 0 } = {}): Request {
  const body = JSON.stringify(event);
  const at = new Date(Date.now() - secondsAgo * 1000);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': event.id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(event.id, at, body)).join(' '),
    },
  };
}

function changed(headers: Record<string, string>): Request {
  const request = signed([SECRET]);
  return { ...request, headers: { ...request.headers, ...headers } };
}

const receivers = LANGUAGES.flatMap((language) =>
  blocksOf(language.mark).map((code, index) => ({ ...language, code, index, cause: language.missing(code) })),
);

it('the page shows receivers in four languages', () => {
  expect(receivers.map(({ mark }) => mark)).toEqual(['js', 'js', 'python', 'python', 'php', 'go']);
});

describe.each(receivers)('receiver $index in $mark', ({ mark, code, command, cause }) => {
  const title = (sentence: string) => (cause === null ? sentence : `${sentence}, skipped: ${cause}`);
  const when = cause === null ? it : it.skip;
  let child: ChildProcess | undefined;
  let port: number;
  let said = '';

  beforeAll(async () => {
    if (cause !== null) return;
    port = await freePort();
    const [program = '', ...options] = command(code, port);
    child = spawn(program, options, {
      cwd: REPOSITORY,
      env: { ...process.env, WEBHOOK_SECRET: SECRET, PORT: String(port), PYTHONPATH: pythonPackages },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout!.on('data', (chunk) => (said += String(chunk)));
    child.stderr!.on('data', (chunk) => (said += String(chunk)));
    await until(() => isListening(port), { deadlineMs: 60_000 });
  }, COMPILE_TIMEOUT_MS);
  afterAll(async () => {
    if (child?.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  });

  async function statusOf({ body, headers }: Request): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body,
      headers: { ...headers, connection: 'close' },
    });
    await response.arrayBuffer();
    return response.status;
  }

  when(title('takes what is signed with its secret, and reads it'), async () => {
    expect(await statusOf(signed([SECRET]))).toBe(204);
    await until(() => said.includes(`job.matched ${event.id}`));
  });

  when(title('takes either signature while the secret changes'), async () => {
    expect(await statusOf(signed([OTHER_SECRET, SECRET]))).toBe(204);
    expect(await statusOf(signed([SECRET, OTHER_SECRET]))).toBe(204);
  });

  when(title('takes what was signed four minutes ago, and refuses what was six minutes ago'), async () => {
    expect(await statusOf(signed([SECRET], { secondsAgo: 240 }))).toBe(204);
    expect(await statusOf(signed([SECRET], { secondsAgo: 360 }))).toBe(400);
    expect(await statusOf(signed([SECRET], { secondsAgo: -360 }))).toBe(400);
  });

  when(title('refuses another signature, body, id, time or version, and what is not signed'), async () => {
    const good = signed([SECRET]);
    const now = String(Math.floor(Date.now() / 1000) + 1);
    const refused: Record<string, Request> = {
      signature: signed([OTHER_SECRET]),
      body: { ...good, body: good.body.replace('1500', '1501') },
      id: changed({ 'webhook-id': 'evt_1' }),
      time: changed({ 'webhook-timestamp': now }),
      version: changed({ 'webhook-signature': good.headers['webhook-signature']!.replace('v1,', 'v2,') }),
      garbage: changed({ 'webhook-signature': 'v1,???? v1, ,' }),
      'no time': changed({ 'webhook-timestamp': 'yesterday' }),
      unsigned: { body: good.body, headers: { 'content-type': 'application/json' } },
    };
    const statuses: Record<string, number> = {};
    for (const [name, request] of Object.entries(refused)) statuses[name] = await statusOf(request);
    expect(statuses).toEqual(Object.fromEntries(Object.keys(refused).map((name) => [name, 400])));
    expect([mark, await statusOf(signed([SECRET]))]).toEqual([mark, 204]);
  });
});

describe('the page', () => {
  it('tells the retries that there are', () => {
    const told = DEFAULT_RETRY_SECONDS.map(durationOf)
      .join(', ')
      .replace(/, ([^,]*)$/, ' and $1');
    const minutes = DEFAULT_RETRY_SECONDS.reduce((sum, seconds) => sum + seconds, 0) / 60;
    const text = page.replace(/\s+/g, ' ');
    expect(text).toContain(`sent again after ${told}`);
    expect(text).toContain(`${DEFAULT_RETRY_SECONDS.length + 1} attempts over`);
    expect(text).toContain(`${Math.floor(minutes / 60)} hours and ${Math.floor(minutes % 60)} minutes`);
    expect(text).toContain(`at most ${MAX_BODY_BYTES / 1024} KiB`);
  });

  it('tells of every type of event, every member of a body, and every format', () => {
    const told = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
    expect(told).toEqual(
      expect.arrayContaining([
        ...Object.keys(EVENT_KINDS),
        ...['id', 'type', 'replayed', 'created_at', 'data'],
        ...WEBHOOK_FORMATS.filter((format) => format !== 'json'),
      ]),
    );
  });

  it('shows options that are taken', () => {
    expect(blocksOf('json').map((block) => checkFormatOptions('salesforce', JSON.parse(block)))).toEqual([
      [],
    ]);
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function blocksOf(mark: string): string[] {
  return [...page.matchAll(new RegExp('^```' + mark + '\n(.*?)^```$', 'gms'))].map(([, code = '']) => code);
}

function durationOf(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`;
}

function fileOf(name: string, code: string): string {
  const path = join(folder, name);
  writeFileSync(path, code);
  return path;
}

function lacking(program: string, option: string): string | null {
  try {
    execFileSync(program, [option], { stdio: 'ignore' });
    return null;
  } catch {
    return `there is no ${program}`;
  }
}

function installPythonLibrary(): string | null {
  const options = ['--quiet', '--disable-pip-version-check', '--target', pythonPackages];
  try {
    execFileSync('python3', ['-m', 'pip', 'install', ...options, 'standardwebhooks==1.1.0'], {
      stdio: 'pipe',
    });
    return null;
  } catch {
    return 'pip cannot fetch the package standardwebhooks';
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
