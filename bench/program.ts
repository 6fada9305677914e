import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { nodeArguments } from './stack';

/**
 * Runs a program of the bench in a process of its own, hands over the first line that it prints, which is JSON of numbers by name, and ends it
 * afterwards.
 */
export async function withProgram<T>(
  program: string,
  args: readonly string[],
  action: (said: Readonly<Record<string, number>>) => Promise<T> | T,
): Promise<T> {
  const child = spawn(process.execPath, [...nodeArguments(program), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface(child.stdout);
    const line = await Promise.race([
      once(lines, 'line').then(([first]) => first as string),
      // Closed after its last line.
      once(lines, 'close').then(() => null),
    ]);
    if (line === null) throw new Error(`${program} ended before it said anything.`);
    return await action(JSON.parse(line) as Record<string, number>);
  } finally {
    child.kill();
  }
}
