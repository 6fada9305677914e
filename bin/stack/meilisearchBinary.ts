import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot, findOnPath, reasonOf } from './programs';

const execute = promisify(execFile);

const VERSION_TIMEOUT_MS = 10_000;
/** The first that can rename an index in a swap. */
const OLDEST_VERSION = [1, 18] as const;

export interface MeilisearchBinary {
  path: string;
  /** As `1.50.0`: the files of one version are of no use to another. */
  version: string;
}

export interface MeilisearchBinaryOptions {
  /** The value of MEILI_BIN: then it is this one or none. */
  explicit?: string;
  environment: NodeJS.ProcessEnv;
  /** Told of a program that was found and cannot be used. */
  report: (sentence: string) => void;
}

/**
 * Finds Meilisearch: MEILI_BIN, `meilisearch` on PATH, our cache. Nothing is downloaded: undefined when there is none.
 * @throws Error with a sentence when MEILI_BIN names a program that cannot be used.
 */
export async function findMeilisearchBinary({
  explicit,
  environment,
  report,
}: MeilisearchBinaryOptions): Promise<MeilisearchBinary | undefined> {
  if (explicit !== undefined) {
    const path = isAbsolute(explicit)
      ? explicit
      : (findOnPath(explicit, environment) ?? join(process.cwd(), explicit));
    const outcome = await examine(path);
    if ('version' in outcome) return outcome;
    throw new Error(
      `MEILI_BIN is ${explicit}, and that cannot be used: ${outcome.fault}. ` +
        'Set it to the path of Meilisearch, or leave it unset to have one found, or none.',
    );
  }
  const cached = join(cacheRoot(environment), 'meilisearch', 'meilisearch');
  const candidates = [findOnPath('meilisearch', environment), existsSync(cached) ? cached : undefined];
  for (const path of candidates.filter((candidate) => candidate !== undefined)) {
    const outcome = await examine(path);
    if ('version' in outcome) return outcome;
    report(`${path} cannot be used: ${outcome.fault}`);
  }
  return undefined;
}

async function examine(path: string): Promise<MeilisearchBinary | { fault: string }> {
  let output: string;
  try {
    ({ stdout: output } = await execute(path, ['--version'], { timeout: VERSION_TIMEOUT_MS }));
  } catch (error) {
    return { fault: `\`--version\` failed (${reasonOf(error)})` };
  }
  const match = /^meilisearch (\d+)\.(\d+)\.(\d+)/.exec(output.trim());
  if (!match) return { fault: `\`--version\` printed ${JSON.stringify(output.trim().slice(0, 80))}` };
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    return { fault: `version ${major}.${minor} is older than ${OLDEST_VERSION.join('.')}` };
  }
  return { path, version: match.slice(1, 4).join('.') };
}
