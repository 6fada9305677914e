import { distance } from 'fastest-levenshtein';

const MAX_LENGTH = 60;
/** From here on the beginning of a value is enough to suggest the value. */
const MIN_PREFIX_LENGTH = 4;

/** The value nearest to a misspelt one; null if none is near, and for numbers, where a digit off is no spelling mistake. */
export function nearestOf(values: readonly string[]): (text: string) => string | null {
  return (text) => {
    const key = keyOf(text);
    if (text.length > MAX_LENGTH || !/\p{L}/u.test(key)) return null;
    const begun = key.length >= MIN_PREFIX_LENGTH && values.find((value) => keyOf(value).startsWith(key));
    if (begun) return begun;
    const [nearest] = values
      .map((value) => ({ value, edits: distance(key, keyOf(value)) }))
      .sort((a, b) => a.edits - b.edits);
    return nearest && nearest.edits <= Math.min(3, Math.floor(key.length / 2)) ? nearest.value : null;
  };
}

function keyOf(text: string): string {
  return text.toLowerCase().replace(/[\s_-]+/g, '');
}
