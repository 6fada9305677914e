import { distance } from 'fastest-levenshtein';

const MAX_LENGTH = 100;
const MAX_EDITS = 3;

/** The known name that a name of nothing is probably meant for; null when none is near. */
export function nearestName(name: string, knownNames: readonly string[]): string | null {
  const wanted = name
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/\[\w*\]$/, '')
    .replaceAll('-', '_');
  const [nearest] = knownNames
    .map((known) => ({ known, edits: distance(wanted, known.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  if (!nearest) return null;
  // Two letters are near to every short name.
  const allowed = Math.min(MAX_EDITS, Math.floor(wanted.length / 3));
  return nearest.edits <= allowed ? nearest.known : null;
}
