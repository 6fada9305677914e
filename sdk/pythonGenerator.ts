import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf } from '../bin/stack/programs';

const execute = promisify(execFile);

/** Everything that is installed, to the exact version. */
const REQUIREMENTS = join(__dirname, 'pythonGenerator.txt');
/** Of the generator, and of what it generates. */
const OLDEST_PYTHON = [3, 11] as const;
const VERSION_TIMEOUT_MS = 30_000;
const INSTALL_TIMEOUT_MS = 300_000;
const GENERATE_TIMEOUT_MS = 120_000;

export interface PythonGenerator {
  /** Runs `openapi-python-client` with these arguments. @throws Error with what it said */
  run: (args: readonly string[]) => Promise<void>;
}

interface SearchOptions {
  cacheFolder: string;
  environment: NodeJS.ProcessEnv;
  report: (sentence: string) => void;
}

/** The generator of Python clients; it is installed by pip into a folder of its own. Or a sentence why it cannot be had. */
export async function findPythonGenerator({
  cacheFolder,
  environment,
  report,
}: SearchOptions): Promise<PythonGenerator | { missing: string }> {
  const python = await findPython(environment);
  if ('missing' in python) return python;
  const requirements = await readFile(REQUIREMENTS);
  const digest = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const folder = join(cacheFolder, `python-${python.version}-${digest}`);
  if (!existsSync(folder)) {
    report('installing openapi-python-client, this once');
    try {
      await install(python.program, cacheFolder, folder, environment);
    } catch (error) {
      return { missing: `pip could not install openapi-python-client (${reasonOf(error)})` };
    }
  }
  const env = {
    ...environment,
    PYTHONPATH: folder,
    // The generator formats what it has written with the ruff that comes with it.
    PATH: [join(folder, 'bin'), environment.PATH].join(delimiter),
  };
  return {
    run: async (args) => {
      try {
        await execute(python.program, ['-m', 'openapi_python_client', ...args], {
          env,
          timeout: GENERATE_TIMEOUT_MS,
        });
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        throw new Error(`openapi-python-client failed.\n${stdout}${stderr}`, { cause: error });
      }
    },
  };
}

async function findPython(
  env: NodeJS.ProcessEnv,
): Promise<{ program: string; version: string } | { missing: string }> {
  const wanted = OLDEST_PYTHON.join('.');
  const faults: string[] = [];
  for (const program of ['python3', 'python']) {
    try {
      const script = 'import sys; print(*sys.version_info[:2])';
      const { stdout } = await execute(program, ['-c', script], { env, timeout: VERSION_TIMEOUT_MS });
      const [major = 0, minor = 0] = stdout.trim().split(' ').map(Number);
      const isNewEnough =
        major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]);
      if (isNewEnough) return { program, version: `${major}.${minor}` };
      faults.push(`${program} is ${major}.${minor}`);
    } catch (error) {
      faults.push(`${program}: ${reasonOf(error)}`);
    }
  }
  return { missing: `Python ${wanted} or newer was not found (${faults.join(', ')})` };
}

/** Installs beside the folder and moves it there in one step: an installation that breaks off is not taken for a whole one. */
async function install(
  python: string,
  cacheFolder: string,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const target = await mkdtemp(join(cacheFolder, '.install-'));
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  try {
    await execute(python, [...args, '--target', target, '--requirement', REQUIREMENTS], {
      env,
      timeout: INSTALL_TIMEOUT_MS,
    });
    await rename(target, folder).catch((error: unknown) => {
      // Another run was faster.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}
