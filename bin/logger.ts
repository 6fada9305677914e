import pino, { type Logger, type SerializedError } from 'pino';

/** Of Postgres's errors: they may hold values of the row that one is about. */
const MEMBERS_WITH_VALUES = ['detail', 'where', 'internalQuery'];

/** Structured logs on standard output: one line a thing, with ids, without secrets or payloads. */
export function createLogger(name: string, level: string): Logger {
  return pino({ name, level, base: { name, pid: process.pid }, serializers: { err: withoutValues } });
}

function withoutValues(error: Error): SerializedError {
  const shown = pino.stdSerializers.err(error);
  return Object.assign(shown, Object.fromEntries(MEMBERS_WITH_VALUES.map((member) => [member, undefined])));
}
