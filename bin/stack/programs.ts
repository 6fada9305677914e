import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

/** The program of that name in the first folder on PATH that has it. */
export function findOnPath(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment.PATH ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Where programs are kept that were downloaded, or put there by hand. */
export function cacheRoot(environment: NodeJS.ProcessEnv): string {
  const given = environment.XDG_CACHE_HOME;
  const base = given !== undefined && isAbsolute(given) ? given : join(homedir(), '.cache');
  return join(base, 'upwork-jobs-platform');
}

/** The last line a program wrote to its error output, or the error's own sentence. */
export function reasonOf(error: unknown): string {
  const { stderr, code } = error as { stderr?: unknown; code?: unknown };
  if (code === 'ENOENT') return 'not installed';
  const lastLine = typeof stderr === 'string' ? stderr.trim().split('\n').at(-1) : undefined;
  const text =
    lastLine !== undefined && lastLine !== ''
      ? lastLine
      : error instanceof Error
        ? error.message
        : String(error);
  return text.split('\n', 1).join('').slice(0, 300);
}
