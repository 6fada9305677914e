import { closest, distance } from 'fastest-levenshtein';
import type { FieldFault } from '../errors';

const MAX_FAULTS = 50;
const MAX_SHOWN_LENGTH = 100;

/** Collects what is wrong with a document, fault by fault, each under the path of what it concerns. */
export interface FaultReport {
  readonly faults: readonly FieldFault[];
  add(path: string, fault: Omit<FieldFault, 'parameter' | 'received'> & { received?: unknown }): void;
}

export function faultReport(): FaultReport {
  const faults: FieldFault[] = [];
  return {
    faults,
    add: (path, { received, ...fault }) => {
      if (faults.length >= MAX_FAULTS) return;
      faults.push({
        parameter: path,
        ...fault,
        ...(received === undefined ? {} : { received: shown(received) }),
      });
    },
  };
}

/** A value as JSON, short enough to be shown. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string' ? value : ((JSON.stringify(value) as string | undefined) ?? String(value));
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

/** The known name nearest to a misspelt one, case and separators aside; undefined if none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const simple = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = simple(name).slice(0, MAX_SHOWN_LENGTH);
  if (wanted === '' || known.length === 0) return undefined;
  const same = known.find((candidate) => simple(candidate) === wanted);
  if (same !== undefined) return same;
  const ending = known.find(
    (candidate) => candidate.includes('.') && simple(candidate.slice(candidate.lastIndexOf('.'))) === wanted,
  );
  if (ending !== undefined) return ending;
  const nearest = closest(wanted, known.map(simple));
  const allowed = wanted.length < 5 ? 1 : Math.max(2, Math.floor(wanted.length / 3));
  if (distance(wanted, nearest) > allowed)
    return known.find((candidate) => lettersOf(simple(candidate)) === lettersOf(wanted));
  return known.find((candidate) => simple(candidate) === nearest);
}

/** The same for words that differ only in the order of their letters: `form` and `from`. */
function lettersOf(word: string): string {
  return word.split(/(?:)/u).sort().join('');
}
