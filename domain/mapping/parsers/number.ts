import { parsed, unparsed, type Parsed } from './parsed';

const MAX_DIGITS = 30;

/**
 * A decimal number in digits with separators, as people and machines write it: `1234.5`, `1,234`, `1.234,50`, `1 234`, `1'234`,
 * `1,50,000`. Two kinds of separators: the last one is the decimal point. One that repeats groups digits. A lone comma before
 * three digits groups; a lone point before three digits is a decimal point, unless `pointGroups` says that it groups.
 * Returns null for what is no number; never negative.
 */
export function readDecimal(text: string, { pointGroups = false } = {}): number | null {
  const digits = text.trim();
  if (digits.length > MAX_DIGITS || !/^\d[\d.,'’\s]*$/.test(digits) || /[.,'’\s]$/.test(digits)) return null;
  if (/^\d+$/.test(digits)) return Number(digits);

  const points = digits.split('.').length - 1;
  const commas = digits.split(',').length - 1;
  const decimal = decimalSeparator(digits, points, commas, pointGroups);
  const [whole = '', fraction = ''] = decimal === null ? [digits] : splitAtLast(digits, decimal);
  if (!/^\d*$/.test(fraction)) return null;
  const isGrouped = /\D/.test(whole);
  if (isGrouped && !isProperlyGrouped(whole)) return null;
  return Number(`${whole.replace(/\D/g, '')}.${fraction === '' ? '0' : fraction}`);
}

function decimalSeparator(
  digits: string,
  points: number,
  commas: number,
  pointGroups: boolean,
): '.' | ',' | null {
  if (points > 0 && commas > 0) return digits.lastIndexOf('.') > digits.lastIndexOf(',') ? '.' : ',';
  if (points === 1) return pointGroups && /^[1-9]\d{0,2}\.\d{3}$/.test(digits) ? null : '.';
  if (commas === 1) return /^[1-9]\d{0,2}([\s'’]\d{3})*,\d{3}$/.test(digits) ? null : ',';
  return null;
}

function splitAtLast(text: string, separator: string): [string, string] {
  const at = text.lastIndexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Groups of three after the first, all by one separator; or the Indian way, `1,50,000`. */
function isProperlyGrouped(whole: string): boolean {
  return /^\d{1,3}(?:([.,'’\s])\d{3})(?:\1\d{3})*$/.test(whole) || /^\d{1,2}(?:,\d{2})+,\d{3}$/.test(whole);
}

/** A count: `12`, `1,234`, `3.0`; no sign, no fraction. */
export function parseCount(text: string): Parsed<number> {
  const value = readDecimal(text);
  if (value === null || !Number.isSafeInteger(value)) return unparsed('is no whole number');
  return parsed(value);
}

const MAX_SCORE = 5;

/** A rating from 0 to 5, with at most nine decimals. */
export function parseScore(text: string): Parsed<number> {
  const value = readDecimal(text);
  if (value === null || value > MAX_SCORE) return unparsed('is no rating from 0 to 5');
  return parsed(Number(value.toFixed(9)));
}
