import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const TIMEOUT_MS = 30_000;

/** What runs code of a language, told on the command line. */
const PROGRAMS = {
  bash: ['bash', '-euc'],
  javascript: [process.execPath, '--input-type=module', '-e'],
  python: ['python3', '-c'],
  php: ['php', '-r'],
} as const;
export type Language = keyof typeof PROGRAMS;

/** Whether this machine runs code of the language, with the library that the documentation uses. */
export function canRun(language: Language): boolean {
  const [program] = PROGRAMS[language];
  const probe = {
    bash: ['-c', 'curl --version'],
    javascript: ['-v'],
    python: ['-c', 'import requests'],
    php: ['-r', 'curl_version();'],
  };
  return spawnSync(program, probe[language], { stdio: 'ignore' }).status === 0;
}

/** Runs the code; rejects when it fails. @returns what it printed. */
export async function run(
  language: Language,
  code: string,
  environment: Record<string, string> = {},
): Promise<string> {
  const [program, ...options] = PROGRAMS[language];
  const { stdout } = await promisify(execFile)(program, [...options, code.replace(/^<\?php\n/, '')], {
    env: { ...process.env, ...environment },
    timeout: TIMEOUT_MS,
  });
  return stdout;
}
