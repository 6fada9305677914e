import { distance } from 'fastest-levenshtein';

// One typing error from five letters on and two from nine, the rule that Meilisearch made usual; the first letter is right.
const ONE_EDIT_LENGTH = 5;
const TWO_EDITS_LENGTH = 9;

/** How many typing errors a word may have: 0 to 2. Words with digits have none, for `3D` is not `2D`. */
export function allowedEdits(word: string): number {
  if (!/^[\p{L}\p{M}]+$/u.test(word)) return 0;
  if (word.length < ONE_EDIT_LENGTH) return 0;
  return word.length < TWO_EDITS_LENGTH ? 1 : 2;
}

/** Those of the words that may be meant by a misspelt one, the nearest first. */
export function nearSpellings(word: string, candidates: readonly string[]): string[] {
  const allowed = allowedEdits(word);
  return candidates
    .filter((candidate) => candidate !== word && candidate.charAt(0) === word.charAt(0))
    .map((candidate) => ({ candidate, edits: editsBetween(word, candidate) }))
    .filter(({ edits }) => edits <= allowed)
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
    .map(({ candidate }) => candidate);
}

/** Letters put in, left out or exchanged; two neighbours that changed places are one error. */
function editsBetween(left: string, right: string): number {
  return areSwapped(left, right) ? 1 : distance(left, right);
}

function areSwapped(left: string, right: string): boolean {
  if (left.length !== right.length) return false;
  const at = left.split('').findIndex((_, index) => left.charAt(index) !== right.charAt(index));
  return (
    left.charAt(at) === right.charAt(at + 1) &&
    left.charAt(at + 1) === right.charAt(at) &&
    left.slice(at + 2) === right.slice(at + 2)
  );
}
