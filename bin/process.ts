import { ConfigError } from './config';
import { exitWithParent } from './stack/exitWithParent';

const STOP_DEADLINE_MS = 15_000;

let stop: (() => Promise<void>) | undefined;

/** What to do when the process is asked to end: finish what is under way, close what is open. */
export function onStop(action: () => Promise<void>): void {
  stop = action;
}

/**
 * Runs a process to its end: stops cleanly on SIGTERM and SIGINT, or when the parent that started it is gone; a start that
 * fails prints one sentence and exits with 1.
 */
export function runProcess(name: string, main: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
    (stop?.() ?? Promise.resolve()).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${name} did not stop cleanly: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  exitWithParent();
  main().catch((error: unknown) => {
    const text =
      error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${name} could not start: ${text ?? 'unknown error'}\n`);
    process.exit(1);
  });
}
