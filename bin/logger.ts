import pino, { type Logger } from 'pino';

/** Structured logs on standard output: one line a thing, with ids, without secrets or payloads. */
export function createLogger(name: string, level: string): Logger {
  return pino({ name, level, base: { name, pid: process.pid } });
}
