import { DateTime } from 'luxon';
import { toTimestamp, type Timestamp } from '../../time';
import { parsed, unparsed, type Parsed } from './parsed';

const MAX_LENGTH = 80;
const MIN_YEAR = 1970;
const MAX_YEAR = 2200;

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:(?:T|\s+)(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** Reads a time in one format; null when the text is not in it. */
export type TimeReader = (text: string) => Timestamp | null;

const NAMED_FORMATS: Readonly<Record<string, (zone: string) => TimeReader>> = {
  iso: (zone) => (text) => readIso(text, zone),
  rfc822: () => (text) => ofDateTime(DateTime.fromRFC2822(text)),
  epoch: () => (text) => readEpoch(text, 1_000, 11),
  epochMillis: () => (text) => readEpoch(text, 1, 14),
};

/** What a time without `format` is read by. */
export const DEFAULT_TIME_FORMATS = ['iso', 'rfc822'] as const;

/** A reader for a named format (`iso`, `rfc822`, `epoch`, `epochMillis`) or one in Luxon's letters (`M/d/yyyy h:mma`). */
export function timeReader(format: string, zone: string): TimeReader {
  const named = Object.hasOwn(NAMED_FORMATS, format) ? NAMED_FORMATS[format] : undefined;
  if (named) return named(zone);
  const spaced = format.trim().replace(/\s+/g, ' ');
  const parser = DateTime.buildFormatParser(spaced, { locale: 'en-US' });
  return (text) =>
    ofDateTime(DateTime.fromFormatParser(text.replace(/\s+/g, ' '), parser, { zone, locale: 'en-US' }));
}

/** The names and letters that a format can consist of, for people. */
export const TIME_FORMATS_EXPECTED = `${Object.keys(NAMED_FORMATS).join(', ')}, or Luxon's letters such as M/d/yyyy h:mma`;

/**
 * Why a format cannot be used, and what was probably meant; null when it can: it must state a day, and read what it writes.
 */
export function faultOfTimeFormat(format: string): { message: string; meant?: string } | null {
  if (Object.hasOwn(NAMED_FORMATS, format)) return null;
  const named = Object.keys(NAMED_FORMATS).find((name) => name.toLowerCase() === format.trim().toLowerCase());
  if (named !== undefined) return { message: 'the name is written otherwise', meant: named };
  // Other libraries write YYYY-MM-DD; here DD is a whole date in words.
  if (/[YD]/.test(format.replace(/'[^']*'/g, ''))) {
    return {
      message: 'the year is y and the day is d',
      meant: format.replaceAll('Y', 'y').replaceAll('D', 'd'),
    };
  }
  const noFormat = { message: 'it is none of these' };
  const sample = DateTime.utc(2021, 11, 23, 14, 35, 46);
  try {
    const read = DateTime.fromFormat(sample.setLocale('en-US').toFormat(format), format, {
      zone: 'UTC',
      locale: 'en-US',
    });
    if (!read.isValid) return noFormat;
    return read.hasSame(sample, 'day') ? null : { message: 'it does not state year, month and day' };
  } catch {
    return noFormat;
  }
}

export function isZone(zone: string): boolean {
  return DateTime.utc().setZone(zone).isValid;
}

/** The first reading that succeeds, as a time in UTC. */
export function parseTime(text: string, readers: readonly TimeReader[]): Parsed<Timestamp> {
  const trimmed = text.trim();
  if (trimmed.length <= MAX_LENGTH) {
    for (const read of readers) {
      const time = read(trimmed);
      if (time !== null) return parsed(time);
    }
  }
  return unparsed('is no time in the format that the mapping gives');
}

function readIso(text: string, zone: string): Timestamp | null {
  const match = ISO.exec(text);
  if (!match) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', offset] = match;
  const isUtc = offset === undefined ? /^(?:utc|gmt|z)$/i.test(zone) : /^(?:z|utc|gmt)$/i.test(offset);
  const local = `${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}`;
  if (isUtc) return readUtc(`${local}Z`);
  return ofDateTime(DateTime.fromISO(`${local}${offset ?? ''}`, { zone, setZone: false }));
}

/** Most times come in UTC, and there are several in each row: without Luxon, which takes ten times as long. */
function readUtc(iso: string): Timestamp | null {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return null;
  const time = toTimestamp(ms);
  // `Date` reads 31 February as 3 March, and midnight at the end of a day as the next day's.
  const isSameDay = time.startsWith(iso.slice(0, 10)) || iso.slice(11, 13) === '24';
  const year = Number(time.slice(0, 4));
  return isSameDay && year >= MIN_YEAR && year <= MAX_YEAR ? time : null;
}

function readEpoch(text: string, unitMs: number, maxDigits: number): Timestamp | null {
  if (!/^\d+(?:\.\d{1,6})?$/.test(text)) return null;
  const [whole = ''] = text.split('.');
  // More digits than a time in this unit has: it is in another unit.
  if (whole.length >= maxDigits) return null;
  return ofDateTime(DateTime.fromMillis(Math.round(Number(text) * unitMs), { zone: 'utc' }));
}

function ofDateTime(time: DateTime): Timestamp | null {
  if (!time.isValid) return null;
  const { year } = time.toUTC();
  return year >= MIN_YEAR && year <= MAX_YEAR ? toTimestamp(time.toMillis()) : null;
}
