import { cutText } from '../../text';

/** Of a body in any format, in bytes of UTF-8. */
export const MAX_BODY_BYTES = 262_144;

/** What a UTF-16 unit comes to at most: a pair of them is four bytes. */
const MAX_BYTES_OF_UNIT = 3;
const ELLIPSIS = '…';

/**
 * The text within so many UTF-16 units, with an ellipsis in the place of what is cut. Every service counts in units or in characters,
 * of which there are never more.
 * @param half What may be left of an escape or the like that the cut has gone through.
 */
export function shorten(text: string, most: number, half?: RegExp): string {
  if (text.length <= most) return text;
  if (most < 1) return '';
  const kept = cutText(text, most - 1);
  return `${(half ? kept.replace(half, '') : kept).trimEnd()}${ELLIPSIS}`;
}

/** The same for bytes of UTF-8. */
export function shortenToBytes(text: string, most: number): string {
  if (fitsBytes(text, most)) return text;
  return shorten(
    text,
    greatestWithin(Math.min(most, text.length), (units) => fitsBytes(shorten(text, units), most)),
  );
}

/** Whether the text is of so many bytes at most. Costs nothing for texts that are far from it. */
export function fitsBytes(text: string, most: number): boolean {
  if (text.length > most) return false;
  return text.length * MAX_BYTES_OF_UNIT <= most || new TextEncoder().encode(text).length <= most;
}

/** The greatest number from `least` to `most` that passes, where each smaller one passes, too; `least` when none does. */
export function greatestWithin(most: number, passes: (number: number) => boolean, least = 0): number {
  let [passing, failing] = [least, Math.max(most, least) + 1];
  while (failing - passing > 1) {
    const middle = Math.floor((passing + failing) / 2);
    if (passes(middle)) passing = middle;
    else failing = middle;
  }
  return passing;
}
