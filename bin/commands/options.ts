import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { AppError } from '../../domain/errors';
import { type MappingDocument, parseMappingDocument } from '../../domain/mapping/mappingDocument';
import { type Timestamp, toTimestamp } from '../../domain/time';
import { describeJsonFault } from '../../sources/file/jsonFault';

/** Paths are the caller's: npm runs us in the repository, and says where it was called. */
export function callerPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path);
}

/** An ISO 8601 time of the command line; a date alone is its midnight in UTC, a time without zone is UTC. */
export function parseTimeOption(text: string): Timestamp {
  const hasZone = /(z|[+-]\d{2}:?\d{2})$/i.test(text);
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const millis = Date.parse(hasZone || isDate ? text : `${text}Z`);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(millis)) {
    throw new InvalidArgumentError('It is no ISO 8601 time; an example is 2026-01-20T12:00:00Z.');
  }
  return toTimestamp(millis);
}

/** A reader of a whole number from 1 to `most`. */
export function parseLimit(most: number): (text: string) => number {
  return (text) => {
    const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (limit >= 1 && limit <= most) return limit;
    throw new InvalidArgumentError(`Give a whole number from 1 to ${most}.`);
  };
}

/**
 * Reads and checks a mapping document.
 * @throws AppError naming the file, and each faulty field within it.
 */
export async function readMappingFile(path: string): Promise<MappingDocument> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new AppError('invalid_parameter', `The mapping ${path} cannot be read: ${String(error)}`);
  });
  let json: unknown;
  try {
    // Editors of some systems begin a file with a mark.
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw new AppError('invalid_parameter', `The mapping ${path} is no JSON: ${describeJsonFault(text, 1)}.`);
  }
  try {
    return parseMappingDocument(json);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError('invalid_parameter', `The mapping ${path} is faulty. ${error.message}`, {
      faults: error.faults,
      cause: error,
    });
  }
}
